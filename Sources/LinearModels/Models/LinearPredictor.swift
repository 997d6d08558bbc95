/// What of a fit predicts: coefficients on the original scale and an intercept, such as a file keeps.
///
/// ```swift
/// let predictor = try LinearPredictor(names: ["age", "weight"], coefficients: [0.5, -2], intercept: 3)
/// try predictor.predict(x)                    // 3 + 0.5 age − 2 weight
/// ```
public struct LinearPredictor: Sendable, Hashable {
  /// The coefficients on the scale of the inputs as they were given.
  public let coefficients: Coefficients
  /// The intercept; 0 without one.
  public let intercept: Double

  /// Takes the predictor out of a fit.
  public init(_ fit: LinearFit) { (coefficients, intercept) = (fit.coefficients, fit.intercept) }

  init(coefficients: Coefficients, intercept: Double) {
    (self.coefficients, self.intercept) = (coefficients, intercept)
  }

  /// Makes a predictor of columns with names.
  ///
  /// - Throws: ``LinearModelError`` for a wrong number of coefficients, two equal names or a number that is not finite.
  public init(names: [String], coefficients: [Double], intercept: Double) throws(LinearModelError) {
    try requireEntries(coefficients, "the coefficients", count: names.count)
    guard intercept.isFinite else { throw .entryNotFinite(of: "the intercept", index: 0) }
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted { throw .invalidNames("two columns are called \(name)") }
    self.coefficients = Coefficients(names: ColumnNames(count: names.count, given: names), values: coefficients)
    self.intercept = intercept
  }

  /// Makes a predictor of columns that are called `x1` to `xp`.
  ///
  /// - Parameters:
  ///   - columns: How many columns there are; they take no memory.
  ///   - nonzero: The coefficients that are not 0, by the column's position counted from 0.
  ///   - intercept: The intercept.
  /// - Throws: ``LinearModelError`` for a position outside the columns or a number that is not finite.
  public init(columns: Int, nonzero: [Int: Double], intercept: Double) throws(LinearModelError) {
    let support = nonzero.keys.sorted()
    guard columns >= 0, support.allSatisfy({ (0..<columns).contains($0) }) else {
      throw .invalidNames("a coefficient lies outside the \(columns) columns")
    }
    let values = support.map { nonzero[$0] ?? 0 }
    try requireEntries(values, "the coefficients", count: support.count)
    guard intercept.isFinite else { throw .entryNotFinite(of: "the intercept", index: 0) }
    coefficients = Coefficients(names: ColumnNames(count: columns, given: nil), support: support, nonzero: values)
    self.intercept = intercept
  }

  /// The predictions `intercept + X β + offset`.
  ///
  /// - Parameters:
  ///   - x: Inputs with the columns of the coefficients, in their order.
  ///   - offsets: One for each row; none by default.
  /// - Throws: ``LinearModelError/wrongLength(of:expected:found:)``.
  public func predict(_ x: DesignMatrix, offsets: [Double]? = nil) throws(LinearModelError) -> [Double] {
    guard x.columns == coefficients.count else {
      throw .wrongLength(of: "a row of the inputs", expected: coefficients.count, found: x.columns)
    }
    if let offsets { try requireEntries(offsets, "the offsets", count: x.rows) }
    var predictions = [Double](repeating: intercept, count: x.rows)
    x.addProduct(coefficients, to: &predictions)
    if let offsets { for row in predictions.indices { predictions[row] += offsets[row] } }
    return predictions
  }
}

import BLAS

/// The whole lasso path exactly, knot by knot, by the homotopy of Osborne, Presnell and Turlach (IMA Journal of Numerical
/// Analysis 20, 2000), which is the lasso variant of least angle regression (Efron, Hastie, Johnstone and Tibshirani, Annals
/// of Statistics 32, 2004).
///
/// ```swift
/// let path = try LassoHomotopy().fit(x, y)
/// for knot in path.knots { print(knot.lambda, path.names[knot.column], knot.enters) }
/// try path.fit(at: 100)                       // exact: between knots the coefficients are linear
/// ```
///
/// At each knot the coefficients follow from the active set and its signs anew, so that errors do not add up.
public struct LassoHomotopy: LinearModel {
  /// Standardisation, intercept, penalty factors, tolerance of the certificates.
  public var settings: RegressionSettings
  /// The most knots; a path can have many more than columns.
  public var maximumKnots: Int
  /// The path ends at this share of its first lambda; 1e-10 by default, below which knots are rounding errors.
  public var smallestRatio: Double

  /// Makes a model.
  public init(
    settings: RegressionSettings = RegressionSettings(), maximumKnots: Int = 10_000, smallestRatio: Double = 1e-10
  ) {
    self.settings = settings
    self.maximumKnots = maximumKnots
    self.smallestRatio = smallestRatio
  }

  /// Follows the path; see ``LinearModel/fit(_:_:weights:offsets:)``.
  public func fit(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?
  ) throws(LinearModelError) -> HomotopyPath {
    try settings.validate()
    guard smallestRatio > 0, smallestRatio < 1 else {
      throw .invalidParameter(name: "smallestRatio", expected: "above 0 and below 1", found: smallestRatio)
    }
    let problem = try RegressionProblem(
      x, y, weights: weights, offsets: offsets, settings: settings, pool: .shared)
    var system = HomotopySystem(problem)
    let norms = problem.design.statistics.squaredNorms
    for column in problem.factors.indices where problem.factors[column] == 0 && norms[column] > 0 {
      _ = try system.enter(column, sign: 0)
    }

    var knots: [HomotopyPath.Knot] = []
    var segments: [HomotopyPath.Segment] = []
    var level = Double.infinity
    var lastDropped: (column: Int, sign: Double)?
    var ignored: Set<Int> = []
    var isComplete = true
    while true {
      let line = HomotopyLine(problem, system)
      segments.append(
        HomotopyPath.Segment(
          upper: level, active: system.active, constant: line.constant, slope: line.slope, signs: system.signs))
      let floor = knots.first.map { $0.level * smallestRatio } ?? 0
      let isFirst = knots.isEmpty
      guard knots.count < maximumKnots else {
        isComplete = false
        break
      }
      let event = line.next(below: level, system, lastDropped: lastDropped, ignored: ignored)
      let lowest = max(min(event?.level ?? 0, level), floor)
      guard isFirst || line.isOptimal(at: lowest, system) else {
        isComplete = false
        break
      }
      guard let event, event.level > (isFirst ? 1e-14 * problem.targetSquares.squareRoot() : floor) else { break }
      let reached = min(event.level, level)
      switch event.kind {
      case .enters(let column, let sign):
        guard try system.enter(column, sign: sign) else {
          // A combination of active columns keeps to the bound and adds nothing until one of them leaves; the line goes on.
          ignored.insert(column)
          segments.removeLast()
          continue
        }
        level = reached
        lastDropped = nil
        knots.append(HomotopyPath.Knot(level: level, column: column, enters: true))
      case .leaves(let index):
        let column = system.active[index]
        level = reached
        lastDropped = (column, system.signs[index])
        try system.leave(index)
        ignored = []
        knots.append(HomotopyPath.Knot(level: level, column: column, enters: false))
      }
    }
    return HomotopyPath(problem, settings, knots, segments, isComplete: isComplete)
  }
}

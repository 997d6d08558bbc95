import BLAS
import LinearModels
import Tensors
import Testing

/// Float numbers give the very fit of the same numbers in Double.
@Suite struct SinglePrecisionTests {
  let x: Matrix<Float>
  let y: [Float]
  let counts: [Float]

  init() {
    let problem = TestProblem(40, 4, seed: 451)
    x = Matrix(rows: 40, columns: 4, elements: problem.x.elements.map { Float($0) })
    y = problem.y.map { Float($0) }
    counts = target(.binomial, problem, seed: 452).map { Float($0) }
  }

  private var widened: DesignMatrix {
    get throws { try DesignMatrix(Matrix<Double>(rows: 40, columns: 4, elements: x.elements.map { Double($0) })) }
  }

  private func doubles(_ values: [Float]) -> [Double] { values.map { Double($0) } }

  /// A model's coefficients from Float matrices, from Float tensors and from Double.
  private func check<M: LinearModel>(
    _ model: M, _ y: [Float], _ coefficients: (M.Fit) -> [Double], _ gap: (M.Fit) -> Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try model.fit(widened, doubles(y))
    let found = try model.fit(x, y)
    #expect(coefficients(found) == coefficients(expected), sourceLocation: sourceLocation)
    // The certificate has the digits of Double.
    #expect(gap(found) == gap(expected) && gap(found) < 1e-11, sourceLocation: sourceLocation)
    for shape: Shape in [[40], [40, 1]] {
      let tensors = try model.fit(Tensor<Float>([40, 4], x.elements), Tensor<Float>(shape, y))
      #expect(coefficients(tensors) == coefficients(expected), sourceLocation: sourceLocation)
    }
  }

  @Test func everyModel() throws {
    let settings = RegressionSettings(tolerance: 1e-12)
    let linear: (LinearFit) -> [Double] = { $0.coefficients.values + [$0.intercept] }
    let general: (GeneralizedLinearFit) -> [Double] = { $0.coefficients.values + [$0.intercept] }
    try check(LeastSquares(), y, { linear($0.fit) }, { $0.fit.dualityGap })
    try check(Ridge(lambda: 2, settings: settings), y, linear, \.dualityGap)
    try check(Lasso(lambda: 20, settings: settings), y, linear, \.dualityGap)
    try check(ElasticNet(lambda: 9, mixing: 0.5, settings: settings), y, linear, \.dualityGap)
    try check(GroupLasso(lambda: 9, groups: ColumnGroups([0, 0, 1, 1]), settings: settings), y, general, \.dualityGap)
    try check(LogisticRegression(.lasso(3), settings: settings), counts, general, \.dualityGap)
    try check(PoissonRegression(.ridge(3), settings: settings), counts, general, \.dualityGap)
    try check(
      GeneralizedLinearModel(.binomial, penalty: .elasticNet(2, mixing: 0.3), settings: settings), counts, general,
      \.dualityGap)
    try check(
      MaximumLikelihood(.binomial, tolerance: 1e-12), counts, { $0.terms.map(\.standardError) }, { $0.fit.dualityGap })
    try check(AdaptiveLasso(lambda: 5, settings: settings), y, \.coefficients.values, { $0.fit.dualityGap })
    try check(
      RelaxedLasso(lambda: 5, blend: 0.5, settings: settings), y, \.coefficients.values, { $0.lasso.dualityGap })
    let several = Matrix<Float>(rows: 40, columns: 2, elements: zip(y, counts).flatMap { [$0, $1] })
    let found = try MultiResponseModel(.lasso(5), settings: settings).fit(x, several)
    let expected = try MultiResponseModel(.lasso(5), settings: settings).fit(
      widened, Matrix<Double>(rows: 40, columns: 2, elements: several.elements.map { Double($0) }))
    #expect(found.coefficients == expected.coefficients && found.isCertified)
  }

  @Test func coefficientsAsFloat() throws {
    let fit = try Lasso(lambda: 40).fit(x, y)
    let single = fit.coefficients.values(as: Float.self)
    #expect(single == fit.coefficients.values.map { Float($0) } && single.contains(0))
    #expect(fit.coefficients.values(as: Double.self) == fit.coefficients.values)
  }

  @Test func sparseAndShapes() throws {
    let starts = (0...4).map { $0 * 40 }
    let rows = (0..<4).flatMap { _ in (0..<40).map { Int32($0) } }
    let columns = (0..<4).flatMap { column in (0..<40).map { x[$0, column] } }
    let single = try SparseMatrix(rows: 40, columns: 4, columnStarts: starts, rowIndices: rows, values: columns)
    let double = try SparseMatrix(
      rows: 40, columns: 4, columnStarts: starts, rowIndices: rows, values: doubles(columns))
    #expect(single.values == double.values)
    #expect(throws: LinearModelError.self) { try DesignMatrix(Tensor<Float>([160], x.elements)) }
    #expect(throws: LinearModelError.self) {
      try Ridge(lambda: 1).fit(Tensor<Float>([40, 4], x.elements), Tensor<Float>([20, 2], y))
    }
    // Beyond the range of Float there is infinity, as wherever a Double is rounded to it.
    let huge = try Ridge(lambda: 0).fit(
      Matrix<Double>(rows: 3, columns: 1, elements: [1e-30, 2e-30, 4e-30]), [1e20, 2e20, 4e20])
    #expect(huge.coefficients.values(as: Float.self)[0].isInfinite)
  }
}

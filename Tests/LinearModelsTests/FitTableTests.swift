import BLAS
import LinearModels
import Testing

@Suite struct FitTableTests {
  @Test func aPenalisedFitPrintsAsATable() throws {
    let x = try DesignMatrix(
      Matrix<Double>(rows: 4, columns: 3, elements: [1, 0, 0, 0, 1, 0, 1, 1, 0, 2, -1, 1]), names: ["a", "long", "c"])
    let fit = try Lasso(lambda: 0.5).fit(x, [3, -5, -2, 11])
    let lines = fit.description.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines[0].split(separator: " ") == ["Coefficient", "Standardized"])
    #expect(lines[1].hasPrefix("(Intercept)  "))
    let shown = fit.coefficients.support.map { fit.coefficients.names[$0] }
    #expect(!shown.isEmpty && lines[2..<2 + shown.count].map { String($0.prefix { $0 != " " }) } == shown)
    #expect(lines[2 + shown.count] == "---")
    let summary = lines.suffix(3).joined(separator: "\n")
    #expect(summary.contains("\(shown.count) of 3 coefficients are not 0; l1 0.5, l2 0"))
    #expect(summary.contains("RSS: ") && summary.contains("Duality gap: ") && summary.contains("(converged)"))
  }

  @Test func ridgeHasItsPathAndCrossValidation() throws {
    let problem = TestProblem(40, 5, seed: 91)
    let (ridge, net) = (Ridge(lambda: 1), ElasticNet(lambda: 1, mixing: 0))
    let grid = LambdaGrid.automatic(count: 8, ratio: 0.01)
    let (path, expected) = (
      try ridge.path(problem.dense, problem.y, grid: grid), try net.path(problem.dense, problem.y, grid: grid)
    )
    #expect(path.fits.map(\.coefficients) == expected.fits.map(\.coefficients) && path.fits.allSatisfy { $0.l1 == 0 })
    let folds = Folds.random(count: 4, seed: 2)
    let found = try ridge.crossValidate(problem.dense, problem.y, grid: grid, folds: folds)
    #expect(try found.meanError == net.crossValidate(problem.dense, problem.y, grid: grid, folds: folds).meanError)
  }
}

import BLAS
import LinearModels
import Testing

/// Published figures of the lasso on the diabetes data: Efron, Hastie, Johnstone and Tibshirani, "Least angle regression"
/// (2004), with the knots to twelve digits.
@Suite(.enabled(if: PublishedData.isThere, "set RIDGELINE_DATA to a folder with regression/ in it"))
struct PublishedLassoTests {
  static let knots: [(value: Double, name: String, enters: Bool)] = [
    (949.435260384, "bmi", true), (889.315990735, "ltg", true), (452.900968908, "map", true),
    (316.074052698, "hdl", true), (130.130851302, "sex", true), (88.7824298155, "glu", true),
    (68.9652212024, "tc", true), (19.9812546781, "tch", true), (5.47747294605, "ldl", true),
    (5.0891788056, "age", true), (2.18224972883, "hdl", false), (1.31043524851, "hdl", true),
  ]

  /// Just above and just below each knot the supports differ by its variable alone.
  @Test func theTwelveKnots() throws {
    let (x, y) = try PublishedData.diabetes()
    var support: Set<String> = []
    for knot in Self.knots {
      func fit(_ factor: Double) throws -> LinearFit {
        try Lasso(lambda: .lars(knot.value * factor), settings: RegressionSettings(tolerance: 1e-13)).fit(x, y)
      }
      let (above, below) = (try fit(1 + 1e-9), try fit(1 - 1e-9))
      func names(_ fit: LinearFit) -> Set<String> { Set(fit.coefficients.support.map { fit.coefficients.names[$0] }) }
      #expect(names(above) == support, "above \(knot.value)")
      if knot.enters { support.insert(knot.name) } else { support.remove(knot.name) }
      #expect(names(below) == support, "below \(knot.value)")
      #expect(above.isCertified && below.isCertified)
    }
    #expect(support.count == 10)
  }

  @Test func scalesAndLeastSquares() throws {
    let (x, y) = try PublishedData.diabetes()
    let none = try Lasso(lambda: 39_921.4666).fit(x, y)
    #expect(none.coefficients.support.isEmpty)
    #expect(try Lasso(lambda: 39_921.4664).fit(x, y).coefficients.support == [2])
    let knot = 452.900968908
    let ours = try Lasso(lambda: .lars(knot)).fit(x, y)
    let unitNorm = try Lasso(lambda: .lars(knot), settings: RegressionSettings(standardisation: .unitNorm)).fit(x, y)
    expectClose(ours.coefficients.values, unitNorm.coefficients.values, 1e-6)
    let free = try Ridge(lambda: 0).fit(x, y)
    #expect(abs(free.rss - 1_263_983.156255) < 1e-5)
  }
}

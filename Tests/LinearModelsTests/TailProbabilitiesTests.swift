import Testing

@testable import LinearModels

/// Values of SciPy 1.x (`stats.t.sf`, `stats.t.isf`, `stats.f.sf`, `special.betaln`), and closed forms (also of ln B(1e6, ½)).
@Suite struct TailProbabilitiesTests {
  static let tails: [(Double, Double, Double)] = [
    (0.5, 1.0, 0.70483276469913347), (2.0, 3.0, 0.13932596855884305), (2.5, 10.0, 0.031446844236608817),
    (0.001, 7.0, 0.99923001724499882), (40.0, 5.0, 1.8411962171772954e-07), (6.0, 100.0, 3.1724915028028523e-08),
    (1.96, 1e6, 0.049996067585269852), (1e5, 2.5, 4.5495038463512449e-13),
  ]
  @Test(arguments: tails) func student(_ t: Double, _ degrees: Double, _ expected: Double) {
    #expect(abs(StudentT.twoSidedTail(t, degrees: degrees) / expected - 1) < 1e-9)
    #expect(StudentT.twoSidedTail(-t, degrees: degrees) == StudentT.twoSidedTail(t, degrees: degrees))
  }

  /// Two degrees of freedom: P = 1 − t / √(2 + t²); four: a polynomial of the same.
  @Test(arguments: [0.1, 0.7, 1.3, 5.0]) func closedForms(_ t: Double) {
    let two = 1 - t / (2 + t * t).squareRoot()
    #expect(abs(StudentT.twoSidedTail(t, degrees: 2) / two - 1) < 1e-13)
    let s = t / (4 + t * t).squareRoot()
    #expect(abs(StudentT.twoSidedTail(t, degrees: 4) / (1 - s * (1.5 - 0.5 * s * s)) - 1) < 1e-12)
  }

  static let quantiles: [(Double, Double, Double)] = [
    (0.05, 1.0, 12.706204736174705), (0.05, 10.0, 2.2281388519862753), (0.01, 30.0, 2.7499956535672259),
    (0.05, 1e5, 1.9599877075346099),
  ]
  @Test(arguments: quantiles) func quantile(_ tail: Double, _ degrees: Double, _ expected: Double) {
    #expect(abs(StudentT.twoSidedQuantile(tail: tail, degrees: degrees) / expected - 1) < 1e-10)
  }

  @Test func ends() {
    #expect(StudentT.twoSidedTail(0, degrees: 5) == 1)
    #expect(StudentT.twoSidedTail(.infinity, degrees: 5) == 0)
    #expect(StudentT.twoSidedTail(.nan, degrees: 5).isNaN)
    #expect(StudentT.twoSidedQuantile(tail: 0, degrees: 3) == .infinity)
    #expect(FisherF.upperTail(0, 2, 3) == 1 && FisherF.upperTail(.infinity, 2, 3) == 0)
  }

  static let fisher: [(Double, Double, Double, Double)] = [
    (1.0, 1.0, 1.0, 0.5), (3.5, 4.0, 20.0, 0.025385230866441282),
    (330.285339234588, 6.0, 9.0, 4.9840305287248135e-10), (0.2, 50.0, 70.0, 0.99999998951368207),
    (1.1, 2000.0, 3000.0, 0.0095363298482460581),
  ]
  @Test(arguments: fisher) func fisherTail(_ f: Double, _ d1: Double, _ d2: Double, _ expected: Double) {
    #expect(abs(FisherF.upperTail(f, d1, d2) / expected - 1) < 1e-10)
  }

  static let betas: [(Double, Double, Double)] = [
    (1e6, 0.5, -6.335390211057437), (30, 20, -33.968820791977386), (3, 2.5, -2.979983916585852),
    (3, 250, -15.883195763945423),
  ]
  @Test(arguments: betas) func logBeta(_ a: Double, _ b: Double, _ expected: Double) {
    #expect(abs(IncompleteBeta.logBeta(a, b) / expected - 1) < 1e-13)
    #expect(IncompleteBeta.logBeta(a, b) == IncompleteBeta.logBeta(b, a))
  }
}

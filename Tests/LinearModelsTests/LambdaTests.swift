import LinearModels
import Testing

@Suite struct LambdaTests {
  let context = LambdaContext(observations: 442, targetDeviation: 77)

  static let units: [(LambdaScale, PenaltyTerm, Double)] = [
    (.rss, .l1, 1.0), (.rss, .l2, 1.0), (.rss, .elasticNetL2, 1.0),
    (.sklearn, .l1, 1.0 / 884.0), (.sklearn, .l2, 1.0), (.sklearn, .elasticNetL2, 1.0 / 442.0),
    (.glmnet, .l1, 1.0 / 884.0), (.glmnet, .l2, 77.0 / 442.0), (.glmnet, .elasticNetL2, 77.0 / 442.0),
    (.lars, .l1, 0.023782574707724703),  // 1 / (2 sqrt 442)
  ]

  /// The table of scales: 1 on `.rss` in everyone else's units.
  @Test(arguments: LambdaTests.units)
  func table(_ scale: LambdaScale, _ term: PenaltyTerm, _ expected: Double) throws {
    let there = try Lambda.rss(1).converted(to: scale, term: term, in: context)
    #expect(there.scale == scale)
    #expect(abs(there.value / expected - 1) < 1e-14)
    let back = try Lambda(3, scale: scale).converted(to: .rss, term: term, in: context)
    #expect(abs(back.value * expected / 3 - 1) < 1e-14)
  }

  @Test func largestKnotOfDiabetes() throws {
    let lambda = try Lambda.lars(949.435260384).converted(to: .rss, term: .l1, in: context)
    #expect(abs(lambda.value - 39_921.4665) < 1e-4)
  }

  /// lars always has unit-norm columns, so its conversion knows what this package's columns are.
  @Test func larsDependsOnStandardisation() throws {
    func rss(_ standardisation: Standardisation) throws -> Double {
      let context = LambdaContext(observations: 101, targetDeviation: 1, standardisation: standardisation)
      return try Lambda.lars(1).converted(to: .rss, term: .l1, in: context).value
    }
    #expect(try rss(.population) == 2 * 101.0.squareRoot())
    #expect(try rss(.sample) == 20)
    #expect(try rss(.unitNorm) == 2)
    #expect(try rss(.none) == 2)
  }

  @Test func refusals() {
    #expect(throws: LinearModelError.scaleUndefined(scale: .lars, penalty: "L2")) {
      try Lambda.rss(1).converted(to: .lars, term: .l2, in: context)
    }
    #expect(throws: LinearModelError.self) { try Lambda.rss(-1).converted(to: .glmnet, term: .l1, in: context) }
    #expect(throws: LinearModelError.self) { try Lambda.rss(.nan).converted(to: .rss, term: .l1, in: context) }
    let flat = LambdaContext(observations: 3, targetDeviation: 0)
    #expect(throws: LinearModelError.self) { try Lambda.glmnet(1).converted(to: .rss, term: .l2, in: flat) }
  }

  @Test func literalsAreOnTheScaleOfRSS() {
    let lambda: Lambda = 10
    #expect(lambda == .rss(10))
  }
}

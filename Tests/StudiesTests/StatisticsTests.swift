import Foundation
import Studies
import Testing

@Suite struct StatisticsTests {
  @Test func meansAndDeviations() {
    #expect(Statistics.mean([2, 4, 9]) == 5)
    // Squares of the distances 9 + 1 + 16 = 26, halved.
    #expect(abs(Statistics.standardDeviation([2, 4, 9]) - 13.0.squareRoot()) < 1e-15)
    #expect(abs(Statistics.geometricMean([1, 8, 27]) - 6) < 1e-12)
    #expect(Statistics.mean([]).isNaN)
    #expect(Statistics.standardDeviation([3]).isNaN)
    #expect(Statistics.geometricMean([]).isNaN)
  }

  @Test func oneBadValueSpoilsAll() {
    #expect(Statistics.mean([1, .nan]).isNaN)
    #expect(Statistics.standardDeviation([1, 2, .infinity]).isNaN)
    #expect(Statistics.geometricMean([1, 0]).isNaN)
    #expect(Statistics.geometricMean([1, -2]).isNaN)
    #expect(Statistics.geometricMean([1, .infinity]).isNaN)
  }

  /// Tabulated quantiles: degrees of freedom, confidence, t to three decimals.
  @Test(arguments: [
    (1, 0.95, 12.706), (2, 0.95, 4.303), (3, 0.95, 3.182), (4, 0.95, 2.776), (9, 0.95, 2.262), (10, 0.95, 2.228),
    (29, 0.95, 2.045), (120, 0.95, 1.980), (1, 0.5, 1.000), (4, 0.99, 4.604), (5, 0.90, 2.015), (30, 0.999, 3.646),
  ])
  func quantilesOfStudent(_ degrees: Int, _ confidence: Double, _ expected: Double) {
    let distribution = StudentDistribution(degreesOfFreedom: degrees)
    let t = distribution.twoSidedQuantile(confidence)
    #expect(abs(t - expected) < 5.1e-4)
    #expect(abs(distribution.twoSidedProbability(t) - confidence) < 1e-12)
  }

  @Test func quantilesAtTheEdges() {
    let distribution = StudentDistribution(degreesOfFreedom: 3)
    #expect(abs(distribution.twoSidedQuantile(0)) < 1e-12)
    #expect(distribution.twoSidedQuantile(1).isNaN)
    #expect(distribution.twoSidedQuantile(-0.1).isNaN)
    #expect(distribution.twoSidedProbability(0) == 0)
  }

  @Test func estimates() {
    // s = 1, t(0.95, 2) = 4.30265, over sqrt(3).
    let estimate = Estimate([1, 2, 3])
    #expect(estimate.mean == 2)
    #expect(abs(estimate.halfWidth - 4.302653 / 3.0.squareRoot()) < 1e-6)
    #expect(estimate.lower < 0 && estimate.upper > 4)
    let single = Estimate([0.5])
    #expect(single.mean == 0.5)
    #expect(single.halfWidth.isNaN)
    #expect(single.lower == 0.5 && single.upper == 0.5)
    #expect(Estimate([]).mean.isNaN)
    #expect(Estimate([1, .nan]).mean.isNaN)
  }

  @Test func overlaps() {
    #expect(Estimate([1, 2, 3]).overlaps(Estimate([4, 5, 6])))
    #expect(!Estimate([1, 1.01, 1.02]).overlaps(Estimate([4, 4.01, 4.02])))
    #expect(!Estimate([1]).overlaps(Estimate([1])))
  }

  @Test func momentsOfNumbersFarFromZero() {
    let moments = Moments([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])
    #expect(moments.count == 4)
    #expect(moments.mean == 1e9 + 10)
    // Squares of the distances 36 + 9 + 9 + 36 = 90, by 4.
    #expect(abs(moments.standardDeviation - 22.5.squareRoot()) < 1e-9)
    #expect(Moments().standardDeviation.isNaN)
    #expect(Moments([Float(3)]).standardDeviation == 0)
  }
}

import Testing

@testable import Tensors

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

struct DistributionTests {
  static let distributions: [Distribution] = [
    .uniform(-0.05...0.05), .uniform(2...5), .normal(mean: 0, standardDeviation: 1),
    .normal(mean: -3, standardDeviation: 0.1),
    .truncatedNormal(mean: 0, standardDeviation: 1, bounds: -2...2),
    .truncatedNormal(mean: 1, standardDeviation: 2, bounds: 0...1.5),
    .truncatedNormal(mean: 0, standardDeviation: 1, bounds: 3...4),
    .truncatedNormal(mean: 0, standardDeviation: 1, bounds: -4...(-3)),
    .truncatedNormal(mean: 0, standardDeviation: 1, bounds: 0.5...(.infinity)),
  ]

  @Test(arguments: distributions)
  func samplesFollowTheDistribution(_ distribution: Distribution) {
    var generator = RandomGenerator(seed: 1, stream: "\(distribution)")
    let sample = (0..<20_000).map { _ in generator.draw(distribution) }
    #expect(kolmogorovStatistic(sample, distribution) < 1.95)
    let moments = Moments(sample)
    #expect((moments.mean - distribution.mean).magnitude < moments.meanTolerance)
    #expect((moments.variance - distribution.variance).magnitude < moments.varianceTolerance)
    // The statistic tells a distribution from a near one.
    let shifted = sample.map { $0 + 0.05 * distribution.variance.squareRoot() }
    #expect(kolmogorovStatistic(shifted, distribution) > 1.95)
  }

  @Test func successiveDrawsAreUncorrelated() {
    var generator = RandomGenerator(seed: 8)
    let sample = (0..<20_001).map { _ in generator.normal() }
    let product = zip(sample, sample.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / 20_000
    #expect(product.magnitude < 5 / 20_000.0.squareRoot())
  }

  /// Quantiles by SciPy's `ndtri`.
  @Test(arguments: [
    (0x1p-53, -8.209536151601387), (1e-10, -6.361340902404056), (1e-5, -4.264890793922825),
    (0.01, -2.3263478740408408), (0.074, -1.4466320671589785), (0.075, -1.4395314709384563),
    (0.3, -0.5244005127080409), (0.5, 0), (0.6, 0.2533471031357997), (0.926, 1.446632067158979),
    (0.999, 3.090232306167813), (1 - 0x1p-53, 8.209536151601387),
  ])
  func normalQuantiles(_ probability: Double, _ expected: Double) {
    #expect((NormalQuantile.value(probability) - expected).magnitude <= 4e-15 * expected.magnitude)
  }

  @Test func logarithmAgainstTheLibrary() {
    var generator = RandomGenerator(seed: 9)
    for _ in 0..<10_000 {
      let x =
        generator.uniform(in: 0.5...2) * [1, 0x1p-20, 0x1p-53, 0x1p-1000, 0x1p300].randomElement(using: &generator)!
      let expected = log(x)
      #expect((NormalQuantile.logarithm(x) - expected).magnitude <= 2 * max(expected.ulp, 0x1p-60))
    }
    #expect(NormalQuantile.logarithm(1) == 0)
  }

  /// Keras's constant is the deviation of a standard normal variable cut at ±2.
  @Test func truncationVariance() {
    let cut = Distribution.truncatedNormal(mean: 0, standardDeviation: 1, bounds: -2...2)
    #expect((cut.variance.squareRoot() - 0.87962566103423978).magnitude < 1e-15)
    #expect(cut.mean == 0)
  }

  @Test func invalidParameters() {
    let infinity = Double.infinity
    for invalid in [
      Distribution.uniform(-infinity...0), .normal(mean: 0, standardDeviation: -1),
      .normal(mean: .nan, standardDeviation: 1), .normal(mean: 0, standardDeviation: infinity),
      .truncatedNormal(mean: 0, standardDeviation: 0, bounds: -1...1),
      .truncatedNormal(mean: 0, standardDeviation: 1, bounds: 1...1),
      .truncatedNormal(mean: 0, standardDeviation: 1, bounds: 40...50),
    ] {
      #expect(!invalid.isValid)
    }
    #expect(DistributionTests.distributions.allSatisfy { $0.isValid })
  }
}

@testable import FeatureLearning
import BLAS
import Tensors
import Testing

@Suite("The gradient of t-SNE")
struct EmbeddingGradientTests {
  @Test("is that of the divergence, by central differences")
  func gradient() throws {
    let x: Tensor<Double> = clouds(20, 3, centers: 2, spread: 1, seed: 1)
    let affinities = jointAffinities(try FeatureMatrix(x, pool: .shared), perplexity: 5, pool: .shared)
    #expect(abs(affinities.reduce(0, +) - 1) < 1e-12)
    var generator = RandomGenerator(seed: 2)
    let places = (0..<40).map { _ in generator.normal() }
    func value(_ places: [Double]) -> Double {
      embeddingDivergence(
        affinities, places, total: embeddingGradient(affinities, places, exaggeration: 1, pool: .shared).total)
    }
    let gradient = embeddingGradient(affinities, places, exaggeration: 1, pool: .shared).gradient
    for index in places.indices {
      var (above, below) = (places, places)
      above[index] += 1e-5
      below[index] -= 1e-5
      #expect(abs((value(above) - value(below)) / 2e-5 - gradient[index]) < 1e-8)
    }
  }
}

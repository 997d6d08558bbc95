import NeuralNetworks
import RealModule
import Testing

@testable import Studies
import Tensors

@Suite struct VarianceTheoryTests {
  private func value(_ f: ActivationFunction, _ z: Double) -> (value: Double, slope: Double) {
    // By central differences, so that the slopes of the code under test are not repeated here.
    func at(_ z: Double) -> Double {
      switch f {
      case .tanh: 1 - 2 / (1 + exponential(2 * z))
      case .sigmoid: 1 / (1 + exponential(-z))
      case .softsign: z / (1 + abs(z))
      case .relu: max(z, 0)
      case .leakyRelu(let slope): z > 0 ? z : slope * z
      default: z
      }
    }
    let step = 1e-5
    return (at(z), (at(z + step) - at(z - step)) / (2 * step))
  }

  private func exponential(_ x: Double) -> Double { Double.exp(x) }

  @Test(
    arguments: [ActivationFunction.tanh, .sigmoid, .softsign, .relu, .leakyRelu(slope: 0.2), .linear],
    [0.01, 0.3, 1, 10, 900])
  func expectationsAgreeWithMonteCarlo(_ activation: ActivationFunction, _ variance: Double) throws {
    let expected = try #require(GaussianExpectations(activation, variance: variance))
    var generator = RandomGenerator(seed: 11, stream: "expectations")
    let count = 400_000
    var sums = (mean: 0.0, square: 0.0, slope: 0.0)
    var squares = sums
    for _ in 0..<count {
      let (f, slope) = value(activation, generator.normal() * variance.squareRoot())
      sums = (sums.mean + f, sums.square + f * f, sums.slope + slope * slope)
      squares = (squares.mean + f * f, squares.square + f * f * f * f, squares.slope + slope * slope * slope * slope)
    }
    /// Within five standard errors of the sample's mean.
    func agrees(_ exact: Double, _ sum: Double, _ squares: Double) -> Bool {
      let n = Double(count)
      let error = max(0, squares / n - sum / n * sum / n).squareRoot() / n.squareRoot()
      return abs(sum / n - exact) <= 5 * error + 1e-6 * max(1, abs(exact))
    }
    #expect(agrees(expected.mean, sums.mean, squares.mean), "mean \(expected.mean), drawn \(sums.mean / Double(count))")
    #expect(agrees(expected.secondMoment, sums.square, squares.square))
    #expect(agrees(expected.squaredSlope, sums.slope, squares.slope))
  }

  @Test func smallVariancesGiveTheLinearTheory() throws {
    let theory = try #require(VarianceTheory(.tanh))
    // n Var W = 1/3 and the units equal: activations fall by √3 a layer on the way up and gradients on the way down.
    let layers = [VarianceTheory.WeightLayer](repeating: .init(inputs: 100, units: 100, variance: 1.0 / 300), count: 4)
    let ends = VarianceTheory.Ends(input: 1e-8, outputGradient: 4)
    let predictions = theory.predictions(layers: layers, ends: [ends])
    for (index, prediction) in predictions.enumerated() {
      let third = 1.0 / 3
      #expect(abs(prediction.activation / (1e-4 * power(third, index + 1).squareRoot()) - 1) < 1e-6)
      #expect(abs(prediction.gradient / (2 * power(third, 3 - index).squareRoot()) - 1) < 1e-6)
      let entering = 1e-4 * power(third, index).squareRoot()
      #expect(abs(prediction.weightGradient / (entering * prediction.gradient) - 1) < 1e-6)
    }
  }

  private func power(_ base: Double, _ count: Int) -> Double { (0..<count).reduce(1) { product, _ in product * base } }

  /// A wide net where every function bends: the recursion against what is measured, layer by layer.
  @Test(arguments: ["tanh", "sigmoid", "softsign", "relu", "leaky_relu"], ["glorot_uniform", "he_normal"])
  func bentFunctionsAreMeasuredAsPredicted(_ activation: String, _ initializer: String) throws {
    var options = InitializerStudyOptions()
    options.initializers = [initializer]
    options.activations = [activation]
    options.parts = [.comparison]
    (options.width, options.steps, options.seeds, options.testCount) = (400, 1, 2, 300)
    options.inputDeviation = 1.5
    for layer in try InitializerStudy(options).run().runs.flatMap(\.layers) {
      let ratios = [
        layer.activationStandardDeviation / layer.predictedActivationStandardDeviation,
        layer.gradientStandardDeviation / layer.predictedGradientStandardDeviation,
        layer.weightGradientStandardDeviation / layer.predictedWeightGradientStandardDeviation,
      ]
      // The width is finite, and the softmax's weights are drawn once for 9 outputs.
      #expect(ratios.allSatisfy { (0.8...1.25).contains($0) }, "layer \(layer.layer): \(ratios)")
    }
  }
}

import Autodiff
import Datasets
import NeuralNetworks
import Tensors
import Testing
import Training

@Suite("Stochastic diagonal Levenberg-Marquardt")
struct LevenbergMarquardtTests {
  @Test("estimates curvature anew each pass and moves by rate / (curvature + mu)")
  func curvature() throws {
    let data = try exclusiveOr(count: 24)
    let network = Sequential {
      Dense(4, activation: .scaledTanh)
      RadialBasis(centres: Tensor([2, 4], [1, 1, -1, -1, -1, 1, -1, 1]))
    }
    let trainer = try Trainer(
      network, input: [2], loss: .maximumAPosteriori(j: 0.1),
      optimizer: DiagonalLevenbergMarquardt(learningRate: 0.01, estimationCount: 10), seed: 2)
    let before = try trainer.evaluate(data).loss
    try trainer.fit(data, epochs: 1, batch: 1)
    let first = trainer.state["dense1.kernel/curvature"]
    let curvature = try #require(first)
    #expect(curvature.elements.allSatisfy { $0.isFinite && $0 >= 0 })
    #expect(curvature.elements.contains { $0 > 0 })
    try trainer.fit(data, epochs: 30, batch: 1)
    #expect(trainer.state["dense1.kernel/curvature"] != first, "estimated again")
    #expect(try trainer.evaluate(data).loss < 0.7 * before)
  }

  @Test("squared distances: the curvature of a bias is 2, exactly")
  func exact() throws {
    // E = Σ (x·W + b - c)² has ∂²E/∂b² = 2 and ∂²E/∂W_ij² = 2·mean of x_i².
    let network = Sequential {
      Dense(2)
      RadialBasis(centres: Tensor([1, 2], [0.5, -0.5]))
    }
    let inputs = Tensor<Float>([4, 2], [1, 2, -1, 0.5, 0, 3, 2, -2])
    let data = try TensorDataset(inputs: inputs, targets: Tensor([4], [0, 0, 0, 0]), classNames: ["only"])
    let trainer = try Trainer(
      network, input: [2], loss: .distance,
      optimizer: DiagonalLevenbergMarquardt(learningRate: 1e-3, mu: 0.02, estimationCount: 4), seed: 2)
    let before = trainer.weights
    try trainer.fit(data, epochs: 1, batch: 4, shuffles: false)
    let bias = try #require(trainer.state["dense1.bias/curvature"])
    for value in bias.elements { #expect(abs(value - 2) < 1e-5) }
    let kernel = try #require(trainer.state["dense1.kernel/curvature"])
    let squares: [Float] = [2 * (1 + 1 + 0 + 4) / 4, 2 * (4 + 0.25 + 9 + 4) / 4]
    for row in 0..<2 { for column in 0..<2 { #expect(abs(kernel[row, column] - squares[row]) < 1e-4) } }
    // The step: w - η/(h + μ)·g with g = mean of 2(x·W + b - c).
    let (weights, start) = (try #require(before["dense1.kernel"]), try #require(before["dense1.bias"]))
    let after = try #require(trainer.weights["dense1.bias"])
    for unit in 0..<2 {
      let centre: Float = unit == 0 ? 0.5 : -0.5
      let residuals = (0..<4).map { row in
        inputs[row, 0] * weights[0, unit] + inputs[row, 1] * weights[1, unit] + start[unit] - centre
      }
      let gradient = 2 * residuals.reduce(0, +) / 4
      #expect(abs(after[unit] - (start[unit] - 1e-3 / 2.02 * gradient)) < 1e-6)
    }
  }
}

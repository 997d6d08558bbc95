import Autodiff
import BLAS
import NeuralNetworks
import Tensors
import Testing

/// Every layer's gradients, by its input and by each of its variables, against central differences in Double.
@Suite("Gradients of layers")
struct LayerGradientTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let input: Shape
    var isTraining = true
    let network: Sequential
    var testDescription: String { name }

    init(_ name: String, _ input: Shape, isTraining: Bool = true, @LayerBuilder _ layers: () -> [any Layer]) {
      self.name = name
      self.input = input
      self.isTraining = isTraining
      network = Sequential(layers())
    }
  }

  static let activations: [ActivationFunction] = [
    .linear, .relu, .leakyRelu, .leakyRelu(slope: 0.3), .elu(alpha: 0.7), .tanh, .scaledTanh, .sigmoid, .softsign,
    .softplus, .softmax,
  ]

  static let cases: [Case] =
    activations.map { function in Case("activation \(function)", [3, 4]) { Activation(function) } }
    + [
      Case("dense", [3, 4]) { Dense(5, activation: .tanh, biasInitializer: .randomNormal()) },
      Case("dense without bias", [2, 4]) { Dense(3, biasInitializer: nil) },
      Case("convolution", [2, 5, 6, 3]) { Conv2D(4, kernel: Size2D(3, 2), activation: .tanh) },
      Case("convolution, strided, same", [2, 7, 6, 2]) { Conv2D(3, kernel: 3, stride: 2, padding: .same) },
      Case("convolution, dilated, padded", [1, 7, 7, 2]) {
        Conv2D(2, kernel: 3, padding: .explicit(top: 1, bottom: 0, left: 2, right: 1), dilation: 2)
      },
      Case("convolution in groups", [2, 5, 5, 4]) { Conv2D(6, kernel: 3, groups: 2) },
      Case("convolution by channel", [2, 5, 5, 3]) { Conv2D(3, kernel: 3, groups: 3) },
      Case("convolution with connections", [2, 5, 5, 3]) {
        Conv2D(4, kernel: 3, connections: [[0], [1, 2], [0, 2], [0, 1, 2]], activation: .scaledTanh)
      },
      Case("max pooling", [2, 6, 6, 2]) { MaxPooling2D(2) },
      Case("max pooling, overlapping, padded", [2, 7, 7, 2]) { MaxPooling2D(3, stride: 2, padding: .symmetric(1)) },
      Case("average pooling", [2, 6, 6, 2]) { AveragePooling2D(2) },
      Case("average pooling, overlapping, padded", [2, 7, 7, 2]) {
        AveragePooling2D(3, stride: 2, padding: .same)
      },
      Case("average pooling, padding counted", [2, 7, 7, 2]) {
        AveragePooling2D(3, stride: 2, padding: .symmetric(1), countsPadding: true)
      },
      Case("global average", [2, 4, 3, 2]) { GlobalPooling2D(.average) },
      Case("global maximum", [2, 4, 3, 2]) { GlobalPooling2D(.maximum) },
      Case("subsampling", [2, 6, 4, 3]) { Subsampling2D(2, biasInitializer: .randomNormal()) },
      Case("batch normalization of rows", [5, 3]) { BatchNormalization() },
      Case("batch normalization of images", [3, 4, 4, 2]) { BatchNormalization(runningVariance: .sample) },
      Case("batch normalization, inference", [3, 4, 4, 2], isTraining: false) { BatchNormalization() },
      Case("local response normalization", [2, 2, 2, 7]) { LocalResponseNormalization(alpha: 0.3) },
      Case("local response normalization as Caffe and PyTorch have it", [2, 2, 2, 7]) {
        LocalResponseNormalization(.caffe, size: 3, alpha: 2)
        LocalResponseNormalization(.pytorch, size: 4, alpha: 2)
      },
      Case("radial basis", [3, 4]) { RadialBasis(centres: sample([5, 4], "centres"), isTrainable: true) },
      Case("radial basis, fixed", [3, 4]) { RadialBasis(centres: sample([5, 4], "centres")) },
      Case("dropout", [4, 6]) { Dropout(0.4) },
      Case("dropout scaled at inference", [4, 6], isTraining: false) { Dropout(0.4, scaling: .atInference) },
      Case("flatten", [2, 3, 2, 2]) { Flatten() },
      Case("branches, concatenated", [2, 5, 5, 2]) {
        Branches(merging: .concatenation(axis: 3)) {
          Conv2D(2, kernel: 1)
          Sequential {
            Conv2D(3, kernel: 3, padding: .same, activation: .tanh)
            Conv2D(2, kernel: 3, padding: .same)
          }
        }
      },
      Case("branches, added", [3, 4]) {
        Branches(merging: .sum) {
          Dense(3, activation: .tanh)
          Sequential {
            Dense(5, activation: .sigmoid)
            Dense(3)
          }
        }
      },
      Case("penalties of any layer", [2, 4, 4, 2]) {
        Sequential {
          Subsampling2D(biasInitializer: .randomNormal()).penalized(
            kernel: .l2(0.3), bias: .elasticNet(l1: 0.1, l2: 0.2), activity: .l1(0.4))
          AveragePooling2D(2).penalized(activity: .l2(0.5))
          Flatten()
          Dense(3)
        }.penalized(kernel: .l1(0.2), activity: .l2(0.1))
      },
      Case("penalties", [3, 4]) {
        Dense(
          3, activation: .tanh, biasInitializer: .constant(0.3), kernelPenalty: .elasticNet(l1: 0.3, l2: 0.2),
          biasPenalty: .l2(0.7), activityPenalty: .elasticNet(l1: 0.1, l2: 0.4))
      },
    ]

  @Test("agree with central differences within 1e-6", arguments: cases)
  func check(_ entry: Case) throws {
    let graph = Graph<Double>()
    let input = graph.input(SymbolicShape([.batch] + entry.input.dimensions.dropFirst().map { Dimension($0) }))
    let (output, context) = entry.network(
      input, mode: entry.isTraining ? .training(step: graph.constant(3)) : .inference, seed: 5)
    // Weighted by numbers that differ, so that no two errors cancel; squared, so that a constant factor shows.
    let weights: Tensor<Double> = sample(output.shape.resolved(batch: entry.input[0]), "weights \(entry.name)")
    let factors = graph.input(output.shape)
    let scalar = context.penalties.reduce(sum(square(output) * factors) + sum(output)) { $0 + $1 }
    let check = try GradientCheck(
      of: scalar, withRespectTo: [input] + graph.trainableVariables,
      inputs: [(input, sample(entry.input, "input \(entry.name)")), (factors, weights)], state: State(seed: 3),
      batch: entry.input[0])
    let variables = graph.trainableVariables.reduce(0) { $0 + $1.shape.resolved(batch: 1).count }
    #expect(check.count == entry.input.count + variables)
    #expect(check.largestError < 1e-6, "\(check)")
    #expect(check.kinks.count * 20 <= check.count, "\(check)")
  }

  @Test("gradients are not all zero", arguments: cases)
  func nonzero(_ entry: Case) throws {
    let graph = Graph<Double>()
    let input = graph.input(SymbolicShape([.batch] + entry.input.dimensions.dropFirst().map { Dimension($0) }))
    let (output, _) = entry.network(input, mode: .training(step: graph.constant(3)), seed: 5)
    let leaves = [input] + graph.trainableVariables
    let gradients = graph.gradients(of: sum(square(output) * output), withRespectTo: leaves)
    let plan = try graph.compile(gradients, batch: entry.input[0], state: State(seed: 3))
    try plan.set(input, to: sample(entry.input, "input \(entry.name)"))
    plan.run()
    for (leaf, gradient) in zip(leaves, gradients) {
      let largest = try plan.value(of: gradient).elements.map { abs($0) }.max() ?? 0
      #expect(largest > 1e-9, "\(graph.name(of: leaf) ?? "input")")
    }
  }
}

import Autodiff
import BLAS
import NeuralNetworks
import Tensors
import Testing

/// Three small networks against PyTorch: output, loss, every gradient and the losses of five steps.
@Suite("Networks against PyTorch")
struct NetworkParityTests {
  static let entries = (try? ReferenceLayers.load())?.networks ?? []

  static func network(_ entry: ReferenceLayers.Network) throws -> (network: Sequential, loss: Loss) {
    switch entry.name {
    case "lenet5_modern":
      return (
        Sequential {
          Conv2D(4, kernel: 5, padding: .same, activation: .tanh, name: "c1")
          AveragePooling2D(2)
          Conv2D(8, kernel: 5, activation: .tanh, name: "c3")
          AveragePooling2D(2)
          Flatten()
          Dense(24, activation: .tanh, name: "c5")
          Dense(16, activation: .tanh, name: "f6")
          Dense(10, name: "output")
        }, .softmaxCrossEntropy
      )
    case "lenet5_original":
      let codes = try #require(entry.codes)
      return (
        Sequential {
          Conv2D(4, kernel: 5, activation: .scaledTanh, name: "c1")
          Subsampling2D(2, name: "s2")
          Conv2D(6, kernel: 3, connections: entry.connectionTable, activation: .scaledTanh, name: "c3")
          Subsampling2D(2, name: "s4")
          Flatten()
          Dense(12, activation: .scaledTanh, name: "f6")
          RadialBasis(centres: codes.tensor(), name: "output")
        }, .maximumAPosteriori(j: try #require(entry.j))
      )
    default:
      return (
        Sequential {
          Conv2D(4, kernel: 3, padding: .same, biasInitializer: nil, name: "stem")
          BatchNormalization(epsilon: 1e-3, name: "normalisation")
          Activation(.relu)
          MaxPooling2D(3, stride: 2, padding: .symmetric(1))
          Branches(merging: .concatenation(axis: 3), name: "branches") {
            Conv2D(3, kernel: 1, activation: .relu, name: "left")
            Conv2D(2, kernel: 3, padding: .same, activation: .leakyRelu(slope: 0.1), name: "right")
          }
          GlobalPooling2D(.average)
          Dense(4, name: "output")
        }, .softmaxCrossEntropy
      )
    }
  }

  /// The fixture's name of a variable: without the names of blocks, and `offset` for the shift.
  static func fixtureName(_ name: String) -> String {
    name.split(separator: ".").suffix(2).joined(separator: ".").replacing("shift", with: "offset")
  }

  func run<S: Scalar>(_ entry: ReferenceLayers.Network, _ type: S.Type) throws {
    let (network, loss) = try Self.network(entry)
    let graph = Graph<S>()
    let input = graph.input(SymbolicShape([.batch] + entry.input.shape.dropFirst().map { Dimension($0) }))
    let labels = graph.input([.batch])
    let (output, _) = network(input, mode: .training(step: graph.constant(0)))
    let total = loss(output, labels)
    let variables = graph.trainableVariables
    let names = variables.map { graph.name(of: $0) ?? "" }
    let gradients = graph.gradients(of: total, withRespectTo: variables + [input])

    let state = State<S>()
    for (name, variable) in zip(names, variables) {
      let value = try #require(entry.parameters.first { $0.name == Self.fixtureName(name) }, "\(name)")
      state[name] = Tensor(Shape(value.shape), value.values.map { S($0) })
      #expect(variable.shape == SymbolicShape(Shape(value.shape)))
    }
    #expect(variables.count == entry.parameters.count)

    let tolerance = tolerance(S.self)
    let batch = entry.input.shape[0]
    let plan = try graph.compile([output, total] + gradients, batch: batch, state: state, updating: false)
    try plan.set(input, to: entry.input.tensor(S.self))
    try plan.set(labels, to: entry.labels.tensor(S.self))
    plan.run()
    expectEqual(try plan.value(of: output), entry.output.values, within: tolerance, "output")
    expectEqual(try plan.value(of: total), [entry.loss], within: tolerance, "loss")
    for (name, gradient) in zip(names, gradients) {
      let expected = try #require(entry.gradients.first { $0.name == Self.fixtureName(name) })
      expectEqual(try plan.value(of: gradient), expected.values, within: tolerance, "gradient of \(name)")
    }
    expectEqual(
      try plan.value(of: gradients[variables.count]), entry.inputGradient.values, within: tolerance, "input gradient")

    let rate = graph.input([], name: "rate")
    let parameters = zip(zip(names, variables), gradients).map {
      OptimizedParameter(variable: $0.1, gradient: $1, name: $0.0, isWeight: true)
    }
    SGD(learningRate: entry.training.learningRate, momentum: entry.training.momentum)
      .record(OptimizerContext(graph: graph, parameters: parameters, learningRate: rate))
    let step = try graph.compile([total], batch: batch, state: state)
    try step.set(input, to: entry.input.tensor(S.self))
    try step.set(labels, to: entry.labels.tensor(S.self))
    try step.set(rate, to: entry.training.learningRate)
    var losses: [S] = []
    for _ in entry.training.losses {
      step.run()
      losses.append(S(try step.scalar(total)))
    }
    expectEqual(Tensor(losses), entry.training.losses, within: tolerance, "losses")
  }

  @Test("give PyTorch's outputs, gradients and losses in Float", arguments: entries)
  func single(_ entry: ReferenceLayers.Network) throws { try run(entry, Float.self) }

  @Test("give PyTorch's outputs, gradients and losses in Double", arguments: entries)
  func double(_ entry: ReferenceLayers.Network) throws { try run(entry, Double.self) }
}

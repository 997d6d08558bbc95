import Autodiff
import BLAS
import NeuralNetworks
import Tensors
import Testing

/// Penalties of any layer, by its kernel, its bias and its activity.
@Suite("Penalties of layers")
struct PenaltyTests {
  /// The sum of a network's penalties, the state's variables, and every layer's and block's results for an input.
  private struct Found {
    let total: Double
    let count: Int
    let variables: [String: Tensor<Double>]
    let output: Tensor<Double>
  }

  private func run(_ network: Sequential, _ value: Tensor<Double>) throws -> Found {
    let graph = Graph<Double>()
    let input = graph.input(SymbolicShape([.batch] + value.shape.dimensions.dropFirst().map { Dimension($0) }))
    let (output, context) = network(input)
    let total = context.penalties.reduce(graph.constant(0)) { $0 + $1 }
    let state = State<Double>(seed: 6)
    let plan = try graph.compile([total, output], batch: value.shape[0], state: state)
    try plan.set(input, to: value)
    plan.run()
    return Found(
      total: try plan.scalar(total), count: context.penalties.count, variables: state.tensors,
      output: try plan.value(of: output))
  }

  private static let images: Tensor<Double> = sample([2, 4, 4, 2], "images")
  private static let rows: Tensor<Double> = sample([3, 4], "rows")
  private static let biased = Initializer.randomNormal(standardDeviation: 0.5)

  /// A layer, its input, and the names of its weights and of its other parameters.
  static let layers: [(layer: any Layer, input: Tensor<Double>, weights: [String], others: [String])] = [
    (Dense(3, activation: .tanh, biasInitializer: biased), rows, ["kernel"], ["bias"]),
    (Conv2D(3, kernel: 3, biasInitializer: biased), images, ["kernel"], ["bias"]),
    (
      Conv2D(2, kernel: 3, connections: [[0], [0, 1]], activation: .relu, biasInitializer: biased), images, ["kernel"],
      ["bias"]
    ),
    (Subsampling2D(biasInitializer: biased), images, ["coefficient"], ["bias"]),
    (BatchNormalization(), rows, [], ["scale", "shift"]),
    (RadialBasis(centres: sample([5, 4], "centres"), isTrainable: true), rows, [], ["centres"]),
    (RadialBasis(centres: sample([5, 4], "centres")), rows, [], []),
    (Activation(.softsign), rows, [], []),
    (MaxPooling2D(2), images, [], []),
    (AveragePooling2D(2), images, [], []),
    (GlobalPooling2D(), images, [], []),
    (Flatten(), images, [], []),
    (Dropout(0.5), rows, [], []),
  ]

  @Test("are their formulas on every kind of layer", arguments: layers.indices)
  func formulas(_ index: Int) throws {
    let (layer, input, weights, others) = Self.layers[index]
    let (kernel, bias, activity) = (Penalty.elasticNet(l1: 0.3, l2: 0.2), Penalty.l1(0.7), Penalty.l2(0.4))
    let plain = try run(Sequential([layer]), input)
    #expect(plain.count == 0 && plain.total == 0)
    let found = try run(Sequential([layer.penalized(kernel: kernel, bias: bias, activity: activity)]), input)
    #expect(found.output == plain.output)
    var expected = activity.value(found.output) / Double(input.shape[0])
    for (names, penalty) in [(weights, kernel), (others, bias)] {
      for name in names {
        let variable = try #require(found.variables["\(layer.kind)1.\(name)"])
        #expect(penalty.value(variable) > 0 || name == "shift")
        expected += penalty.value(variable)
      }
    }
    #expect(expected > 0 && abs(found.total - expected) < 1e-12 * expected, "\(found.total), expected \(expected)")
  }

  @Test("of blocks count for every layer inside, and for the block's own result")
  func blocks() throws {
    let inner = Sequential {
      Dense(5, activation: .tanh, kernelPenalty: .l2(0.1))
      Dense(2, biasInitializer: Self.biased)
    }
    let network = Sequential {
      inner.penalized(kernel: .l2(0.2), activity: .l1(0.5))
      Dense(2)
    }.penalized(bias: .l1(3), activity: .l2(0.25))
    let found = try run(network, Self.rows)
    func value(_ name: String, _ penalty: Penalty) throws -> Double {
      penalty.value(try #require(found.variables[name]))
    }
    let block = try run(Sequential([Sequential(inner.layers)]), Self.rows)
    let expected =
      try value("block1.dense1.kernel", .l2(0.3)) + value("block1.dense2.kernel", .l2(0.2))
      + value("block1.dense2.bias", .l1(3)) + Penalty.l1(0.5).value(block.output) / 3
      + Penalty.l2(0.25).value(found.output) / 3
    #expect(abs(found.total - expected) < 1e-12 * expected, "\(found.total), expected \(expected)")
  }

  @Test("add up where they are given twice")
  func twice() throws {
    let layer = Dense(2, kernelPenalty: .l1(0.5)).penalized(kernel: .elasticNet(l1: 1, l2: 2)).penalized(bias: .l2(1))
    #expect(
      layer.identity.penalties
        == LayerPenalties(kernel: .elasticNet(l1: 1.5, l2: 2), bias: .l2(1), activity: .none))
  }
}

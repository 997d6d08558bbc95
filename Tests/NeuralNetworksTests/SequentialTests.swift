import Autodiff
import BLAS
import NeuralNetworks
import Tensors
import Testing

/// Names, builders, freezing, penalties and mistakes of networks.
@Suite("Networks")
struct SequentialTests {
  func record(_ network: Sequential, _ shape: SymbolicShape) -> (Graph<Float>, NetworkContext<Float>) {
    let graph = Graph<Float>()
    return (graph, network(graph.input(shape)).context)
  }

  @Test("layers are named by kind and number, blocks in front, given names as they are")
  func names() throws {
    let network = Sequential {
      Conv2D(2, kernel: 3, padding: .same)
      Conv2D(2, kernel: 3, padding: .same, name: "second")
      Conv2D(2, kernel: 3, padding: .same)
      Branches(merging: .sum) {
        Conv2D(2, kernel: 1)
        Sequential {
          Conv2D(2, kernel: 1)
          Activation(.relu)
        }
      }
      Sequential {
        Flatten()
        Dense(3)
        Dense(3).named("last")
      }
      Dense(2)
    }
    let expected = [
      "conv1", "second", "conv2", "branches1.conv1", "branches1.block1.conv1", "branches1.block1.activation1",
      "block1.flatten1", "block1.dense1", "block1.last", "dense1",
    ]
    let (graph, context) = record(network, [.batch, 4, 4, 1])
    try graph.validate()
    #expect(context.entries.map(\.name) == expected)
    #expect(network.layerNames == expected)
    #expect(
      graph.trainableVariables.compactMap { graph.name(of: $0) }.prefix(3) == [
        "conv1.kernel", "conv1.bias", "second.kernel",
      ])
  }

  @Test("the builder takes if, else and for")
  func builder() {
    func network(deep: Bool, wide: Bool) -> Sequential {
      Sequential {
        for units in [4, 3] { Dense(units) }
        if deep { Dense(9, name: "deep") }
        if wide { Dense(100, name: "wide") } else { Dense(1, name: "narrow") }
      }
    }
    #expect(network(deep: true, wide: false).layerNames == ["dense1", "dense2", "deep", "narrow"])
    #expect(network(deep: false, wide: true).layerNames == ["dense1", "dense2", "wide"])
  }

  @Test("two layers of one name are refused")
  func duplicates() {
    let network = Sequential {
      Dense(3, name: "same")
      Dense(3, name: "same")
    }
    let error = #expect(throws: GraphError.self) { try record(network, [.batch, 3]).0.validate() }
    #expect(error?.description.contains("same") == true, "\(error.map { "\($0)" } ?? "")")
  }

  @Test("mistakes name the layer, the shapes and the line", arguments: [0, 1, 2, 3, 4, 5, 6, 7, 8])
  func mistakes(index: Int) {
    let line: UInt = #line + 2
    let layers: [(layer: any Layer, input: SymbolicShape, name: String)] = [
      (Dense(3), [.batch, 4, 4], "dense1"),
      (Dense(0), [.batch, 4], "dense1"),
      (Conv2D(3, kernel: 5), [.batch, 4, 4, 1], "conv1"),
      (Conv2D(3, kernel: 3, groups: 2), [.batch, 4, 4, 2], "conv1"),
      (Conv2D(2, kernel: 3, connections: [[0], [5]]), [.batch, 4, 4, 2], "conv1"),
      (MaxPooling2D(9), [.batch, 4, 4, 2], "maxpool1"),
      (Dropout(1), [.batch, 4], "dropout1"),
      (RadialBasis(centres: .zeros([2, 5])), [.batch, 4], "rbf1"),
      (Subsampling2D(), [.batch, 4], "subsampling1"),
    ]
    let (layer, input, name) = layers[index]
    let error = #expect(throws: GraphError.self) { try record(Sequential([layer]), input).0.validate() }
    let text = error?.description ?? ""
    #expect(text.contains("'\(name)'") && text.contains("\(input)"), "\(text)")
    #expect(text.contains("SequentialTests.swift:\(line + UInt(index))"), "\(text)")
  }

  @Test("frozen layers have no trainable variables; unknown names throw and list what there is")
  func freezing() throws {
    let network = Sequential {
      Dense(3)
      Sequential(name: "block") {
        Dense(3)
        BatchNormalization()
      }
      Dense(2)
    }
    func trainable(_ names: Set<String>) throws -> [String] {
      let (graph, _) = record(try network.freezing(names), [.batch, 3])
      return graph.trainableVariables.compactMap { graph.name(of: $0) }
    }
    #expect(try trainable(["dense1", "block"]) == ["dense2.kernel", "dense2.bias"])
    #expect(
      try trainable(["block.dense1", "dense1", "dense2"]) == ["block.batchnorm1.scale", "block.batchnorm1.shift"])
    let error = #expect(throws: NetworkError.self) { try network.freezing(["dense9"]) }
    #expect(error == .unknownLayer("dense9", known: ["dense1", "block.dense1", "block.batchnorm1", "dense2"]))
    #expect(throws: NetworkError.self) { try network.freezing(["den"]) }
  }

  @Test("penalties are their formulas: kernels and biases summed, activities a mean example's")
  func penalties() throws {
    let network = Sequential {
      Dense(
        2, kernelInitializer: .constant(-0.5), biasInitializer: .constant(0.25),
        kernelPenalty: .elasticNet(l1: 0.3, l2: 0.2), biasPenalty: .l1(3), activityPenalty: .l2(0.1))
    }
    let graph = Graph<Double>()
    let input = graph.input([.batch, 3])
    let (_, context) = network(input)
    #expect(context.penalties.count == 4)
    let total = context.penalties.dropFirst().reduce(context.penalties[0]) { $0 + $1 }
    let plan = try graph.compile([total], batch: 2, state: State<Double>())
    try plan.set(input, to: Tensor([2, 3], [1, 2, 3, -1, 0, 1]))
    plan.run()
    // Six weights of -0.5, two biases of 0.25; outputs 0.25 - 3 and 0.25 - 0, twice each.
    let kernel = 0.3 * 6 * 0.5 + 0.2 * 6 * 0.25
    let activity = 0.1 * (2 * 2.75 * 2.75 + 2 * 0.25 * 0.25) / 2
    #expect(abs(try plan.scalar(total) - (kernel + 3 * 2 * 0.25 + activity)) < 1e-13)
  }

  @Test("a connection table leaves weights out: they are 0, get no gradient, and the fan-in counts the others")
  func connections() throws {
    let network = Sequential {
      Conv2D(2, kernel: 5, connections: [[1], [0, 1, 2]], kernelInitializer: .lecun1998, name: "c")
    }
    let graph = Graph<Double>()
    let input = graph.input([.batch, 6, 6, 3])
    let (output, context) = network(input)
    let kernel = try #require(graph.trainableVariables.first)
    let gradient = graph.gradients(of: sum(square(output)), withRespectTo: [kernel])[0]
    let state = State<Double>(seed: 2)
    let plan = try graph.compile([gradient], batch: 2, state: state)
    try plan.set(input, to: sample([2, 6, 6, 3], "input"))
    plan.run()
    let (weights, slopes) = (try #require(state["c.kernel"]), try plan.value(of: gradient))
    var largest = [0.0, 0.0]
    for row in 0..<5 {
      for column in 0..<5 {
        for channel in 0..<3 {
          for filter in 0..<2 {
            let (weight, slope) = (weights[row, column, channel, filter], slopes[row, column, channel, filter])
            let isConnected = filter == 1 || channel == 1
            #expect((weight != 0) == isConnected && (slope != 0) == isConnected)
            largest[filter] = max(largest[filter], abs(weight))
          }
        }
      }
    }
    // U(±2.4/fan-in) with fan-ins 25 and 75.
    #expect(largest[0] <= 2.4 / 25 && largest[0] > 2.4 / 75 && largest[1] <= 2.4 / 75)
    #expect(context.entries[0].variables[0].trainableCount == 25 + 75)
  }

  @Test("dropout: masks repeat with the step and the seed, and are another's otherwise; inference leaves values alone")
  func dropout() throws {
    func values(seed: UInt64, step: Double, training: Bool = true, _ scaling: Dropout.Scaling = .inverted) throws
      -> [Float]
    {
      let network = Sequential { Dropout(0.25, scaling: scaling) }
      let graph = Graph<Float>()
      let input = graph.input([.batch, 2_000])
      let output = network(input, mode: training ? .training(step: graph.constant(step)) : .inference, seed: seed)
        .output
      let plan = try graph.compile([output], batch: 2, state: State<Float>())
      try plan.set(input, to: Tensor([2, 2_000], repeating: 3))
      plan.run()
      return try plan.value(of: output).elements
    }
    let first = try values(seed: 1, step: 0)
    #expect(try values(seed: 1, step: 0) == first)
    #expect(try values(seed: 1, step: 1) != first && values(seed: 2, step: 0) != first)
    let zeros = first.filter { $0 == 0 }.count
    #expect(abs(Double(zeros) / 4_000 - 0.25) < 0.035, "five standard deviations")
    #expect(first.allSatisfy { $0 == 0 || abs($0 - 4) < 1e-6 })
    #expect(try values(seed: 1, step: 0, .atInference).allSatisfy { $0 == 0 || $0 == 3 })
    #expect(try values(seed: 1, step: 0, training: false) == [Float](repeating: 3, count: 4_000))
    #expect(try values(seed: 1, step: 0, training: false, .atInference) == [Float](repeating: 2.25, count: 4_000))
  }

  @Test("proximal SGD makes exact zeros where soft thresholding does")
  func proximal() throws {
    let (rate, penalty) = (0.1, Penalty.elasticNet(l1: 2, l2: 0.5))
    let start = Tensor<Double>([5], [0.15, -0.3, 1, 0.05, -2])
    let slope = Tensor<Double>([5], [0, 1, -1, -3, 0.5])
    let graph = Graph<Double>()
    let (learningRate, gradient) = (graph.input([]), graph.input([5]))
    let variable = graph.variable("w", [5], .tensor(start), isTrainable: true)
    let bias = graph.variable("b", [5], .tensor(start), isTrainable: true)
    ProximalSGD(learningRate: rate, penalty: penalty).record(
      OptimizerContext(
        graph: graph,
        parameters: [
          OptimizedParameter(variable: variable, gradient: gradient, name: "w", isWeight: true),
          OptimizedParameter(variable: bias, gradient: gradient, name: "b", isWeight: false),
        ], learningRate: learningRate))
    let state = State<Double>()
    let plan = try graph.compile([], state: state)
    try plan.set(learningRate, to: rate)
    try plan.set(gradient, to: slope)
    plan.run()
    let moved = zip(start.elements, slope.elements).map { $0 - rate * $1 }
    let expected = penalty.proximal(moved, step: rate)
    expectEqual(state["w"], expected, within: 1e-14, "weights")
    #expect(state["w"]?.elements.filter { $0 == 0 }.count == expected.filter { $0 == 0 }.count)
    #expect(expected.contains(0))
    expectEqual(state["b"], moved, within: 1e-14, "biases are left out")
  }
}

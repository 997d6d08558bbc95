import Autodiff
import BLAS
import Kernels
import Tensors
import Testing

/// Gradients that a plan makes a few rows at a time and keeps nowhere, against those that it keeps.
@Suite("Gradients by bands")
struct BandedUnitTests {
  private func values<S: Scalar>(_ shape: Shape, _ seed: Int) -> Tensor<S> {
    Tensor(shape, (0..<shape.count).map { S(Double(($0 * 7919 + seed * 31) % 1009) / 1009 - 0.4) })
  }

  /// A convolution, its bias, an activation and a pooling under a dense layer and a loss.
  private struct Network<S: Scalar> {
    let graph = Graph<S>()
    let input: Node<S>
    let loss: Node<S>
    let variables: [Node<S>]

    init(
      size: Int = 12, pooling: Size2D = 2, sums: Bool = false, algorithm: ConvolutionAlgorithm? = nil,
      channels: Int = 1,
      outputs: Int = 6, activation: (Node<S>) -> Node<S>
    ) {
      let w = graph.variable(
        "w", [5, 5, channels, outputs], .initializer(.randomNormal(standardDeviation: 0.2), fans: nil),
        isTrainable: true)
      let b = graph.variable(
        "b", [outputs], .initializer(.randomNormal(standardDeviation: 0.2), fans: nil), isTrainable: true)
      input = graph.input([.batch, Dimension(size), Dimension(size), Dimension(channels)])
      let active = activation(convolution(input, w, padding: .same, algorithm: algorithm) + b)
      let pooled = sums ? sumPooling(active, size: pooling) : averagePooling(active, size: pooling)
      let count = pooled.shape.dimensions.dropFirst().reduce(1) { $0 * ($1.fixedSize ?? 0) }
      let v = graph.variable(
        "v", [count, 7], .initializer(.randomNormal(standardDeviation: 0.1), fans: nil), isTrainable: true)
      loss = sum(square(pooled.reshaped(to: [.batch, Dimension(count)]) • v))
      variables = [w, b]
    }

    func calls(batch: Int, and others: [Node<S>] = []) throws -> [PlannedCall] {
      try graph.calls([loss] + graph.gradients(of: loss, withRespectTo: variables) + others, batch: batch)
    }

    func gradients(batch: Int, threads: Int, image: Tensor<S>, and others: [Node<S>] = []) throws -> [[S]] {
      let wanted = [loss] + graph.gradients(of: loss, withRespectTo: variables) + others
      let plan = try graph.compile(wanted, batch: batch, state: State(seed: 5), pool: ThreadPool(threads: threads))
      try plan.set(input, to: image)
      plan.run()
      return try wanted.prefix(3).map { try plan.value(of: $0).elements }
    }
  }

  /// Whether the gradient by an activation's argument takes memory.
  private func keepsGradients(_ calls: [PlannedCall]) -> Bool {
    calls.contains { $0.operations.contains("average pooling's gradient") && $0.resultBytes > 0 }
  }

  private func check<S: Scalar>(
    _: S.Type, sums: Bool = false, tolerance: Double, _ activation: (Node<S>) -> Node<S>
  ) throws {
    let batch = 3 * S.interleavedImages
    let network = Network<S>(sums: sums, activation: activation)
    let plain = Network<S>(sums: sums, algorithm: .direct, activation: activation)
    #expect(try !keepsGradients(network.calls(batch: batch)))
    #expect(try keepsGradients(plain.calls(batch: batch)))
    let image: Tensor<S> = values([batch, 12, 12, 1], 9)
    let found = try network.gradients(batch: batch, threads: 2, image: image)
    let wanted = try plain.gradients(batch: batch, threads: 1, image: image)
    for (a, b) in zip(found, wanted) {
      let size = Swift.max(1, b.map { abs(Double($0)) }.max() ?? 0)
      #expect(a.count == b.count && b.contains { $0 != 0 })
      #expect(zip(a, b).allSatisfy { abs(Double($0) - Double($1)) <= tolerance * size }, "\(S.self)")
    }
    for threads in [1, 4] {
      let others = try network.gradients(batch: batch, threads: threads, image: image)
      #expect(others == found)
    }
    // Where the gradient by what is pooled is asked for, it is kept, and the others have the same bits.
    let again = Network<S>(sums: sums, activation: activation)
    let kept = again.graph.gradients(of: again.loss, withRespectTo: again.variables + [again.input])
    #expect(try keepsGradients(again.calls(batch: batch, and: [kept[2]])))
    let besides = try again.gradients(batch: batch, threads: 2, image: image, and: [kept[2]])
    #expect(besides == found)
  }

  @Test("through several activations, in both precisions")
  func activations() throws {
    try check(Float.self, tolerance: 4e-6) { tanh($0) }
    try check(Double.self, tolerance: 1e-13) { tanh($0) }
    try check(Double.self, tolerance: 1e-13) { sigmoid($0) * 1.5 }
    try check(Double.self, sums: true, tolerance: 1e-13) { tanh($0) }
    try check(Float.self, tolerance: 4e-6) { softplus($0) + square($0) }
  }

  @Test("kept where bands do not fit")
  func otherShapes() throws {
    let batch = 2 * Float.interleavedImages
    func keeps(size: Int, pooling: Size2D, channels: Int = 1, outputs: Int = 6) throws -> Bool {
      try keepsGradients(
        Network<Float>(size: size, pooling: pooling, channels: channels, outputs: outputs) { tanh($0) }
          .calls(batch: batch))
    }
    #expect(try !keeps(size: 12, pooling: 2))
    // A row that belongs to no window; windows of three rows; a gradient that is filtered along the height.
    #expect(try keeps(size: 13, pooling: 2))
    #expect(try keeps(size: 12, pooling: 3))
    #expect(try keeps(size: 12, pooling: 2, channels: 6, outputs: 8))
  }

  @Test("a step behind convolutions is one region, dense layers and their loss included")
  func oneRegion() throws {
    let graph = Graph<Float>()
    let batch = 4 * Float.interleavedImages
    func variable(_ name: String, _ shape: Shape) -> Node<Float> {
      graph.variable(name, shape, .initializer(.randomNormal(standardDeviation: 0.2), fans: nil), isTrainable: true)
    }
    let (x, labels) = (graph.input([.batch, 12, 12, 1]), graph.input([.batch]))
    let pooled = averagePooling(
      tanh(convolution(x, variable("w", [5, 5, 1, 6]), padding: .same) + variable("b", [6])), size: 2)
    let hidden = tanh(pooled.reshaped(to: [.batch, 216]) • variable("v", [216, 60]) + variable("c", [60]))
    let logits = hidden • variable("u", [60, 10])
    let loss = mean(softmaxCrossEntropy(logits, labels: labels)) + 1e-3 * sum(square(graph.trainableVariables[2]))
    let variables = graph.trainableVariables
    for (variable, gradient) in zip(variables, graph.gradients(of: loss, withRespectTo: variables)) {
      graph.update(variable, to: variable - 0.1 * gradient)
    }
    func trained(_ threads: Int, budget: Int? = nil) throws -> (losses: [Double], weights: [[Float]]) {
      let state = State<Float>(seed: 3)
      let plan = try graph.compile(
        [loss], batch: batch, state: state, pool: ThreadPool(threads: threads), memoryBudget: budget)
      try plan.set(x, to: values([batch, 12, 12, 1], 1))
      try plan.set(labels, to: Tensor([batch], (0..<batch).map { Float($0 % 10) }))
      var losses: [Double] = []
      for _ in 0..<5 {
        _ = try plan.run(checking: loss) {
          losses.append($0)
          return true
        }
      }
      return (losses, variables.map { state[graph.name(of: $0) ?? ""]?.elements ?? [] })
    }
    let found = try trained(2)
    #expect(zip(found.losses, found.losses.dropFirst()).allSatisfy { $0 > $1 }, "\(found.losses)")
    for threads in [1, 4] {
      let others = try trained(threads)
      #expect(others == found)
    }
    if Float.interleavedImages >= 8 {
      let calls = try graph.calls([loss], batch: batch)
      let first = calls.firstIndex { $0.operations == ["convolution"] } ?? 0
      let last = calls.firstIndex { $0.operations == ["convolution's kernel gradient"] } ?? 0
      #expect(last > first && calls[first...last].allSatisfy(\.isInTasksBefore))
    }
    // The order of recording, which holds less, has the same bits.
    let needed = try graph.requirement([loss], batch: batch).arenaBytes
    let budget = stride(from: needed - 1, to: needed / 2, by: -max(1, needed / 100)).first {
      (try? graph.requirement([loss], batch: batch, memoryBudget: $0)) != nil
    }
    // Small blocks leave nothing to save.
    #expect(budget != nil || Float.interleavedImages < 16)
    guard let budget else { return }
    let thrifty = try trained(2, budget: budget)
    #expect(thrifty == found)
  }

  @Test("sums between two outputs, under a budget")
  func outputBetweenTheSums() throws {
    let batch = 4 * Float.interleavedImages
    let network = Network<Float> { tanh($0) }
    let gradients = network.graph.gradients(of: network.loss, withRespectTo: network.variables)
    network.graph.update(network.variables[0], to: network.variables[0] - 0.1 * gradients[0])
    let wanted = [network.loss, gradients[1]]
    let needed = try network.graph.requirement(wanted, batch: batch).arenaBytes
    func result(_ budget: Int?) throws -> [[Float]] {
      let state = State<Float>(seed: 5)
      let plan = try network.graph.compile(
        wanted, batch: batch, state: state, pool: ThreadPool(threads: 2), memoryBudget: budget)
      try plan.set(network.input, to: values([batch, 12, 12, 1], 9))
      plan.run()
      return try wanted.map { try plan.value(of: $0).elements } + [state["w"]?.elements ?? []]
    }
    let kept = try result(nil)
    let budgets = stride(from: 99, to: 40, by: -3).map { needed * $0 / 100 }
    let held = budgets.filter { (try? network.graph.requirement(wanted, batch: batch, memoryBudget: $0)) != nil }
    #expect(!held.isEmpty || Float.interleavedImages < 8)
    for budget in held {
      let found = try result(budget)
      #expect(found == kept, "\(budget) of \(needed) bytes")
      // Nothing is gained by making again what takes no memory.
      let again = try network.graph.calls(wanted, batch: batch, memoryBudget: budget).filter(\.isRecomputed)
      #expect(!again.contains { $0.operations.contains("average pooling's gradient") }, "\(budget) of \(needed) bytes")
    }
  }
}

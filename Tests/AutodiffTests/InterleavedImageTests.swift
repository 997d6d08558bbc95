import Autodiff
import BLAS
import Kernels
import Tensors
import Testing

/// Chains of operations that a plan computes on blocks of interleaved images, against the same chains on images.
@Suite("Interleaved images")
struct InterleavedImageTests {
  private func values<S: Scalar>(_ shape: Shape, _ seed: Int) -> Tensor<S> {
    Tensor(shape, (0..<shape.count).map { S(Double(($0 * 7919 + seed * 31) % 1009) / 1009 - 0.4) })
  }

  /// Two convolutions with all that may stand between and around them, and what is asked for in the middle.
  private struct Network<S: Scalar> {
    let graph = Graph<S>()
    let input: Node<S>
    /// The loss, images from inside the chain, a sum of them, and the gradients of all variables and of the input.
    let wanted: [Node<S>]

    /// - Parameter algorithm: how convolutions are computed; a plan interleaves only where it may choose.
    init(algorithm: ConvolutionAlgorithm?, isMaximum: Bool, _ values: (Shape, Int) -> Tensor<S>) {
      let graph = graph
      func variable(_ name: String, _ shape: Shape, _ seed: Int) -> Node<S> {
        let doubles = Tensor<Double>(shape, values(shape, seed).elements.map { Double($0) })
        return graph.variable(name, shape, .tensor(doubles), isTrainable: true)
      }
      func pooled(_ x: Node<S>) -> Node<S> { isMaximum ? maxPooling(x, size: 2) : averagePooling(x, size: 2) }
      input = graph.input([.batch, 13, 12, 2])
      let (w1, b1, scale) = (variable("w1", [5, 5, 2, 6], 1), variable("b1", [6], 2), variable("scale", [6], 3))
      let (w2, b2, gain) = (
        variable("w2", [3, 2, 6, 11], 4), variable("b2", [1, 1, 1, 11], 5), variable("gain", [], 6)
      )
      let standardised = (input - 0.1) * 1.3
      let first = tanh(
        convolution(standardised, w1, padding: .explicit(top: 1, bottom: 2, left: 3, right: 0), algorithm: algorithm)
          + b1)
      let between = pooled(first) * scale + relu(scale)
      let second = sigmoid(gain * convolution(between, w2, algorithm: algorithm) + b2)
      let end = pooled(second)
      let count = end.shape.dimensions.dropFirst().reduce(1) { $0 * ($1.fixedSize ?? 0) }
      let dense = end.reshaped(to: [.batch, Dimension(count)]) • variable("w3", [count, 5], 7)
      // A sum of images from inside, and a reader that does not work on images.
      let penalty =
        sum(square(second)) * 0.01 + sum(square(first.reshaped(to: [.batch, Dimension(12 * 11 * 6)]))) * 0.001
      let loss = sum(square(dense)) + penalty
      wanted =
        [loss, first, end, sum(second, axes: [0, 1, 2])]
        + graph.gradients(of: loss, withRespectTo: [w1, b1, scale, w2, b2, gain, input])
    }
  }

  private func results<S: Scalar>(
    _ network: Network<S>, batch: Int, threads: Int
  ) throws -> [[S]] {
    let nodes = network.wanted
    let plan = try network.graph.compile(
      nodes, batch: batch, state: State(), pool: ThreadPool(threads: threads))
    try plan.set(network.input, to: values([batch, 13, 12, 2], 9))
    plan.run()
    return try nodes.map { try plan.value(of: $0).elements }
  }

  private func methods<S: Scalar>(_ network: Network<S>, batch: Int) throws -> [String] {
    try network.graph.calls(network.wanted, batch: batch).compactMap { $0.choice?.method }
  }

  private func check<S: Scalar>(_: S.Type, isMaximum: Bool, tolerance: Double) throws {
    let network = Network<S>(algorithm: nil, isMaximum: isMaximum) { values($0, $1) }
    let plain = Network<S>(algorithm: .direct, isMaximum: isMaximum) { values($0, $1) }
    let batch = 3 * S.interleavedImages
    func interleavedCalls(_ network: Network<S>, batch: Int) throws -> Int {
      try methods(network, batch: batch).filter { $0.contains("images interleaved") }.count
    }
    let counts = try [
      interleavedCalls(network, batch: batch), interleavedCalls(plain, batch: batch),
      interleavedCalls(network, batch: batch + 1),
    ]
    #expect(counts == [6, 0, 0])
    let (found, wanted) = (
      try results(network, batch: batch, threads: 2), try results(plain, batch: batch, threads: 1)
    )
    for (number, (a, b)) in zip(found, wanted).enumerated() {
      let size = Swift.max(1, b.map { abs(Double($0)) }.max() ?? 0)
      #expect(a.count == b.count)
      #expect(
        zip(a, b).allSatisfy { abs(Double($0) - Double($1)) <= tolerance * size }, "result \(number), \(S.self)")
    }
    for threads in [1, 4] {
      let others = try results(network, batch: batch, threads: threads)
      #expect(others == found)
    }
  }

  @Test("a chain and its gradients are those of images", arguments: [false, true])
  func chain(_ isMaximum: Bool) throws {
    try check(Double.self, isMaximum: isMaximum, tolerance: 1e-13)
    try check(Float.self, isMaximum: isMaximum, tolerance: 4e-6)
  }

  @Test("values that are computed again for a memory budget have the same bits", arguments: [false, true])
  func recomputation(_ isMaximum: Bool) throws {
    let network = Network<Float>(algorithm: nil, isMaximum: isMaximum) { values($0, $1) }
    let batch = 4 * Float.interleavedImages
    // The loss is known first, as in training; what is computed for the gradients comes after it.
    let gradients = network.wanted.dropFirst(4)
    for (number, node) in gradients.dropLast().enumerated() {
      let variable = network.graph.trainableVariables[number]
      network.graph.update(variable, to: variable - node * 0.1)
    }
    let loss = [network.wanted[0]]
    let needed = try network.graph.requirement(loss, batch: batch).arenaBytes
    let budget = try #require(
      stride(from: 99, to: 50, by: -2).map { needed * $0 / 100 }.first {
        (try? network.graph.calls(loss, batch: batch, memoryBudget: $0))?.contains { $0.isRecomputed } ?? false
      })
    let calls = try network.graph.calls(loss, batch: batch, memoryBudget: budget)
    #expect(calls.contains { $0.choice?.method.contains("interleaved") == true })
    func trained(_ budget: Int?) throws -> [[Float]] {
      let state = State<Float>()
      let plan = try network.graph.compile(
        loss, batch: batch, state: state, pool: ThreadPool(threads: 2), memoryBudget: budget)
      try plan.set(network.input, to: values([batch, 13, 12, 2], 9))
      for _ in 0..<3 { plan.run() }
      return network.graph.trainableVariables.map { state[network.graph.name(of: $0) ?? ""]?.elements ?? [] }
    }
    let (kept, again) = (try trained(nil), try trained(budget))
    #expect(kept == again)
  }

  @Test("layers with many channels stay as they are, and are joined to those with few")
  func manyChannels() throws {
    let graph = Graph<Double>()
    let x = graph.input([.batch, 10, 10, 3])
    let w1 = graph.constant(values([3, 3, 3, 8], 1)), w2 = graph.constant(values([3, 3, 8, 40], 2))
    let y = relu(convolution(relu(convolution(x, w1)), w2))
    let calls = try graph.calls([y], batch: 2 * Double.interleavedImages)
    let methods = calls.compactMap { $0.choice?.method }
    #expect(methods.count == 2 && methods[0].contains("interleaved") && !methods[1].contains("interleaved"))
    let operations = calls.flatMap(\.operations)
    #expect(operations.filter { $0 == "interleaving" }.count == 1)
    #expect(operations.filter { $0 == "separating" }.count == 1)
  }

  @Test("a kernel that looks like a batch of images is none")
  func kernelOfABatchOfRows() throws {
    let batch = 4 * Double.interleavedImages
    func result(_ algorithm: ConvolutionAlgorithm?) throws -> (values: [[Double]], methods: [String]) {
      let graph = Graph<Double>()
      let x = graph.input([.batch, Dimension(batch + 1), 3, 2])
      let w = graph.variable("w", [batch, 2, 2, 4], .tensor(values([batch, 2, 2, 4], 3)), isTrainable: true)
      let y = square(convolution(tanh(x), w * 0.5 + tanh(w), algorithm: algorithm))
      let wanted = [y] + graph.gradients(of: sum(y), withRespectTo: [w, x])
      let plan = try graph.compile(wanted, batch: batch, state: State(), pool: ThreadPool(threads: 2))
      try plan.set(x, to: values([batch, batch + 1, 3, 2], 4))
      plan.run()
      let methods = try graph.calls(wanted, batch: batch).compactMap { $0.choice?.method }
      return (try wanted.map { try plan.value(of: $0).elements }, methods)
    }
    let (found, wanted) = (try result(nil), try result(.lowered))
    #expect(found.methods.contains { $0.contains("interleaved") })
    for (a, b) in zip(found.values, wanted.values) {
      let size = Swift.max(1, b.map { abs($0) }.max() ?? 0)
      let isNear = zip(a, b).allSatisfy { abs($0 - $1) <= 1e-13 * size }
      #expect(a.count == b.count && isNear)
    }
  }

  @Test("what is pooled of a sum over images is no image of the batch")
  func poolingOfASum() throws {
    let batch = 2 * Double.interleavedImages
    func result(_ algorithm: ConvolutionAlgorithm?) throws -> [[Double]] {
      let graph = Graph<Double>()
      let x = graph.input([.batch, 7, 6, 2])
      let w = graph.variable("w", [3, 3, 2, 4], .tensor(values([3, 3, 2, 4], 3)), isTrainable: true)
      let total = sum(convolution(x, w, algorithm: algorithm), axes: [0, 1, 2], keepingDimensions: true)
      let loss = sum(square(maxPooling(total, size: 1)))
      let wanted = [loss] + graph.gradients(of: loss, withRespectTo: [w, x])
      let plan = try graph.compile(wanted, batch: batch, state: State(), pool: ThreadPool(threads: 2))
      try plan.set(x, to: values([batch, 7, 6, 2], 4))
      plan.run()
      return try wanted.map { try plan.value(of: $0).elements }
    }
    for (a, b) in zip(try result(nil), try result(.direct)) {
      let size = Swift.max(1, b.map { abs($0) }.max() ?? 0)
      let isNear = zip(a, b).allSatisfy { abs($0 - $1) <= 1e-12 * size }
      #expect(a.count == b.count && isNear)
    }
  }

  @Test(
    "a dense layer has the same bits in the tasks of convolutions as by itself",
    .enabled(if: Float.interleavedImages >= 8, "blocks of fewer rows are not worth while"))
  func denseLayers() throws {
    let graph = Graph<Float>()
    let batch = 4 * Float.interleavedImages
    let (x, given) = (graph.input([.batch, 14, 14, 1]), graph.input([.batch, 216]))
    let (w, v) = (graph.constant(values([3, 3, 1, 6], 1)), graph.constant(values([216, 130], 2)))
    let features = averagePooling(tanh(convolution(x, w)), size: 2).reshaped(to: [.batch, 216])
    let (following, alone) = (features • v, given • v)
    let wanted = [features, following, alone]
    let products = try graph.calls(wanted, batch: batch).filter { $0.operations.contains("matrix product") }
    // What reads nothing of a chain comes before it.
    #expect(products.map(\.isInTasksBefore) == [false, true])
    let plan = try graph.compile(wanted, batch: batch, state: State(), pool: ThreadPool(threads: 2))
    try plan.set(x, to: values([batch, 14, 14, 1], 9))
    try plan.set(given, to: values([batch, 216], 9))
    plan.run()
    try plan.set(given, to: plan.value(of: features))
    plan.run()
    let (found, wantedBits) = (try plan.value(of: following).elements, try plan.value(of: alone).elements)
    #expect(found == wantedBits && found.contains { $0 != 0 })
  }
}

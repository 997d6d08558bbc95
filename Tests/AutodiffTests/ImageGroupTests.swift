import Autodiff
import BLAS
import Kernels
import Tensors
import Testing

/// Convolutions, their gradients and sums over images that follow in the tasks that make the images.
@Suite("Groups by images")
struct ImageGroupTests {
  private func values(_ shape: Shape, _ seed: Int) -> Tensor<Double> {
    Tensor(shape, (0..<shape.count).map { Double(($0 * 7919 + seed * 31) % 1009) / 1009 - 0.4 })
  }

  /// The loss of a small network of two convolutions and the gradients of its variables.
  private struct Network {
    let graph: Graph<Double>
    let input: Node<Double>
    let loss: Node<Double>
    let gradients: [Node<Double>]

    init(size: Int, window: Int, average: Bool, _ values: (Shape, Int) -> Tensor<Double>) {
      let graph = Graph<Double>()
      self.graph = graph
      input = graph.input([.batch, Dimension(size), Dimension(size), 1])
      func variable(_ name: String, _ shape: Shape, _ seed: Int) -> Node<Double> {
        graph.variable(name, shape, .tensor(values(shape, seed)), isTrainable: true)
      }
      func pooled(_ x: Node<Double>) -> Node<Double> {
        average ? averagePooling(x, size: 2) : maxPooling(x, size: 2)
      }
      let (w1, b1) = (variable("w1", [window, window, 1, 6], 1), variable("b1", [6], 2))
      let (w2, b2) = (variable("w2", [window, window, 6, 16], 3), variable("b2", [16], 4))
      let first = pooled(tanh(convolution(input, w1, padding: .same) + b1))
      let second = pooled(tanh(convolution(first, w2) + b2))
      loss = sum(square(second))
      gradients = graph.gradients(of: loss, withRespectTo: [w1, b1, w2, b2])
    }
  }

  @Test(
    "give the sums over a batch that its images give one by one",
    arguments: [(28, 5, true), (28, 5, false), (19, 3, true), (20, 5, true)], [32, 37])
  func network(_ shape: (size: Int, window: Int, average: Bool), _ batch: Int) throws {
    let network = Network(size: shape.size, window: shape.window, average: shape.average) { values($0, $1) }
    let nodes = [network.loss] + network.gradients
    let images = values([batch, shape.size, shape.size, 1], 9)
    let plan = try network.graph.compile(nodes, batch: batch, state: State(), pool: ThreadPool(threads: 4))
    try plan.set(network.input, to: images)
    plan.run()
    let found = try nodes.map { try plan.value(of: $0).elements }

    let single = try network.graph.compile(nodes, batch: 1, state: State(), pool: ThreadPool(threads: 1))
    let count = shape.size * shape.size
    var wanted = found.map { [Double](repeating: 0, count: $0.count) }
    for image in 0..<batch {
      let part = Array(images.elements[image * count..<(image + 1) * count])
      try single.set(network.input, to: Tensor([1, shape.size, shape.size, 1], part))
      single.run()
      for (number, node) in nodes.enumerated() {
        for (i, x) in try single.value(of: node).elements.enumerated() { wanted[number][i] += x }
      }
    }
    for (a, b) in zip(found, wanted) {
      #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-11 * Swift.max(1, abs($1)) })
    }
    let alone = try network.graph.compile(nodes, batch: batch, state: State(), pool: ThreadPool(threads: 1))
    try alone.set(network.input, to: images)
    alone.run()
    #expect(try nodes.map { try alone.value(of: $0).elements } == found)
  }

  @Test("run the way there and the way back in one region each")
  func regions() throws {
    let network = Network(size: 28, window: 5, average: true) { values($0, $1) }
    let calls = try network.graph.calls([network.loss] + network.gradients, batch: 32)
    let forward = calls.filter { !$0.operations.contains { $0.contains("gradient") } }
    // Both convolutions follow the interleaving of the images.
    #expect(forward.filter { $0.operations == ["convolution"] }.map(\.isInTasksBefore) == [true, true])
    let back = calls.filter { $0.operations.contains { $0.contains("convolution's") } }
    #expect(back.count == 3 && back.allSatisfy(\.isInTasksBefore), "\(back)")
    // A batch of one is one task: its kernels run beside each other instead.
    let single = try network.graph.calls([network.loss] + network.gradients, batch: 1)
    let kernels = single.filter { $0.operations.contains { $0.contains("convolution") } }
    #expect(kernels.allSatisfy { !$0.isInTasksBefore } && single.contains(where: \.isBesideCallBefore))
  }

  @Test("take a lent input when they run, and what was set after it instead")
  func lentInputs() throws {
    let network = Network(size: 20, window: 5, average: true) { values($0, $1) }
    let state = State<Double>()
    let plan = try network.graph.compile([network.loss], batch: 32, state: state, pool: ThreadPool(threads: 2))
    let (a, b) = (values([32, 20, 20, 1], 1), values([32, 20, 20, 1], 2))
    func loss(setting images: Tensor<Double>) throws -> Double {
      try plan.set(network.input, to: images)
      plan.run()
      return try plan.scalar(network.loss)
    }
    let (first, second) = (try loss(setting: a), try loss(setting: b))
    #expect(first != second)
    let isLent = try a.withUnsafeBufferPointer { elements throws -> Bool in
      let isLent = try plan.lend(elements, to: network.input)
      plan.run()
      return isLent
    }
    #expect(isLent)
    #expect(try plan.scalar(network.loss) == first)
    // Without another value the input is missing.
    #expect(plan.missingInputs == ["input0"])
    let later = try a.withUnsafeBufferPointer { elements throws -> Double in
      _ = try plan.lend(elements, to: network.input)
      return try loss(setting: b)
    }
    #expect(later == second)
    #expect(throws: GraphError.self) {
      _ = try a.withUnsafeBufferPointer { elements throws -> Bool in
        try plan.lend(UnsafeBufferPointer(rebasing: elements.dropLast()), to: network.input)
      }
    }
  }

  @Test("see what was lent wherever it is read, and refuse a loan where they could not", arguments: [0, 1, 2, 3, 4])
  func otherReaders(_ kind: Int) throws {
    let graph = Graph<Double>()
    let x = graph.input([32, 12, 12, 1])
    let kernel = graph.variable("kernel", [5, 5, 1, 6], .tensor(values([5, 5, 1, 6], 1)), isTrainable: true)
    let copy = graph.variable("copy", [32, 12, 12, 1], .initializer(.zeros, fans: nil), isTrainable: false)
    if kind == 4 { graph.update(copy, to: x) }
    let loss = sum(convolution(x, kernel, algorithm: kind == 0 ? nil : ConvolutionAlgorithm.direct))
    let shown: Node<Double> =
      switch kind {
      // Read in place; copied for the kernel's gradient; summed beside; shown under another shape; copied by an update.
      case 0: loss
      case 1: graph.gradients(of: loss, withRespectTo: [kernel])[0]
      case 2: sum(x)
      case 3: x.reshaped(to: [32, 144])
      default: copy
      }
    let images = values([32, 12, 12, 1], 3)
    func result(isLent: Bool) throws -> (lent: Bool, loss: Double, shown: [Double]) {
      let plan = try graph.compile([loss, shown], batch: 1, state: State(), pool: ThreadPool(threads: 2))
      return try images.withUnsafeBufferPointer { elements in
        let lent = try isLent && plan.lend(elements, to: x)
        if !lent { try plan.set(x, to: images) }
        plan.run()
        return (lent, try plan.scalar(loss), try plan.value(of: shown).elements)
      }
    }
    let (given, lent) = (try result(isLent: false), try result(isLent: true))
    #expect(lent.loss == given.loss && lent.shown == given.shown)
    #expect(lent.lent || kind > 1)
    #expect(!lent.lent || kind != 3)
  }

  @Test("keep what was lent to a run that is given up before it begins")
  func lentToNothing() throws {
    let graph = Graph<Double>()
    let x = graph.input([.batch, 12, 12, 1])
    let w = graph.variable("w", [], .tensor(Tensor([], [1])), isTrainable: true)
    let y = sum(convolution(x, graph.constant(values([5, 5, 1, 6], 1)))) * w
    let plan = try graph.compile([w, y], batch: 32, state: State(), pool: ThreadPool(threads: 2))
    let images = values([32, 12, 12, 1], 3)
    let goesOn = try images.withUnsafeBufferPointer { elements throws -> Bool in
      _ = try plan.lend(elements, to: x)
      return try plan.run(checking: w) { _ in false }
    }
    #expect(!goesOn)
    #expect(try plan.withInput(x) { Array($0) } == images.elements)
  }
}

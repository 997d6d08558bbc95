import Autodiff
import BLAS
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

  @Test("lend nothing where the input is read otherwise than image by image first")
  func inputsThatCannotBeLent() throws {
    let graph = Graph<Double>()
    let x = graph.input([.batch, 8, 8, 1])
    let kernel = graph.constant(values([3, 3, 1, 4], 1))
    let sums = sum(x)
    let loss = sum(convolution(x, kernel)) * sums
    let plan = try graph.compile([loss, sums], batch: 16, state: State(), pool: ThreadPool(threads: 2))
    let images = values([16, 8, 8, 1], 3)
    let taken = try images.withUnsafeBufferPointer { try plan.lend($0, to: x) }
    try plan.set(x, to: images)
    plan.run()
    #expect(try !taken || plan.scalar(sums) == images.elements.reduce(0, +))
    let total = images.elements.reduce(0, +)
    #expect(abs(try plan.scalar(sums) - total) < 1e-10)
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

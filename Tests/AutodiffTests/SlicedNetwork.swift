import BLAS
import Kernels
import Tensors

@testable import Autodiff

/// Two convolutions, a pooling, another convolution and a dense layer under a loss, with plain gradient descent, for tests of plans that
/// go through their batch a slice at a time.
struct SlicedNetwork<S: Scalar> {
  enum Pooling: CaseIterable { case maximum, average }

  let graph = Graph<S>()
  let images: Node<S>
  let labels: Node<S>
  /// What the first convolution makes, an activation that only its neighbours read.
  let first: Node<S>
  /// What is pooled.
  let second: Node<S>
  let loss: Node<S>
  let parameters: [Node<S>]

  /// Sizes from which on this network's convolutions are large.
  static var rule: SliceRule { SliceRule(smallestImage: 1024, images: 2...3) }

  init(
    _ pooling: Pooling = .maximum, algorithm: ConvolutionAlgorithm? = nil, channels: Int = 8, groups: Int = 1,
    dropping rate: Double = 0
  ) {
    let graph = graph
    func parameter(_ name: String, _ shape: Shape, scale: Double) -> Node<S> {
      graph.variable(name, shape, .tensor(Self.values(shape, name.count, scale: scale)), isTrainable: true)
    }
    func convolved(_ x: Node<S>, _ name: String, _ inputs: Int, _ outputs: Int, groups: Int = 1) -> Node<S> {
      let kernel = parameter(name, [3, 3, inputs / groups, outputs], scale: 2 / Double(inputs + 2))
      let bias = parameter(name + "-bias", [outputs], scale: 0.1)
      return relu(convolution(x, kernel, padding: .same, groups: groups, algorithm: algorithm) + bias)
    }
    func pooled(_ x: Node<S>) -> Node<S> { pooling == .maximum ? maxPooling(x, size: 2) : averagePooling(x, size: 2) }
    images = graph.input([.batch, 16, 16, 3], name: "images")
    labels = graph.input([.batch], name: "labels")
    first = convolved(images, "a", 3, channels)
    second = convolved(first, "bc", channels, channels, groups: groups)
    var features = pooled(second)
    if rate > 0 {
      let step = graph.variable("step", [], .tensor(Tensor(scalar: 0)), isTrainable: false)
      graph.update(step, to: step + 1)
      features = dropout(features, rate: rate, step: step, key: 3)
    }
    let third = pooled(convolved(features, "def", channels, 2 * channels))
    let count = 16 * 2 * channels
    let dense = parameter("dense", [count, 5], scale: 0.2)
    loss = mean(softmaxCrossEntropy(third.reshaped(to: [.batch, Dimension(count)]) • dense, labels: labels))
    parameters = graph.trainableVariables
    for (parameter, gradient) in zip(parameters, graph.gradients(of: loss, withRespectTo: parameters)) {
      graph.update(parameter, to: parameter - 0.25 * gradient)
    }
  }

  /// Numbers between -1 and 1 that every precision holds exactly.
  static func values(_ shape: Shape, _ seed: Int, scale: Double = 1) -> Tensor<Double> {
    let elements = (0..<shape.count).map { index -> Double in
      let number = (index * 7919 + seed * 313) % 2017 - 1008
      return Double(Float(scale * Double(number) / 1008))
    }
    return Tensor(shape, elements)
  }

  func imageValues(_ batch: Int) -> Tensor<S> {
    let values = Self.values([batch, 16, 16, 3], 1)
    return Tensor(values.shape, values.elements.map { S($0) })
  }

  /// A compiler of the training step; `allRuns` slices runs that save nothing, too.
  func compiler(
    _ outputs: [Node<S>], batch: Int, rule: SliceRule, budget: Int? = nil, allRuns: Bool = false
  ) throws -> Compiler<S> {
    var rule = rule
    if allRuns { rule.leastSaving = .max }
    var compiler = try graph.compiler(
      outputs, batch: batch, state: State(), updating: true, memoryBudget: budget, sliceRule: rule)
    if allRuns { compiler.wholeRuns = [] }
    return compiler
  }

  /// A plan with its inputs set.
  func plan(_ compiler: Compiler<S>, threads: Int = 2) throws -> Plan<S> {
    var compiler = compiler
    let plan = try compiler.compile(pool: ThreadPool(threads: threads))
    try plan.set(images, to: imageValues(compiler.batch))
    try plan.set(labels, to: Tensor([compiler.batch], (0..<compiler.batch).map { S(Double($0 % 5)) }))
    return plan
  }

  /// The parameters after some steps, and the outputs of the last one.
  func trained(
    _ compiler: Compiler<S>, _ outputs: [Node<S>], steps: Int = 1, threads: Int = 2
  ) throws -> (parameters: [[S]], outputs: [[S]]) {
    let plan = try plan(compiler, threads: threads)
    for _ in 0..<steps { plan.run() }
    return (
      parameters.map { compiler.state[graph.name(of: $0) ?? ""]?.elements ?? [] },
      try outputs.map { try plan.value(of: $0).elements }
    )
  }

  func calls(_ compiler: Compiler<S>) throws -> [PlannedCall] {
    var compiler = compiler
    return try compiler.calls()
  }

  func bytes(_ compiler: Compiler<S>) throws -> Int { try compiler.arenaBytesNeeded() }
}

import Autodiff
import BLAS
import Datasets
import NeuralNetworks
import Tensors

/// What happens in the hidden layers on the fixed test examples: activations, and the gradients of the cost by the
/// pre-activations, as outputs of one compiled plan.
///
/// All gradients are those of the cost of one example: the graph differentiates the mean over the batch, of which each
/// row is the batch-th part.
final class MeasuringGraph {
  struct Hidden {
    let name: String
    let input: Node<Float>
    let activation: Node<Float>
    let gradient: Node<Float>
    let kernel: (name: String, shape: Shape)
    let isDense: Bool
  }

  let hidden: [Hidden]
  let examples: Int
  /// The kernel of the output layer.
  let outputKernel: (name: String, shape: Shape)
  private let recording: StudyRecording
  private let outputGradient: Node<Float>
  private let plan: Plan<Float>
  private let kernelGradients: KernelGradientGraph?

  init(
    _ network: StudyNetwork, data: StudyData, examples: Int, state: State<Float>, pool: ThreadPool
  ) throws {
    let graph = Graph<Float>()
    let recording = StudyRecording(network, graph, data.exampleShape)
    let entries = recording.context.entries.filter { !$0.variables.isEmpty }
    let inner = entries.filter { $0.preActivation != nil }
    let gradients = graph.gradients(
      of: recording.loss, withRespectTo: inner.compactMap(\.preActivation) + [recording.output])
    outputGradient = gradients[gradients.count - 1]
    hidden = zip(inner, gradients).map { entry, gradient in
      Hidden(
        name: entry.name, input: entry.input, activation: entry.output, gradient: gradient,
        kernel: Self.kernel(entry), isDense: entry.layer is Dense)
    }
    outputKernel = entries.last.map(Self.kernel) ?? ("", [])
    var outputs: [Node<Float>] = []
    for node in hidden.flatMap({ [$0.input, $0.activation, $0.gradient] }) + [outputGradient, recording.loss]
    where !outputs.contains(node) { outputs.append(node) }
    let plan = try graph.compile(outputs, batch: examples, state: state, pool: pool)
    self.plan = plan
    let size = data.exampleShape.count
    try data.test.inputs.withUnsafeBufferPointer { inputs in
      try plan.withInput(recording.input) { _ = $0.update(from: inputs[..<(examples * size)]) }
    }
    try plan.withInput(recording.target) { targets in
      for row in 0..<examples { targets[row] = data.target(data.test.targets.elements[row], network.question) }
    }
    self.recording = recording
    self.examples = examples
    kernelGradients =
      hidden.allSatisfy(\.isDense)
      ? nil
      : try KernelGradientGraph(network, data: data, examples: min(examples, 16), state: state, pool: pool)
  }

  private static func kernel(_ entry: NetworkContext<Float>.Entry) -> (name: String, shape: Shape) {
    let kernel = entry.variables.first { $0.name.hasSuffix(".kernel") }
    return (kernel?.name ?? "", kernel?.node.shape.resolved(batch: 1) ?? [])
  }

  /// Computes everything under the present weights.
  func run() { plan.run() }

  /// Calls `body` with the activations and the gradients of a hidden layer; multiply the gradients by `examples`.
  func withLayer<Result>(
    _ index: Int,
    _ body: (_ activations: UnsafeBufferPointer<Float>, _ gradients: UnsafeBufferPointer<Float>) throws -> Result
  ) throws -> Result {
    try plan.withValue(of: hidden[index].activation) { activations in
      try plan.withValue(of: hidden[index].gradient) { gradients in try body(activations, gradients) }
    }
  }

  /// For each example the mean squares of what enters the first layer and of its gradient by the outputs, between which
  /// theory predicts everything.
  func ends() throws -> [VarianceTheory.Ends] {
    let inputs = try plan.withValue(of: hidden[0].input) { rowMoments($0) }
    let outputs = try plan.withValue(of: outputGradient) { rowMoments($0) }
    return zip(inputs, outputs).map { input, output in
      VarianceTheory.Ends(input: input, outputGradient: output * Double(examples * examples))
    }
  }

  private func rowMoments(_ values: UnsafeBufferPointer<Float>) -> [Double] {
    let width = values.count / examples
    return (0..<examples).map { row in
      SampleMoments(UnsafeBufferPointer(rebasing: values[row * width..<(row + 1) * width])).secondMoment
    }
  }

  /// The standard deviation of the gradient of one example's cost by the weights of each hidden layer.
  func weightGradientDeviations() throws -> [Double] {
    let kernels = try kernelGradients?.deviations() ?? [:]
    return try hidden.map { layer in
      if let deviation = kernels[layer.kernel.name] { return deviation }
      return try plan.withValue(of: layer.input) { inputs in
        try plan.withValue(of: layer.gradient) { gradients in
          OuterProductMoments(inputs: inputs, gradients: gradients, examples: examples, scale: Double(examples))
            .standardDeviation
        }
      }
    }
  }
}

/// The gradients of single examples by the kernels of convolutions, whose weights are shared by all positions.
private final class KernelGradientGraph {
  private let plan: Plan<Float>
  private let recording: StudyRecording
  private let kernels: [(name: String, gradient: Node<Float>)]
  private let data: StudyData
  private let examples: Int
  private let question: StudyData.Question

  init(_ network: StudyNetwork, data: StudyData, examples: Int, state: State<Float>, pool: ThreadPool) throws {
    let graph = Graph<Float>()
    recording = StudyRecording(network, graph, data.exampleShape)
    let variables = recording.context.entries.filter { $0.layer is Conv2D }.flatMap(\.variables)
      .filter { $0.name.hasSuffix(".kernel") }
    let gradients = graph.gradients(of: recording.loss, withRespectTo: variables.map(\.node))
    kernels = zip(variables, gradients).map { ($0.name, $1) }
    plan = try graph.compile(gradients, batch: 1, state: state, pool: pool)
    self.data = data
    self.examples = examples
    question = network.question
  }

  func deviations() throws -> [String: Double] {
    let size = data.exampleShape.count
    var means = [Double](repeating: 0, count: kernels.count)
    var squares = means
    for example in 0..<examples {
      try data.test.inputs.withUnsafeBufferPointer { inputs in
        try plan.withInput(recording.input) { _ = $0.update(from: inputs[example * size..<(example + 1) * size]) }
      }
      try plan.withInput(recording.target) {
        $0[0] = data.target(data.test.targets.elements[example], question)
      }
      plan.run()
      for (index, kernel) in kernels.enumerated() {
        let moments = try plan.withValue(of: kernel.gradient) { SampleMoments($0) }
        means[index] += moments.mean / Double(examples)
        squares[index] += moments.secondMoment / Double(examples)
      }
    }
    let values = zip(means, squares).map { max(0, $1 - $0 * $0).squareRoot() }
    return Dictionary(zip(kernels.map(\.name), values), uniquingKeysWith: { first, _ in first })
  }
}

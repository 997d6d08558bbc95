public import Autodiff
public import BLAS
public import Tensors

/// Layer-sequential unit-variance initialization: every layer's output has variance 1 on a batch of data.
///
/// Kernels of dense and convolution layers start orthonormal. Then, a layer at a time from the input, a kernel is divided by
/// the standard deviation of the layer's output before its activation function until |variance - 1| is within the tolerance.
/// Source: Mishkin and Matas, "All you need is a good init" (2016), algorithm 1.
public struct LSUV: Sendable, Hashable {
  /// How far the variance may be from 1.
  public let tolerance: Double
  /// How often a kernel is rescaled at most.
  public let maximumIterations: Int
  /// Whether kernels are drawn anew, orthonormal; otherwise what the state holds is rescaled.
  public let startsOrthonormal: Bool

  /// The paper's tolerance, 0.02, unless told otherwise.
  public init(tolerance: Double = 0.02, maximumIterations: Int = 10, startsOrthonormal: Bool = true) {
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
    self.startsOrthonormal = startsOrthonormal
  }

  /// What became of one layer.
  public struct Result: Sendable, Hashable {
    /// The layer's full name.
    public let layer: String
    /// The variance of its output before the first rescaling.
    public let initialVariance: Double
    /// The variance at the end.
    public let variance: Double
    /// How often the kernel was rescaled.
    public let iterations: Int
  }

  /// Sets the kernels of `network` in `state`.
  ///
  /// - Parameters:
  ///   - batch: examples, [n] + the input shape.
  ///   - pool: the threads that share the work.
  /// - Returns: the layers with kernels, in order.
  /// - Throws: `GraphError` where shapes do not fit; ``LSUVError`` where an output does not vary or is not finite. Layers
  ///   before that one are then set already.
  @discardableResult
  public func apply<S: Scalar>(
    to network: Sequential, batch: Tensor<S>, state: State<S>, pool: ThreadPool = .shared
  ) throws -> [Result] {
    guard let count = batch.shape.dimensions.first else { throw GraphError.batchSize(0) }
    let graph = Graph<S>()
    let input = graph.input(
      SymbolicShape([.batch] + batch.shape.dimensions.dropFirst().map { Dimension($0) }), name: "input")
    let (_, context) = network(input, seed: state.seed)
    try graph.validate()
    return try context.entries.compactMap { entry in
      guard let kernel = entry.variables.first(where: { $0.name == entry.name + ".kernel" }) else { return nil }
      let output = entry.preActivation ?? entry.output
      let plan = try graph.compile([output], batch: count, state: state, pool: pool)
      try plan.set(input, to: batch)
      if startsOrthonormal { state[kernel.name] = try orthonormal(kernel.name, kernel.node, entry.layer, state) }
      return try rescale(kernel.name, entry.name, state) {
        plan.run()
        return try plan.withValue(of: output) { Self.variance($0) }
      }
    }
  }

  private func rescale<S: Scalar>(
    _ kernel: String, _ layer: String, _ state: State<S>, _ measure: () throws -> Double
  ) throws -> Result {
    let initial = try measure()
    var (variance, iterations) = (initial, 0)
    while abs(variance - 1) > tolerance || !variance.isFinite {
      guard variance.isFinite, variance > 0 else { throw LSUVError(layer: layer, variance: variance) }
      guard iterations < maximumIterations, var weights = state[kernel] else { break }
      let factor = S(1 / variance.squareRoot())
      weights.elements = weights.elements.map { $0 * factor }
      state[kernel] = weights
      variance = try measure()
      iterations += 1
    }
    return Result(layer: layer, initialVariance: initial, variance: variance, iterations: iterations)
  }

  /// An orthonormal kernel; elements that a connection table leaves out are 0.
  private func orthonormal<S: Scalar>(
    _ name: String, _ kernel: Node<S>, _ layer: any Layer, _ state: State<S>
  ) throws -> Tensor<S> {
    let shape = kernel.shape.resolved(batch: 1)
    var weights: Tensor<S> = try Initializer.orthogonal.makeTensor(
      shape, generator: RandomGenerator(seed: state.seed, stream: "\(name)/lsuv"))
    if let connections = (layer as? Conv2D)?.connections, let mask = Conv2D.mask(connections, shape: shape) {
      weights.elements = zip(weights.elements, mask.elements).map { $1 == 0 ? 0 : $0 }
    }
    return weights
  }

  /// The mean squared deviation from the mean over all elements.
  private static func variance<S: Scalar>(_ values: UnsafeBufferPointer<S>) -> Double {
    let numbers = values.map { Double($0) }
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    return numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)
  }
}

/// A layer whose output has no variance to divide by.
public struct LSUVError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The layer's full name.
  public let layer: String
  /// The variance of its output: 0 or not finite.
  public let variance: Double

  /// An error about a layer.
  public init(layer: String, variance: Double) {
    self.layer = layer
    self.variance = variance
  }

  /// What was expected and what was found.
  public var description: String {
    "layer '\(layer)': the output's variance on the batch must be finite and above 0, found \(variance)"
  }
}

public import Autodiff
public import BLAS
public import Tensors

/// y = f(x ⋆ K + b): cross-correlation of images [batch, height, width, channels] with K [rows, columns, channels/groups, filters].
public struct Conv2D: Layer {
  /// The stem of the layer's name: `conv`.
  public let kind = "conv"
  /// The layer's name, where it was written and its penalties.
  public var identity: LayerIdentity
  /// The number of output channels.
  public let filters: Int
  /// The kernel's rows and columns.
  public let kernel: Size2D
  /// Rows and columns between windows.
  public let stride: Size2D
  /// What stands around the image.
  public let padding: Padding2D
  /// Rows and columns between the kernel's elements.
  public let dilation: Size2D
  /// Into how many parts the channels are cut.
  public let groups: Int
  /// For each filter the input channels that it sees, or `nil` where each sees all.
  public let connections: [[Int]]?
  /// f.
  public let activation: ActivationFunction
  /// Fills K.
  public let kernelInitializer: Initializer
  /// Fills b, or `nil` for a layer without one.
  public let biasInitializer: Initializer?

  /// A convolution; Glorot's uniform weights and zero biases unless told otherwise, as in Keras.
  ///
  /// - Parameters:
  ///   - connections: LeNet-5's table: entry `o` lists the channels that filter `o` is connected to. Its fan-in, and the
  ///     number of its parameters, count those alone.
  ///   - kernelPenalty: what training adds to the loss for K.
  ///   - biasPenalty: what training adds for b.
  ///   - activityPenalty: what training adds for the mean example's y.
  public init(
    _ filters: Int, kernel: Size2D, stride: Size2D = 1, padding: Padding2D = .valid, dilation: Size2D = 1,
    groups: Int = 1, connections: [[Int]]? = nil, activation: ActivationFunction = .linear,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer? = .zeros,
    kernelPenalty: Penalty = .none, biasPenalty: Penalty = .none, activityPenalty: Penalty = .none,
    name: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    self.filters = filters
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.connections = connections
    self.activation = activation
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
    identity = LayerIdentity(
      name: name, file: file, line: line,
      penalties: LayerPenalties(kernel: kernelPenalty, bias: biasPenalty, activity: activityPenalty))
  }

  /// Records the layer's function of `input`; shapes that do not fit are kept for `compile` to report.
  public func record<S: Scalar>(_ input: Node<S>, in context: NetworkContext<S>) -> Node<S> {
    guard input.rank == 4, let channels = input.shape[3].fixedSize, filters > 0, kernel.height > 0, kernel.width > 0,
      groups > 0, channels % groups == 0, filters % groups == 0
    else {
      return context.refuse(
        input, self,
        expected: "a positive kernel and images [batch, height, width, channels] whose channels, like the \(filters) "
          + "filters, divide into \(groups) group(s)")
    }
    let shape: Shape = [kernel.height, kernel.width, channels / groups, filters]
    let area = kernel.height * kernel.width
    let fans = Fans(fanIn: area * channels / groups, fanOut: area * filters / groups)
    var weights: Node<S>
    if let connections {
      guard let mask = Self.mask(connections, shape: shape), groups == 1 else {
        return context.refuse(
          input, self, expected: "one group and a connection table with \(filters) lists of channels below \(channels)")
      }
      weights = context.parameter(
        "kernel", shape, .maskedInitializer(kernelInitializer, mask: mask),
        trainableCount: mask.elements.reduce(0) { $0 + Int($1) }, isWeight: true)
      weights = weights * context.graph.constant(Tensor(shape, mask.elements.map { S($0) }))
    } else {
      weights = context.parameter("kernel", shape, .initializer(kernelInitializer, fans: fans), isWeight: true)
    }
    var result = convolution(
      input, weights, stride: stride, padding: padding, dilation: dilation, groups: groups,
      algorithm: context.algorithm)
    if let biasInitializer {
      let bias = context.parameter("bias", [filters], .initializer(biasInitializer, fans: fans), isWeight: false)
      result = result + bias
    }
    return context.activate(result, activation)
  }

  /// 1 where a filter is connected to a channel, for every element of the kernel; `nil` where the table does not fit.
  static func mask(_ connections: [[Int]], shape: Shape) -> Tensor<Double>? {
    let (channels, filters) = (shape[2], shape[3])
    guard connections.count == filters, connections.allSatisfy({ $0.allSatisfy((0..<channels).contains) }) else {
      return nil
    }
    var elements = [Double](repeating: 0, count: shape.count)
    for position in 0..<(shape[0] * shape[1]) {
      for (filter, list) in connections.enumerated() {
        for channel in list { elements[(position * channels + channel) * filters + filter] = 1 }
      }
    }
    return Tensor(shape, elements)
  }

  /// Multiply-adds, connections and neurons for one example.
  public func cost(input: Shape, output: Shape) -> LayerCost {
    let area = kernel.height * kernel.width
    let pixels = output[0] * output[1]
    let inputs = connections.map { $0.reduce(0) { $0 + $1.count } } ?? input[2] / groups * filters
    let weights = area * inputs
    return LayerCost(
      multiplyAdds: pixels * weights, connections: pixels * (weights + (biasInitializer == nil ? 0 : filters)),
      neurons: output.count)
  }
}

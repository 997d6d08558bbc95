public import Autodiff
public import BLAS
public import Tensors

/// The largest element of each window, a channel at a time.
public struct MaxPooling2D: Layer {
  /// The stem of the layer's name: `maxpool`.
  public let kind = "maxpool"
  /// The layer's name, where it was written and its penalties.
  public var identity: LayerIdentity
  /// None.
  public var hasParameters: Bool { false }
  /// The window.
  public let size: Size2D
  /// Rows and columns between windows.
  public let stride: Size2D
  /// What stands around the image; it counts as -∞.
  public let padding: Padding2D

  /// Windows of `size`, `stride` apart (their own size where none is given); a smaller stride lets them overlap.
  public init(
    _ size: Size2D, stride: Size2D? = nil, padding: Padding2D = .valid, name: String? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    self.size = size
    self.stride = stride ?? size
    self.padding = padding
    identity = LayerIdentity(name: name, file: file, line: line)
  }

  /// Records the layer's function of `input`; shapes that do not fit are kept for `compile` to report.
  public func record<S: Scalar>(_ input: Node<S>, in context: NetworkContext<S>) -> Node<S> {
    maxPooling(input, size: size, stride: stride, padding: padding)
  }

  /// Multiply-adds, connections and neurons for one example.
  public func cost(input: Shape, output: Shape) -> LayerCost {
    LayerCost(connections: output.count * size.height * size.width)
  }
}

/// The mean of each window, a channel at a time.
public struct AveragePooling2D: Layer {
  /// The stem of the layer's name: `avgpool`.
  public let kind = "avgpool"
  /// The layer's name, where it was written and its penalties.
  public var identity: LayerIdentity
  /// None.
  public var hasParameters: Bool { false }
  /// The window.
  public let size: Size2D
  /// Rows and columns between windows.
  public let stride: Size2D
  /// What stands around the image.
  public let padding: Padding2D
  /// Whether padding counts as zeros in the mean.
  public let countsPadding: Bool

  /// Windows of `size`, `stride` apart (their own size where none is given).
  ///
  /// - Parameter countsPadding: PyTorch counts padding as zeros by default, Keras leaves it out; so does this.
  public init(
    _ size: Size2D, stride: Size2D? = nil, padding: Padding2D = .valid, countsPadding: Bool = false,
    name: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    self.size = size
    self.stride = stride ?? size
    self.padding = padding
    self.countsPadding = countsPadding
    identity = LayerIdentity(name: name, file: file, line: line)
  }

  /// Records the layer's function of `input`; shapes that do not fit are kept for `compile` to report.
  public func record<S: Scalar>(_ input: Node<S>, in context: NetworkContext<S>) -> Node<S> {
    averagePooling(input, size: size, stride: stride, padding: padding, countsPadding: countsPadding)
  }

  /// Multiply-adds, connections and neurons for one example.
  public func cost(input: Shape, output: Shape) -> LayerCost {
    LayerCost(connections: output.count * size.height * size.width)
  }
}

/// The mean, or the largest element, of each channel: [batch, height, width, channels] becomes [batch, channels].
public struct GlobalPooling2D: Layer {
  /// What a channel is reduced to.
  public enum Reduction: Hashable, Sendable {
    /// The mean.
    case average
    /// The largest element.
    case maximum
  }

  /// The stem of the layer's name: `globalpool`.
  public let kind = "globalpool"
  /// The layer's name, where it was written and its penalties.
  public var identity: LayerIdentity
  /// None.
  public var hasParameters: Bool { false }
  /// What a channel is reduced to.
  public let reduction: Reduction

  /// A layer that keeps one number a channel.
  public init(
    _ reduction: Reduction = .average, name: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    self.reduction = reduction
    identity = LayerIdentity(name: name, file: file, line: line)
  }

  /// Records the layer's function of `input`; shapes that do not fit are kept for `compile` to report.
  public func record<S: Scalar>(_ input: Node<S>, in context: NetworkContext<S>) -> Node<S> {
    guard input.rank == 4 else {
      return context.refuse(input, self, expected: "images [batch, height, width, channels]")
    }
    return reduction == .average ? globalAveragePooling(input) : globalMaxPooling(input)
  }

  /// Multiply-adds, connections and neurons for one example.
  public func cost(input: Shape, output: Shape) -> LayerCost { LayerCost(connections: input.count) }
}

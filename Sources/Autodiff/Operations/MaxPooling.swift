import BLAS
import Kernels
import Tensors

extension WindowAttributes {
  func poolingGeometry(_ input: Shape) -> PoolingGeometry {
    PoolingGeometry(
      batch: input[0], size: Extent(input[1], input[2]), channels: input[3], window: window.extent,
      stride: stride.extent, padding: WindowPadding(top: top, bottom: bottom, left: left, right: right))
  }

  func pooledShape(_ shape: SymbolicShape) throws(ShapeMismatch) -> SymbolicShape {
    let (height, width, _) = try imageAxes(shape)
    guard top < window.height, bottom < window.height, left < window.width, right < window.width else {
      throw ShapeMismatch(expected: "less padding than the \(window) window, so that no window lies outside the image")
    }
    let size = try outputSize(height: height, width: width)
    return [shape[0], Dimension(size.height), Dimension(size.width), shape[3]]
  }

  static func pooling<S>(_ x: Node<S>, _ size: Size2D, _ stride: Size2D?, _ padding: Padding2D) -> WindowAttributes {
    WindowAttributes(
      window: size, stride: stride ?? size, padding: padding, height: x.rank == 4 ? x.shape[1].fixedSize ?? 0 : 0,
      width: x.rank == 4 ? x.shape[2].fixedSize ?? 0 : 0)
  }
}

/// The largest element of each window; the first largest takes the whole gradient.
struct MaxPooling: Operation {
  let window: WindowAttributes

  var name: String { "max pooling" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    try window.pooledShape(operands[0])
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let images = context.operands[0]
    let places = context.graph.record(MaxPoolingPlaces(window: window), [images])
    return [context.graph.record(MaxPoolingGradient(window: window, images: images), [places, context.gradient])]
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let geometry = window.poolingGeometry(operands[0])
    let kernel = Kernels.MaxPooling<S>(geometry)
    let byImages = PreparedKernel<S>.ByImages(geometry) { at, images, scratch in
      kernel.run(images: images, input: at.operands[0], output: at.result, scratch: scratch)
    }
    return PreparedKernel(kernel, byImages: byImages) { phase, task, at in
      kernel.run(phase: phase, task: task, input: at.operands[0], output: at.result, workspace: at.workspace)
    }
  }
}

/// Where each window's first largest element stands: all that the gradient of max pooling needs of its images, a byte a window.
///
/// The result is memory of places and not of numbers: nothing but ``MaxPoolingGradient`` and ``MaxPoolingGather`` may read it.
struct MaxPoolingPlaces: Operation {
  let window: WindowAttributes

  var name: String { "max pooling's places" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    let pooled = try window.pooledShape(operands[0])
    let outputs = pooled.dimensions.dropFirst().reduce(1) { $0 &* ($1.fixedSize ?? 0) }
    return [
      pooled[0],
      Dimension(Kernels.MaxPoolingPlaces<Float>.elementCount(outputs: outputs, window: window.window.extent)),
    ]
  }

  /// Places do not change where the images change a little.
  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] { [nil] }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let geometry = window.poolingGeometry(operands[0])
    let kernel = Kernels.MaxPoolingPlaces<S>(geometry)
    let byImages = PreparedKernel<S>.ByImages(
      operandCount: geometry.inputCount / max(geometry.batch, 1), resultCount: result[1]
    ) { at, images, _ in
      kernel.run(images: images, input: at.operands[0], places: at.result)
    }
    return PreparedKernel(kernel, byImages: byImages) { phase, task, at in
      kernel.run(phase: phase, task: task, input: at.operands[0], places: at.result)
    }
  }
}

/// The windows' gradients added at their places in images of a known size. It is linear in the gradient.
struct MaxPoolingGradient: Operation {
  let window: WindowAttributes
  /// Rows and columns of the images.
  let size: Size2D

  init<S: Scalar>(window: WindowAttributes, images: Node<S>) {
    self.window = window
    size = images.rank == 4 ? Size2D(images.shape[1].fixedSize ?? 0, images.shape[2].fixedSize ?? 0) : 0
  }

  var name: String { "max pooling's gradient" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    let gradient = operands[1]
    let images: SymbolicShape = [gradient[0], Dimension(size.height), Dimension(size.width), gradient[3]]
    guard try window.pooledShape(images) == gradient else {
      throw ShapeMismatch(expected: "a gradient of the pooled images' shape")
    }
    return images
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    [nil, context.graph.record(MaxPoolingGather(window: window), [context.operands[0], context.gradient])]
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.MaxPoolingGradient<S>(window.poolingGeometry(result))
    return PreparedKernel(kernel) { phase, task, at in
      kernel.run(
        phase: phase, task: task, places: at.operands[0], outputGradient: at.operands[1], inputGradient: at.result)
    }
  }
}

extension MaxPoolingGradient {
  /// The gradient before a rectifier, where `gradient` is this operation's and the rectifier's `result` is what was pooled.
  ///
  /// The rectifier passes it where its result is above 0, and at a window's place that is the window's maximum. So the result
  /// is not read, and need not be kept.
  static func passed<S: Scalar>(_ gradient: Node<S>, throughRectifierOf result: Node<S>) -> Node<S>? {
    let graph = gradient.graph
    let record = graph.records[gradient.index]
    guard let operation = record.operation as? MaxPoolingGradient,
      case let places = graph.record(MaxPoolingPlaces(window: operation.window), [result]),
      record.operands[0] == places.index
    else { return nil }
    let pooled = graph.record(MaxPooling(window: operation.window), [result])
    return graph.record(operation, [places, Node(graph: graph, index: record.operands[1]) * step(pooled)])
  }
}

/// The elements of images that stand at the windows' places.
struct MaxPoolingGather: Operation {
  let window: WindowAttributes

  var name: String { "max pooling's gather" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    try window.pooledShape(operands[1])
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let gradient = MaxPoolingGradient(window: window, images: context.operands[1])
    return [nil, context.graph.record(gradient, [context.operands[0], context.gradient])]
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.MaxPoolingGather<S>(window.poolingGeometry(operands[1]))
    return PreparedKernel(kernel) { phase, task, at in
      kernel.run(phase: phase, task: task, places: at.operands[0], other: at.operands[1], output: at.result)
    }
  }
}

/// The largest element of each window of images [batch, height, width, channels], a channel at a time.
///
/// - Parameters:
///   - stride: rows and columns between windows; the window's size where none is given. Windows may overlap.
///   - padding: stands for -∞; less than the window.
public func maxPooling<S>(
  _ images: Node<S>, size: Size2D, stride: Size2D? = nil, padding: Padding2D = .valid
) -> Node<S> {
  let window = WindowAttributes.pooling(images, size, stride, padding)
  let pooled = images.graph.record(MaxPooling(window: window), [images])
  // Places are found while the images are at hand; a plan without gradients leaves them out.
  _ = images.graph.record(MaxPoolingPlaces(window: window), [images])
  return pooled
}

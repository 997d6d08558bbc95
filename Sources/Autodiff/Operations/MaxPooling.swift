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

extension PreparedKernel.ByImages {
  /// A pooling of images.
  init(
    _ geometry: PoolingGeometry,
    run: @escaping (PreparedKernel<S>.Addresses, Range<Int>, UnsafeMutablePointer<S>) -> Void
  ) {
    let images = max(geometry.batch, 1)
    self.init(
      operandCount: geometry.inputCount / images, resultCount: geometry.outputCount / images,
      scratchCount: geometry.rowCount, run: run)
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
    guard MaxPoolingPlaces.supports(window), let height = images.shape[1].fixedSize,
      let width = images.shape[2].fixedSize
    else { return [context.graph.record(MaxPoolingGradient(window: window), [images, context.gradient])] }
    let places = context.graph.record(MaxPoolingPlaces(window: window), [images])
    return [
      context.graph.record(
        MaxPoolingScatter(window: window, size: Size2D(height, width)), [places, context.gradient])
    ]
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

/// The windows' gradients added where their first largest elements stand, which are looked for again: for windows whose places
/// fit no byte. It is linear in the gradient.
struct MaxPoolingGradient: Operation {
  let window: WindowAttributes

  var name: String { "max pooling's gradient" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape { operands[0] }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    [nil, context.graph.record(MaxPoolingGather(window: window), [context.operands[0], context.gradient])]
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.MaxPoolingGradient<S>(window.poolingGeometry(operands[0]))
    return PreparedKernel(kernel) { phase, task, at in
      kernel.run(
        phase: phase, task: task, input: at.operands[0], outputGradient: at.operands[1], inputGradient: at.result)
    }
  }
}

/// The elements of a second image that stand where the first one's windows have their first largest element.
struct MaxPoolingGather: Operation {
  let window: WindowAttributes

  var name: String { "max pooling's gather" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    try window.pooledShape(operands[0])
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    [nil, context.graph.record(MaxPoolingGradient(window: window), [context.operands[0], context.gradient])]
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.MaxPoolingGather<S>(window.poolingGeometry(operands[0]))
    return PreparedKernel(kernel) { phase, task, at in
      kernel.run(phase: phase, task: task, input: at.operands[0], other: at.operands[1], output: at.result)
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
  if MaxPoolingPlaces.supports(window) { _ = images.graph.record(MaxPoolingPlaces(window: window), [images]) }
  return pooled
}

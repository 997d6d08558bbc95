import BLAS
import Kernels
import Tensors

/// Where each window's first largest element stands, a byte a window: what the gradient of max pooling needs of its images.
///
/// The result is memory of bytes and not of numbers: nothing but ``MaxPoolingScatter`` and ``MaxPoolingTake`` may read it.
struct MaxPoolingPlaces: Operation {
  let window: WindowAttributes

  var name: String { "max pooling's places" }

  /// Whether places fit a byte.
  static func supports(_ window: WindowAttributes) -> Bool {
    let (height, width) = (window.window.height, window.window.width)
    return (1...255).contains(height) && (1...255).contains(width) && height * width <= 255
  }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    let pooled = try window.pooledShape(operands[0])
    let bytes = pooled.dimensions.dropFirst().reduce(1) { $0 * ($1.fixedSize ?? 0) }
    return [pooled[0], Dimension((bytes + 3) / 4)]
  }

  /// Places do not change where the images change a little.
  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] { [nil] }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let geometry = window.poolingGeometry(operands[0])
    let kernel = Kernels.MaxPoolingPlaces<S>(geometry)
    let images = max(geometry.batch, 1)
    let byImages = PreparedKernel<S>.ByImages(
      operandCount: geometry.inputCount / images, resultCount: Kernels.MaxPoolingPlaces<S>.placeCount(geometry)
    ) { at, images, _ in
      kernel.run(images: images, input: at.operands[0], places: at.result)
    }
    return PreparedKernel(kernel, byImages: byImages) { phase, task, at in
      kernel.run(phase: phase, task: task, input: at.operands[0], places: at.result)
    }
  }
}

/// The windows' gradients at their places in images of a known size. It is linear in the gradient.
struct MaxPoolingScatter: Operation {
  let window: WindowAttributes
  /// Rows and columns of the images.
  let size: Size2D

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
    [nil, context.graph.record(MaxPoolingTake(window: window), [context.operands[0], context.gradient])]
  }

  /// The same for the gradient before a rectifier whose result `pooled` is pooled: the rectifier passes it where its result is
  /// above 0, and at a window's place that result is the window's.
  ///
  /// Neither reads the rectifier's result, which then need not be kept.
  func throughRectifier<S: Scalar>(_ places: Node<S>, _ gradient: Node<S>, pooled: Node<S>) -> Node<S> {
    gradient.graph.record(self, [places, gradient * step(pooled)])
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.MaxPoolingScatter<S>(window.poolingGeometry(result))
    return PreparedKernel(kernel) { phase, task, at in
      kernel.run(
        phase: phase, task: task, places: at.operands[0], outputGradient: at.operands[1], inputGradient: at.result)
    }
  }
}

/// The elements of images that stand at the windows' places.
struct MaxPoolingTake: Operation {
  let window: WindowAttributes

  var name: String { "max pooling's gather" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    try window.pooledShape(operands[1])
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let shape = context.operands[1].shape
    let size = Size2D(shape[1].fixedSize ?? 0, shape[2].fixedSize ?? 0)
    return [
      nil,
      context.graph.record(MaxPoolingScatter(window: window, size: size), [context.operands[0], context.gradient]),
    ]
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.MaxPoolingTake<S>(window.poolingGeometry(operands[1]))
    return PreparedKernel(kernel) { phase, task, at in
      kernel.run(phase: phase, task: task, places: at.operands[0], other: at.operands[1], output: at.result)
    }
  }
}

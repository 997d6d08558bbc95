import BLAS
import Kernels
import Tensors

/// The mean, or the sum, of each window; the gradient is spread evenly over the window.
struct AveragePooling: Operation {
  let window: WindowAttributes
  let countsPadding: Bool
  let sums: Bool

  var name: String { sums ? "sum pooling" : "average pooling" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    try window.pooledShape(operands[0])
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    [spread(context, context.gradient)]
  }

  // The coefficients are 1/count, so their squares need a second factor 1/count: spread the gradient's mean twice.
  func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    if sums { return gradients(context) }
    return [spread(context, context.gradient * weights(context.operands[0].shape, context.graph))]
  }

  /// One over the number of elements that each window averages.
  func weights<S>(_ images: SymbolicShape, _ graph: Graph<S>) -> Node<S> {
    if countsPadding { return graph.constant(1 / Double(window.window.height * window.window.width)) }
    let counts = AveragePooling(window: window, countsPadding: false, sums: true)
    return 1 / graph.record(counts, [graph.constant(1, shape: images)])
  }

  private func spread<S>(_ context: GradientContext<S>, _ gradient: Node<S>) -> Node<S> {
    let shape = context.operands[0].shape
    return context.graph.record(AveragePoolingGradient(pooling: self, height: shape[1], width: shape[2]), [gradient])
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let geometry = window.poolingGeometry(operands[0])
    let kernel = Kernels.AveragePooling<S>(geometry, countsPadding: countsPadding, sums: sums)
    let byImages = PreparedKernel<S>.ByImages(geometry) { at, images, scratch in
      kernel.run(images: images, input: at.operands[0], output: at.result, scratch: scratch)
    }
    return PreparedKernel(kernel, byImages: byImages) { phase, task, at in
      kernel.run(phase: phase, task: task, input: at.operands[0], output: at.result, workspace: at.workspace)
    }
  }
}

/// The windows' gradients spread evenly over their elements: the transpose of ``AveragePooling``.
struct AveragePoolingGradient: Operation {
  let pooling: AveragePooling
  let height: Dimension
  let width: Dimension

  var name: String { "average pooling's gradient" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    [operands[0][0], height, width, operands[0][3]]
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    [context.graph.record(pooling, [context.gradient])]
  }

  func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let pooled = context.graph.record(pooling, [context.gradient])
    return [pooling.sums ? pooled : pooled * pooling.weights(context.result.shape, context.graph)]
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.AveragePoolingGradient<S>(
      pooling.window.poolingGeometry(result), countsPadding: pooling.countsPadding, sums: pooling.sums)
    let byImages = PreparedKernel<S>.ByImages(
      pooling.window.poolingGeometry(result), isGradient: true
    ) { at, images, scratch in
      kernel.run(images: images, outputGradient: at.operands[0], inputGradient: at.result, scratch: scratch)
    }
    let byBands = kernel.bandHeight.map { height in
      ByBands<S>(
        height: height, rowCount: result[2] * result[3],
        role: .making { band, at, image, rows in
          kernel.run(
            image: image, windowRow: rows.lowerBound / height, outputGradient: at.operands[0], band: band)
        })
    }
    return PreparedKernel(kernel, byImages: byImages, byBands: byBands) { phase, task, at in
      kernel.run(
        phase: phase, task: task, outputGradient: at.operands[0], inputGradient: at.result, workspace: at.workspace)
    }
  }
}

/// The mean of each window of images [batch, height, width, channels], a channel at a time.
///
/// - Parameters:
///   - stride: rows and columns between windows; the window's size where none is given. Windows may overlap.
///   - countsPadding: whether padding counts as zeros in the mean (PyTorch's default) or is left out (Keras).
public func averagePooling<S>(
  _ images: Node<S>, size: Size2D, stride: Size2D? = nil, padding: Padding2D = .valid, countsPadding: Bool = false
) -> Node<S> {
  images.graph.record(
    AveragePooling(window: .pooling(images, size, stride, padding), countsPadding: countsPadding, sums: false),
    [images])
}

/// The sum of each window of images [batch, height, width, channels], a channel at a time.
public func sumPooling<S>(
  _ images: Node<S>, size: Size2D, stride: Size2D? = nil, padding: Padding2D = .valid
) -> Node<S> {
  images.graph.record(
    AveragePooling(window: .pooling(images, size, stride, padding), countsPadding: true, sums: true), [images])
}

import BLAS
public import Kernels
import Tensors

/// What the three convolution operations share.
struct ConvolutionAttributes: Hashable, Sendable {
  var window: WindowAttributes
  var groups: Int
  /// The algorithm that was asked for, for all three passes.
  var algorithm: ConvolutionAlgorithm?

  func geometry(input: Shape, kernel: Shape) -> ConvolutionGeometry {
    ConvolutionGeometry(
      batch: input[0], size: Extent(input[1], input[2]), channels: input[3],
      kernel: Extent(kernel[0], kernel[1]), outputChannels: kernel[3], stride: window.stride.extent,
      padding: WindowPadding(top: window.top, bottom: window.bottom, left: window.left, right: window.right),
      dilation: window.dilation.extent, groups: groups)
  }
}

extension Shape {
  /// Elements of one of the images along the first axis.
  fileprivate var imageCount: Int { dimensions.dropFirst().reduce(1, *) }
}

/// Cross-correlation of images [batch, height, width, in] with kernels [rows, columns, in/groups, out].
///
/// It is linear in both operands, so each of the three passes differentiates into the other two.
struct Convolution: Operation {
  let attributes: ConvolutionAttributes
  /// Whether small images may be computed together, whatever is in them.
  var joinsImages = false

  /// The same, with images that may be computed together.
  var joiningImages: Convolution { Convolution(attributes: attributes, joinsImages: true) }

  var name: String { "convolution" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    let (height, width, channels) = try imageAxes(operands[0])
    let kernel = operands[1].dimensions.map { $0.fixedSize ?? 0 }
    guard kernel.count == 4, kernel.allSatisfy({ $0 > 0 }) else {
      throw ShapeMismatch(expected: "a kernel [rows, columns, inputs/groups, outputs]")
    }
    guard attributes.groups > 0, channels % attributes.groups == 0,
      channels / attributes.groups == kernel[2], kernel[3] % attributes.groups == 0
    else {
      throw ShapeMismatch(
        expected: "\(attributes.groups) group(s) that divide \(channels) inputs into the kernel's \(kernel[2]) "
          + "and \(kernel[3]) outputs evenly")
    }
    let size = try attributes.window.outputSize(height: height, width: width)
    if let algorithm = attributes.algorithm {
      let geometry = attributes.geometry(input: [1, height, width, channels], kernel: Shape(kernel))
      guard algorithm.supports(geometry) else {
        throw ShapeMismatch(
          expected: "for the algorithm \(algorithm.rawValue) a convolution with \(algorithm.requirement)")
      }
    }
    return [operands[0][0], Dimension(size.height), Dimension(size.width), operands[1][3]]
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let (x, kernel, g) = (context.operands[0], context.operands[1], context.gradient)
    // First by the kernel, so that what the images' gradient is needed for comes right behind it, in the same tasks.
    let byKernel = context.ifNeeded(1) { x.graph.record(ConvolutionKernelGradient(attributes: attributes), [x, g]) }
    let byInput = context.ifNeeded(0) {
      let operation = ConvolutionInputGradient(attributes: attributes, height: x.shape[1], width: x.shape[2])
      return x.graph.record(operation, [g, kernel])
    }
    return [byInput, byKernel]
  }

  func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] { gradients(context.squaringOperands) }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = ConvolutionForward<S>(
      attributes.geometry(input: operands[0], kernel: operands[1]), algorithm: attributes.algorithm,
      joinsImages: joinsImages)
    let byImages = kernel.imageScratchCount.map { scratchCount in
      PreparedKernel<S>.ByImages(
        operandCount: operands[0].imageCount, resultCount: result.imageCount, otherOperands: 1,
        scratchCount: scratchCount
      ) { at, images, scratch in
        kernel.run(images: images, input: at.operands[0], kernel: at.operands[1], output: at.result, scratch: scratch)
      }
    }
    return PreparedKernel(kernel, byImages: byImages) { phase, task, at, written in
      kernel.run(
        phase: phase, task: task, input: at.operands[0], kernel: at.operands[1], output: at.result,
        workspace: at.workspace, written: written)
    }
  }
}

/// A convolution's gradient with respect to its images, from the result's gradient and the kernels.
struct ConvolutionInputGradient: Operation {
  let attributes: ConvolutionAttributes
  let height: Dimension
  let width: Dimension

  var name: String { "convolution's input gradient" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    [operands[0][0], height, width, Dimension((operands[1][2].fixedSize ?? 0) * attributes.groups)]
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let (g, kernel, upstream) = (context.operands[0], context.operands[1], context.gradient)
    return [
      context.ifNeeded(0) { g.graph.record(Convolution(attributes: attributes), [upstream, kernel]) },
      context.ifNeeded(1) { g.graph.record(ConvolutionKernelGradient(attributes: attributes), [upstream, g]) },
    ]
  }

  func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] { gradients(context.squaringOperands) }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.ConvolutionInputGradient<S>(
      attributes.geometry(input: result, kernel: operands[1]), algorithm: attributes.algorithm)
    let byImages = kernel.imageScratchCount.map { scratchCount in
      PreparedKernel<S>.ByImages(
        operandCount: operands[0].imageCount, resultCount: result.imageCount, otherOperands: 1,
        scratchCount: scratchCount
      ) { at, images, scratch in
        kernel.run(
          images: images, outputGradient: at.operands[0], kernel: at.operands[1], inputGradient: at.result,
          scratch: scratch)
      }
    }
    return PreparedKernel(kernel, byImages: byImages) { phase, task, at, written in
      kernel.run(
        phase: phase, task: task, outputGradient: at.operands[0], kernel: at.operands[1], inputGradient: at.result,
        workspace: at.workspace, written: written)
    }
  }
}

/// A convolution's gradient with respect to its kernels, from the images and the result's gradient.
struct ConvolutionKernelGradient: Operation {
  let attributes: ConvolutionAttributes

  var name: String { "convolution's kernel gradient" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    let window = attributes.window.window
    let inputs = (operands[0][3].fixedSize ?? 0) / attributes.groups
    return [Dimension(window.height), Dimension(window.width), Dimension(inputs), operands[1][3]]
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let (x, g, upstream) = (context.operands[0], context.operands[1], context.gradient)
    return [
      context.ifNeeded(0) {
        let operation = ConvolutionInputGradient(attributes: attributes, height: x.shape[1], width: x.shape[2])
        return x.graph.record(operation, [g, upstream])
      },
      context.ifNeeded(1) { x.graph.record(Convolution(attributes: attributes), [x, upstream]) },
    ]
  }

  func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] { gradients(context.squaringOperands) }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.ConvolutionKernelGradient<S>(
      attributes.geometry(input: operands[0], kernel: result), algorithm: attributes.algorithm)
    let byImages = kernel.imageScratchCount.map { scratchCount in
      PreparedKernel<S>.ByImages(
        summing: operands.map(\.imageCount), partCount: result.count, parts: kernel.imageParts,
        scratchCount: scratchCount
      ) { at, images, part, scratch in
        kernel.run(
          images: images, input: at.operands[0], outputGradient: at.operands[1], part: part, scratch: scratch)
      }
    }
    return PreparedKernel(kernel, byImages: byImages) { phase, task, at in
      kernel.run(
        phase: phase, task: task, input: at.operands[0], outputGradient: at.operands[1], kernelGradient: at.result,
        workspace: at.workspace)
    }
  }
}

/// Cross-correlation of images [batch, height, width, in] with kernels [rows, columns, in/groups, out].
///
/// y[b,i,j,o] = Σ x[b, i·stride + r·dilation - top, j·stride + s·dilation - left, c]·w[r,s,c,o] over r, s, c.
///
/// - Parameters:
///   - stride: rows and columns between neighbouring windows.
///   - padding: zeros around the image.
///   - dilation: rows and columns between neighbouring elements of the kernel.
///   - groups: input and output channels are cut into so many parts, each convolved by itself.
///   - algorithm: how it and its gradients are computed; the best for the shapes unless told. One that cannot compute it is a
///     mistake that `compile` reports.
public func convolution<S>(
  _ images: Node<S>, _ kernel: Node<S>, stride: Size2D = 1, padding: Padding2D = .valid, dilation: Size2D = 1,
  groups: Int = 1, algorithm: ConvolutionAlgorithm? = nil
) -> Node<S> {
  let (x, k) = (images.shape, kernel.shape)
  let window = Size2D(k.rank == 4 ? k[0].fixedSize ?? 0 : 0, k.rank == 4 ? k[1].fixedSize ?? 0 : 0)
  let attributes = WindowAttributes(
    window: window, stride: stride, dilation: dilation, padding: padding,
    height: x.rank == 4 ? x[1].fixedSize ?? 0 : 0, width: x.rank == 4 ? x[2].fixedSize ?? 0 : 0)
  return images.graph.record(
    Convolution(attributes: ConvolutionAttributes(window: attributes, groups: groups, algorithm: algorithm)),
    [images, kernel])
}

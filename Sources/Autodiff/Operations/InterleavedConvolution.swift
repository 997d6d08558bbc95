import BLAS
import Kernels
import Tensors

/// An operation that a plan puts in the place of recorded ones: nobody records it, so nobody differentiates it.
protocol PlannedOperation: Operation {}

extension PlannedOperation {
  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    preconditionFailure("\(name) stands in plans only")
  }
}

/// Images [n·blocks, height, width, channels] as blocks [blocks, height, width, channels·n] of n interleaved images, a channel's
/// n numbers side by side, or the inverse.
struct Interleaving: PlannedOperation {
  /// The images of a block.
  let images: Int
  let isInverse: Bool

  var name: String { isInverse ? "separating" : "interleaving" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    let (first, last) = (operands[0][0].fixedSize ?? 0, operands[0][3].fixedSize ?? 0)
    return [
      Dimension(isInverse ? first * images : first / images), operands[0][1], operands[0][2],
      Dimension(isInverse ? last / images : last * images),
    ]
  }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let batch = Swift.max(operands[0][0], result[0])
    let count = result.count / batch
    let kernel = ImageInterleaving<S>(batch: batch, count: count, isInverse: isInverse)
    let byBlocks = PreparedKernel<S>.ByImages(operandCount: count * images, resultCount: count * images) {
      at, blocks, _ in
      kernel.run(blocks: blocks, source: at.operands[0], result: at.result)
    }
    return PreparedKernel(kernel, byImages: byBlocks) { phase, task, at in
      kernel.run(phase: phase, task: task, source: at.operands[0], result: at.result)
    }
  }
}

/// A convolution of blocks of interleaved images, or one of its gradients.
struct InterleavedConvolution: PlannedOperation {
  let attributes: ConvolutionAttributes
  let pass: ConvolutionPass
  /// The images of a block.
  let images: Int
  /// The images and the kernel, as for one image.
  let input: Shape
  let kernel: Shape

  var name: String {
    switch pass {
    case .forward: "convolution"
    case .inputGradient: "convolution's input gradient"
    case .kernelGradient: "convolution's kernel gradient"
    }
  }

  private var geometry: ConvolutionGeometry { attributes.geometry(input: input, kernel: kernel) }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    let blocks = Dimension(input[0] / images)
    switch pass {
    case .forward:
      let output = geometry.window.output
      return [blocks, Dimension(output.height), Dimension(output.width), Dimension(kernel[3] * images)]
    case .inputGradient: return [blocks, Dimension(input[1]), Dimension(input[2]), Dimension(input[3] * images)]
    case .kernelGradient: return SymbolicShape(kernel)
    }
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.InterleavedConvolution<S>(geometry, pass)
    let counts = operands.map { $0.dimensions.dropFirst().reduce(1, *) }
    let byBlocks =
      if pass == .kernelGradient {
        PreparedKernel<S>.ByImages(
          summing: counts, partCount: result.count, parts: kernel.blockParts, scratchCount: kernel.scratchCount
        ) { at, blocks, part, scratch in
          kernel.run(blocks: blocks, first: at.operands[0], second: at.operands[1], result: part, scratch: scratch)
        }
      } else {
        PreparedKernel<S>.ByImages(
          operandCount: counts[0], resultCount: result.count / result[0], otherOperands: 1,
          scratchCount: kernel.scratchCount
        ) { at, blocks, scratch in
          kernel.run(
            blocks: blocks, first: at.operands[0], second: at.operands[1], result: at.result, scratch: scratch)
        }
      }
    return PreparedKernel(kernel, byImages: byBlocks) { phase, task, at in
      kernel.run(
        phase: phase, task: task, first: at.operands[0], second: at.operands[1], result: at.result,
        workspace: at.workspace)
    }
  }
}

/// The sum over all axes but the channels of blocks of interleaved images.
struct InterleavedChannelSum: PlannedOperation {
  /// The images of a block.
  let images: Int

  var name: String { "sum over axes \(Sum.imageAxes)" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    [1, 1, 1, Dimension((operands[0][3].fixedSize ?? 0) / images)]
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let shape = operands[0]
    let kernel = Kernels.InterleavedChannelSum<S>(
      blocks: shape[0], positions: shape[1] * shape[2], channels: result[3])
    let byBlocks = PreparedKernel<S>.ByImages(
      summing: [shape.count / shape[0]], partCount: result[3], parts: kernel.blockParts,
      scratchCount: kernel.scratchCount
    ) { at, blocks, part, scratch in
      kernel.run(blocks: blocks, input: at.operands[0], part: part, scratch: scratch)
    }
    return PreparedKernel(kernel, byImages: byBlocks) { phase, task, at in
      kernel.run(phase: phase, task: task, input: at.operands[0], output: at.result, workspace: at.workspace)
    }
  }
}

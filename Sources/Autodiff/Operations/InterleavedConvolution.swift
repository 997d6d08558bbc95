import BLAS
import Kernels
import Tensors

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
    return PreparedKernel(kernel, byImages: byBlocks, byBands: bands(kernel, operands)) { phase, task, at in
      kernel.run(
        phase: phase, task: task, first: at.operands[0], second: at.operands[1], result: at.result,
        workspace: at.workspace)
    }
  }

  /// The kernel's gradient by bands of the output's gradient.
  private func bands<S: Scalar>(_ kernel: Kernels.InterleavedConvolution<S>, _ operands: [Shape]) -> ByBands<S>? {
    guard kernel.sumsByRows else { return nil }
    return ByBands(
      height: interleavedBandHeight, rowCount: operands[1][2] * operands[1][3],
      role: .summing(
        scratchCount: kernel.scratchCount,
        add: { band, at, block, rows, isFirst, scratch in
          kernel.add(rows: rows, block: block, isFirst: isFirst, input: at.operands[0], band: band, scratch: scratch)
        },
        finish: { part, scratch in kernel.finish(part: part, scratch: scratch) }))
  }
}

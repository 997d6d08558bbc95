import BLAS
import Kernels
import Tensors

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
      blocks: shape[0], height: shape[1], width: shape[2], channels: result[3])
    let byBlocks = PreparedKernel<S>.ByImages(
      summing: [shape.count / shape[0]], partCount: result[3], parts: kernel.blockParts,
      scratchCount: kernel.scratchCount
    ) { at, blocks, part, scratch in
      kernel.run(blocks: blocks, input: at.operands[0], part: part, scratch: scratch)
    }
    let byBands = ByBands<S>(
      height: interleavedBandHeight, rowCount: shape[2] * shape[3],
      role: .summing(
        scratchCount: kernel.scratchCount,
        add: { band, _, _, rows, isFirst, scratch in
          kernel.add(rows: rows, isFirst: isFirst, band: band, scratch: scratch)
        },
        finish: { part, scratch in kernel.finish(part: part, scratch: scratch) }))
    return PreparedKernel(kernel, byImages: byBlocks, byBands: byBands) { phase, task, at in
      kernel.run(phase: phase, task: task, input: at.operands[0], output: at.result, workspace: at.workspace)
    }
  }
}

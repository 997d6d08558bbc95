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

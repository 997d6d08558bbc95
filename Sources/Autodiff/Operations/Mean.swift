import Tensors
import BLAS

/// The mean over `axes` (all where none are given), the batch axis included.
///
/// - Parameter keepingDimensions: whether the averaged axes stay with size 1.
public func mean<S>(_ x: Node<S>, axes: [Int]? = nil, keepingDimensions: Bool = false) -> Node<S> {
  let total = sum(x, axes: axes, keepingDimensions: keepingDimensions)
  let averaged = SymbolicShape(
    (axes ?? Array(0..<x.rank)).filter(x.shape.dimensions.indices.contains).map { x.shape[$0] })
  let (factor, batchPower) = averaged.elementCount
  // The batch size is known only when a plan is compiled, so the divisor is a node that the plan fills in.
  guard batchPower > 0 else { return total / Double(max(factor, 1)) }
  let divisor = x.graph.record(Fill(value: 1 / Double(max(factor, 1)), shape: [], batchPower: batchPower), [])
  return total * divisor
}

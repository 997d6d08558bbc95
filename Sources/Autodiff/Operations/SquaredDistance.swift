import Tensors
import BLAS

/// Σ_j (x_j - w_ij)² between each row of `x` [batch, n] and each row of `centres` [units, n]: [batch, units].
///
/// Source: LeCun et al. (1998), equation 7: the Euclidean radial basis function units.
public func squaredDistances<S>(_ x: Node<S>, to centres: Node<S>) -> Node<S> {
  guard x.rank == 2, centres.rank == 2 else { return matrixProduct(x, centres, transposingSecond: true) }
  let row: SymbolicShape = [x.shape[0], 1, x.shape[1]]
  return sum(square(x.reshaped(to: row) - centres), axes: [2])
}

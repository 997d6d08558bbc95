import Tensors
import BLAS

/// (x - mean)/√(variance + ε)·scale + shift with the batch's own statistics over all axes but the last.
///
/// Source: Ioffe and Szegedy (2015), algorithm 1; the variance is divided by n.
///
/// - Returns: the normalized node, and the batch's mean and variance [channels] for running averages.
public func batchNormalization<S>(
  _ x: Node<S>, scale: Node<S>, shift: Node<S>, epsilon: Double = 1e-3
) -> (result: Node<S>, mean: Node<S>, variance: Node<S>) {
  let axes = Array(x.shape.dimensions.indices.dropLast())
  let average = mean(x, axes: axes)
  let centred = x - average
  let variance = mean(square(centred), axes: axes)
  return (centred * (scale / sqrt(variance + epsilon)) + shift, average, variance)
}

/// (x - mean)/√(variance + ε)·scale + shift with statistics given from elsewhere.
public func batchNormalization<S>(
  _ x: Node<S>, mean: Node<S>, variance: Node<S>, scale: Node<S>, shift: Node<S>, epsilon: Double = 1e-3
) -> Node<S> {
  let factor = scale / sqrt(variance + epsilon)
  return x * factor + (shift - mean * factor)
}

import Tensors
import BLAS

/// LeCun's squashing function 1.7159·tanh(2x/3), which maps ±1 to ±1 and is steepest curved there.
///
/// Source: LeCun et al. (1998), appendix A.
public func scaledTanh<S>(_ x: Node<S>) -> Node<S> { 1.7159 * tanh(x * (2.0 / 3.0)) }

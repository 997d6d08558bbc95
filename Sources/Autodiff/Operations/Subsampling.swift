import Tensors
import BLAS

/// LeNet-5's trainable subsampling: coefficient·(sum of the window) + bias, one pair a channel.
///
/// Source: LeCun et al. (1998), section II.B: "the four inputs to a unit in S2 are added, then multiplied by a trainable
/// coefficient, and added to a trainable bias".
///
/// - Parameters:
///   - images: [batch, height, width, channels].
///   - coefficient: [channels].
///   - bias: [channels].
///   - size: the window, which does not overlap its neighbours.
public func subsampling<S>(_ images: Node<S>, coefficient: Node<S>, bias: Node<S>, size: Size2D = 2) -> Node<S> {
  sumPooling(images, size: size) * coefficient + bias
}

import Tensors
import BLAS

/// -t·ln σ(x) - (1 - t)·ln(1 - σ(x)) element by element, computed as softplus(x) - t·x, which never overflows.
public func sigmoidCrossEntropy<S>(_ logits: Node<S>, targets: Node<S>) -> Node<S> {
  softplus(logits) - targets * logits
}

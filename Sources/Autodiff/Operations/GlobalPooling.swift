import Tensors
import BLAS

/// The mean over all rows and columns of images [batch, height, width, channels]: [batch, channels].
public func globalAveragePooling<S>(_ images: Node<S>) -> Node<S> { mean(images, axes: [1, 2]) }

/// The largest element over all rows and columns of images [batch, height, width, channels]: [batch, channels].
public func globalMaxPooling<S>(_ images: Node<S>) -> Node<S> { max(images, axes: [1, 2]) }

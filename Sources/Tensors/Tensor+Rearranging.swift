public import BLAS

extension Tensor {
  /// The same elements, in the same order, under another shape.
  ///
  /// - Precondition: `shape.count == count`.
  public func reshaped(to shape: Shape) -> Tensor {
    precondition(shape.count == count, "a tensor of shape \(self.shape) cannot be reshaped to \(shape)")
    return Tensor(shape, elements)
  }

  /// The tensor with its axes reversed: for a matrix, its transpose.
  public func transposed() -> Tensor {
    transposed(Array((0..<rank).reversed()))
  }

  /// The tensor with its axes in another order: axis `i` of the result is axis `axes[i]` of this one.
  ///
  /// `kernel.transposed([3, 2, 0, 1])` turns a kernel of `[height, width, inputs, outputs]` into
  /// `[outputs, inputs, height, width]`.
  ///
  /// - Precondition: `axes` is a permutation of `0..<rank`.
  public func transposed(_ axes: [Int]) -> Tensor {
    precondition(axes.sorted() == Array(0..<rank), "\(axes) is not a permutation of the axes of shape \(shape)")
    let strides = shape.strides
    let dimensions = axes.map { shape.dimensions[$0] }
    return Tensor(Shape(dimensions)) { target in
      elements.withUnsafeBufferPointer { source in
        copyStrided(source, dimensions: dimensions, strides: axes.map { strides[$0] }, to: target)
      }
    }
  }

  /// The tensor of `transform` applied to each element.
  @inlinable
  public func map<T: Scalar, Failure: Error>(_ transform: (S) throws(Failure) -> T) throws(Failure) -> Tensor<T> {
    Tensor<T>(shape, try elements.map(transform))
  }
}

import Tensors

/// An operation that treats what lies along the first axis, the images of a batch, one by one, or sums over them: it can go
/// through a batch a slice at a time.
protocol SliceableOperation: Operation {
  /// For each operand whether a slice of it is enough for a slice of the result; the others are read whole.
  var readsSlices: [Bool] { get }
  /// Whether the result is a sum over the images, and so of all slices.
  var sumsSlices: Bool { get }
}

extension SliceableOperation {
  var sumsSlices: Bool { false }
}

extension Convolution: SliceableOperation {
  var readsSlices: [Bool] { [true, false] }
}

extension ConvolutionInputGradient: SliceableOperation {
  var readsSlices: [Bool] { [true, false] }
}

extension ConvolutionKernelGradient: SliceableOperation {
  var readsSlices: [Bool] { [true, true] }
  var sumsSlices: Bool { true }
}

extension MaxPooling: SliceableOperation {
  var readsSlices: [Bool] { [true] }
}

extension MaxPoolingPlaces: SliceableOperation {
  var readsSlices: [Bool] { [true] }
}

extension MaxPoolingGradient: SliceableOperation {
  var readsSlices: [Bool] { [true, true] }
}

extension MaxPoolingGather: SliceableOperation {
  var readsSlices: [Bool] { [true, true] }
}

extension AveragePooling: SliceableOperation {
  var readsSlices: [Bool] { [true] }
}

extension AveragePoolingGradient: SliceableOperation {
  var readsSlices: [Bool] { [true] }
}

extension Sum: SliceableOperation {
  var readsSlices: [Bool] { [true] }
  var sumsSlices: Bool { axes.contains(0) }
}

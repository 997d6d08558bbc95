import BLAS

// Unspecialised generic loops over elements cost tens of nanoseconds a step; these are compiled for each scalar.

/// Rounds every element of `source` to `Target`.
@specialized(where Source == Double, Target == Float)
@specialized(where Source == Float, Target == Double)
@specialized(where Source == Float, Target == Float)
@specialized(where Source == Double, Target == Double)
func convertElements<Source: Scalar, Target: Scalar>(
  _ source: UnsafeBufferPointer<Source>, to target: UnsafeMutableBufferPointer<Target>
) {
  for index in 0..<source.count {
    (target.baseAddress! + index).initialize(to: Target(source[index]))
  }
}

/// Whether no element is infinite or not a number.
@specialized(where S == Float)
@specialized(where S == Double)
func areFinite<S: Scalar>(_ elements: UnsafeBufferPointer<S>) -> Bool {
  for element in elements where !element.isFinite { return false }
  return true
}

/// Whether two lists of one length are equal element by element.
@specialized(where S == Float)
@specialized(where S == Double)
func areEqual<S: Scalar>(_ left: UnsafeBufferPointer<S>, _ right: UnsafeBufferPointer<S>) -> Bool {
  for index in 0..<left.count where left[index] != right[index] { return false }
  return true
}

/// Copies `source` to `target` so that axis `i` of the target, of extent `dimensions[i]`, walks the source with
/// `strides[i]`.
@specialized(where S == Float)
@specialized(where S == Double)
func copyStrided<S: Scalar>(
  _ source: UnsafeBufferPointer<S>, dimensions: [Int], strides: [Int], to target: UnsafeMutableBufferPointer<S>
) {
  let rank = dimensions.count
  guard rank > 0, let from = source.baseAddress, let to = target.baseAddress else {
    _ = target.initialize(fromContentsOf: source)
    return
  }
  var indices = [Int](repeating: 0, count: rank)
  let innerExtent = dimensions[rank - 1]
  let innerStride = strides[rank - 1]
  var position = 0
  var start = 0
  while position < target.count {
    for inner in 0..<innerExtent {
      (to + position + inner).initialize(to: from[start + inner * innerStride])
    }
    position += innerExtent
    // Step the outer axes like an odometer.
    var axis = rank - 2
    while axis >= 0 {
      indices[axis] += 1
      start += strides[axis]
      if indices[axis] < dimensions[axis] { break }
      start -= strides[axis] * dimensions[axis]
      indices[axis] = 0
      axis -= 1
    }
  }
}

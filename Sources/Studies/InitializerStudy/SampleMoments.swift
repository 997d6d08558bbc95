/// Mean and standard deviation of many numbers in single precision, in two passes with sums in double precision.
struct SampleMoments: Sendable, Hashable {
  let mean: Double
  /// The mean of the squares.
  let secondMoment: Double
  /// With n below.
  let standardDeviation: Double

  init(_ values: UnsafeBufferPointer<Float>) {
    let count = Double(max(values.count, 1))
    var sum = 0.0
    for value in values { sum += Double(value) }
    let mean = sum / count
    var squares = 0.0
    for value in values {
      let deviation = Double(value) - mean
      squares += deviation * deviation
    }
    self.mean = mean
    standardDeviation = (squares / count).squareRoot()
    secondMoment = squares / count + mean * mean
  }

  init(_ values: [Float]) { self = values.withUnsafeBufferPointer { SampleMoments($0) } }

  /// The fraction of `values` with |value| > `limit`.
  static func fraction(of values: UnsafeBufferPointer<Float>, beyond limit: Float) -> Double {
    var count = 0
    for value in values where abs(value) > limit { count += 1 }
    return Double(count) / Double(max(values.count, 1))
  }
}

/// The moments of the gradients of a fully connected layer's weights, one example at a time.
///
/// The gradient of example e's cost by w_ij is z_ei δ_ej, the product of what entered the layer and the gradient by its
/// pre-activations. So its mean over i and j is the product of two means, and that of its square the product of two mean
/// squares: no weight gradient needs to be formed.
struct OuterProductMoments: Sendable {
  /// The standard deviation over the weights and the examples.
  let standardDeviation: Double

  /// - Parameters:
  ///   - inputs: z, row-major [examples, inputs].
  ///   - gradients: δ, row-major [examples, units], of each example's own cost.
  init(inputs: UnsafeBufferPointer<Float>, gradients: UnsafeBufferPointer<Float>, examples: Int, scale: Double) {
    let (width, units) = (inputs.count / examples, gradients.count / examples)
    var (mean, square) = (0.0, 0.0)
    for example in 0..<examples {
      let z = SampleMoments(UnsafeBufferPointer(rebasing: inputs[example * width..<(example + 1) * width]))
      let delta = SampleMoments(UnsafeBufferPointer(rebasing: gradients[example * units..<(example + 1) * units]))
      mean += z.mean * delta.mean
      square += z.secondMoment * delta.secondMoment
    }
    mean /= Double(examples)
    square /= Double(examples)
    standardDeviation = max(0, square - mean * mean).squareRoot() * scale
  }
}

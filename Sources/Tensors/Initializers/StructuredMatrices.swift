import BLAS

extension Initializer {
  func makeIdentity<S: Scalar>(_ shape: Shape, gain: Double) throws(InitializerError) -> Tensor<S> {
    guard shape.rank == 2 else {
      throw .unsupportedShape(initializer: name, shape: shape, expected: "a matrix (rank 2)")
    }
    var tensor = Tensor<S>.zeros(shape)
    for index in 0..<min(shape[0], shape[1]) { tensor[index, index] = S(gain) }
    return tensor
  }

  func makeDirac<S: Scalar>(_ shape: Shape, groups: Int) throws(InitializerError) -> Tensor<S> {
    guard (3...5).contains(shape.rank) else {
      throw .unsupportedShape(
        initializer: name, shape: shape, expected: "a convolution kernel [size..., inputs, outputs] of rank 3 to 5")
    }
    let (inputs, outputs) = (shape[-2], shape[-1])
    guard outputs.isMultiple(of: groups) else {
      throw .unsupportedShape(initializer: name, shape: shape, expected: "outputs divisible by \(groups) groups")
    }
    var tensor = Tensor<S>.zeros(shape)
    guard shape.count > 0 else { return tensor }
    let centre = zip(shape.dimensions, shape.strides).dropLast(2).reduce(0) { $0 + $1.0 / 2 * $1.1 }
    let outputsOfGroup = outputs / groups
    for group in 0..<groups {
      for channel in 0..<min(inputs, outputsOfGroup) {
        tensor.elements[centre + channel * outputs + group * outputsOfGroup + channel] = 1
      }
    }
    return tensor
  }

  func makeSparse<S: Scalar>(
    _ shape: Shape, zeroFraction: Double, standardDeviation: Double, generator: RandomGenerator
  ) throws(InitializerError) -> Tensor<S> {
    guard shape.rank >= 2 else {
      throw .unsupportedShape(initializer: name, shape: shape, expected: "a tensor of rank 2 or more")
    }
    guard shape.count > 0 else { return Tensor(shape, []) }
    let columns = shape[-1]
    let rows = shape.count / columns
    let zeros = Int((zeroFraction * Double(rows)).rounded(.up))
    var tensor: Tensor<S> = makeTensor(
      shape, drawnFrom: .normal(mean: 0, standardDeviation: standardDeviation), generator: generator)
    // A stream of its own, so that the numbers drawn do not depend on how many are wiped out.
    var places = generator.fork("zeros")
    places.position = generator.position
    for column in 0..<columns {
      for row in places.permutation(rows).prefix(zeros) { tensor.elements[row * columns + column] = 0 }
    }
    return tensor
  }
}

import BLAS

extension Initializer {
  /// The factor Q of a normal matrix, its columns signed like the diagonal of R, which makes every orthogonal matrix as
  /// likely as the others (Mezzadri, "How to generate random matrices from the classical compact groups", 2007).
  func makeOrthogonal<S: Scalar>(
    _ shape: Shape, gain: Double, convention: Convention, generator: RandomGenerator
  ) throws(InitializerError) -> Tensor<S> {
    guard shape.rank >= 2 else {
      throw .unsupportedShape(initializer: name, shape: shape, expected: "a tensor of rank 2 or more")
    }
    guard shape.count > 0 else { return Tensor(shape, []) }
    let isFirst = convention == .pytorch
    let rows = isFirst ? shape[0] : shape.count / shape[-1]
    let columns = shape.count / rows
    let tall = max(rows, columns)
    let wide = min(rows, columns)
    var generator = generator
    var matrix = Tensor<Double>([tall, wide]) { generator.fill($0, from: .normal(mean: 0, standardDeviation: 1)) }
    orthonormalizeColumns(&matrix)
    let oriented = rows >= columns ? matrix : matrix.transposed()
    return Tensor(converting: oriented.map { gain * $0 }.reshaped(to: shape))
  }
}

/// Gram and Schmidt, each column twice.
private func orthonormalizeColumns(_ matrix: inout Tensor<Double>) {
  var columns = matrix.transposed()
  let (count, length) = (columns.shape[0], columns.shape[1])
  columns.withUnsafeMutableBufferPointer { q in
    for column in 0..<count {
      for _ in 0..<2 {
        for earlier in 0..<column {
          var product = 0.0
          for i in 0..<length { product += q[earlier * length + i] * q[column * length + i] }
          for i in 0..<length { q[column * length + i] -= product * q[earlier * length + i] }
        }
      }
      var norm = 0.0
      for i in 0..<length { norm += q[column * length + i] * q[column * length + i] }
      norm = norm.squareRoot()
      for i in 0..<length { q[column * length + i] /= norm }
    }
  }
  matrix = columns.transposed()
}

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
    let rows = convention == .pytorch ? shape[0] : shape.count / shape[-1]
    let columns = shape.count / rows
    let tall = max(rows, columns)
    let wide = min(rows, columns)
    guard tall <= Int32.max else {
      throw .factorizationFailed(initializer: name, shape: shape, reason: "LAPACK counts rows in 32 bits")
    }
    var generator = generator
    var matrix = Tensor<Double>([tall, wide]) { generator.fill($0, from: .normal(mean: 0, standardDeviation: 1)) }
    let status = matrix.withUnsafeMutableBufferPointer { orthonormalize($0.baseAddress!, tall, wide, gain: gain) }
    guard status == 0 else {
      throw .factorizationFailed(initializer: name, shape: shape, reason: "LAPACK's status is \(status)")
    }
    return Tensor(converting: (rows >= columns ? matrix : matrix.transposed()).reshaped(to: shape))
  }
}

/// Replaces a row-major matrix, not wider than tall, by `gain · Q · sign(diag R)`.
///
/// - Returns: LAPACK's status, 0 for success.
private func orthonormalize(_ matrix: UnsafeMutablePointer<Double>, _ tall: Int, _ wide: Int, gain: Double) -> Int {
  withUnsafeTemporaryAllocation(of: Double.self, capacity: wide) { reflectors in
    let factored = Double.geqrf(tall, wide, matrix, wide, reflectors.baseAddress!)
    guard factored == 0 else { return factored }
    let factors = (0..<wide).map { matrix[$0 * wide + $0] < 0 ? -gain : gain }
    let formed = Double.orgqr(tall, wide, wide, matrix, wide, reflectors.baseAddress!)
    guard formed == 0 else { return formed }
    for row in 0..<tall {
      for column in 0..<wide { matrix[row * wide + column] *= factors[column] }
    }
    return 0
  }
}

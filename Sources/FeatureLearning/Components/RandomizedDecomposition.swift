import BLAS
import Tensors

/// The leading singular values and vectors of the centered points, from their image in a random subspace.
func randomizedDecomposition<S: Scalar>(
  _ points: FeatureMatrix<S>, size: Int, powerIterations: Int, generator: RandomGenerator, pool: ThreadPool
) throws -> SingularValueDecomposition<S> {
  let x = Matrix(rows: points.rows, columns: points.columns, elements: points.elements)
  var generator = generator
  let start = (0..<points.columns * size).map { _ in S(generator.normal()) }
  var range = try QRDecomposition(
    matrixMultiply(x, Matrix(rows: points.columns, columns: size, elements: start), pool: pool)
  ).q
  // Orthonormal bases in between: powers of the singular values would drown all but the largest.
  for _ in 0..<powerIterations {
    let back = try QRDecomposition(matrixMultiply(x, range, transposeA: true, pool: pool)).q
    range = try QRDecomposition(matrixMultiply(x, back, pool: pool)).q
  }
  return try SingularValueDecomposition(matrixMultiply(range, x, transposeA: true, pool: pool))
}

public import BLAS
public import Tensors

/// Principal components: the orthogonal directions in which the points vary most.
///
/// ```swift
/// let components = try PCA(components: 50, whitens: true).fit(images)
/// let short = try components.transform(images)   // [n, 50]
/// ```
public struct PCA: Sendable, Hashable {
  /// How the components are found.
  public enum Method: Sendable, Hashable {
    /// The eigenvectors of the covariance where there are at least as many points as features, and the singular vectors of
    /// the centered points where there are fewer. Features that hold one number in all points take no part in the
    /// covariance; their elements of the components are 0.
    case full
    /// The singular vectors of the points' image in a random subspace of `components + oversampling` dimensions, which
    /// power iterations turn toward the leading ones (Halko, Martinsson and Tropp, SIAM Review 53 (2011), algorithms 4.4
    /// and 5.1).
    case randomized(oversampling: Int = 10, powerIterations: Int = 4, seed: UInt64 = 0)
  }

  /// How many components are kept.
  public var components: Int
  /// How they are found.
  public var method: Method
  /// Whether projections are divided by their standard deviations, so that each has variance 1.
  public var whitens: Bool

  /// Describes an analysis; nothing is computed yet.
  ///
  /// - Parameters:
  ///   - components: at least 1 and at most the smaller of points and features.
  ///   - method: how they are found; all of them by default.
  ///   - whitens: whether projections get variance 1.
  public init(components: Int, method: Method = .full, whitens: Bool = false) {
    (self.components, self.method, self.whitens) = (components, method, whitens)
  }

  /// Finds the components of the rows of a matrix [n, d], n at least 2.
  ///
  /// The element of largest magnitude of every component (of equal ones the first) is positive.
  ///
  /// - Throws: ``FeatureLearningError`` for another shape, features that are not finite and a number of components that the
  ///   shape does not have; `LinearAlgebraError` where LAPACK does not converge.
  public func fit<S: Scalar>(_ x: Tensor<S>, pool: ThreadPool = .shared) throws -> PCAResult<S> {
    let (rows, columns) = try matrixExtents(x)
    guard rows >= 2 else {
      throw FeatureLearningError.outOfRange(what: "the number of points", expected: "at least 2", found: "\(rows)")
    }
    guard components >= 1, components <= min(rows, columns) else {
      throw FeatureLearningError.outOfRange(
        what: "the number of components", expected: "1 to \(min(rows, columns)) for the shape \(x.shape)",
        found: "\(components)")
    }
    let (vectors, squares, mean, total): ([Double], [Double], [S], Double)
    switch method {
    case .full where rows >= columns:
      let covariance = try Covariance(x, pool: pool)
      (vectors, squares) = try leading(covariance)
      (mean, total) = (covariance.mean, covariance.trace)
    case .full:
      let points = try FeatureMatrix(x, pool: pool)
      let matrix = Matrix(rows: rows, columns: columns, elements: points.elements)
      let decomposition = try SingularValueDecomposition(matrix)
      (vectors, squares) = leading(decomposition)
      (mean, total) = (points.mean, points.squaredNorms.reduce(0) { $0 + Double($1) })
    case .randomized(let oversampling, let powerIterations, let seed):
      guard oversampling >= 0, powerIterations >= 0 else {
        throw FeatureLearningError.outOfRange(
          what: "oversampling and power iterations", expected: "at least 0",
          found: "\(oversampling), \(powerIterations)")
      }
      let points = try FeatureMatrix(x, pool: pool)
      let size = min(components.addingReportingOverflow(oversampling).partialValue, min(rows, columns))
      let decomposition = try randomizedDecomposition(
        points, size: size < components ? min(rows, columns) : size, powerIterations: powerIterations,
        generator: RandomGenerator(seed: seed), pool: pool)
      (vectors, squares) = leading(decomposition)
      (mean, total) = (points.mean, points.squaredNorms.reduce(0) { $0 + Double($1) })
    }
    let degrees = Double(rows - 1)
    return PCAResult(
      mean: mean, components: Tensor([components, columns], signed(vectors, columns).map { S($0) }),
      explainedVariance: squares.map { $0 / degrees }, totalVariance: total / degrees, whitens: whitens)
  }

  /// The leading eigenvectors of a covariance, row after row, and their eigenvalues.
  private func leading<S: Scalar>(_ covariance: Covariance<S>) throws -> ([Double], [Double]) {
    let (columns, varying) = (covariance.mean.count, covariance.varying)
    let count = min(components, varying.count)
    // All eigenvectors take less time than many one by one.
    let eigen =
      count <= varying.count / 4
      ? try SymmetricEigen(covariance.matrix, largest: count) : try SymmetricEigen(covariance.matrix)
    var vectors = [Double](repeating: 0, count: components * columns)
    var squares = [Double](repeating: 0, count: components)
    for component in 0..<count {
      let place = eigen.values.count - 1 - component
      squares[component] = max(eigen.values[place], 0)
      for (row, column) in varying.enumerated() { vectors[component * columns + column] = eigen.vectors[row, place] }
    }
    // Nothing varies along any direction that is left: those of the constant features are as good as others.
    let constant = Set(0..<columns).subtracting(varying).sorted()
    for component in count..<components { vectors[component * columns + constant[component - count]] = 1 }
    return (vectors, squares)
  }

  /// The leading right singular vectors, row after row, and the squares of their singular values.
  private func leading<S: Scalar>(_ decomposition: SingularValueDecomposition<S>) -> ([Double], [Double]) {
    let width = decomposition.vt.columns
    return (
      decomposition.vt.elements[0..<components * width].map { Double($0) },
      decomposition.s[0..<components].map { Double($0) * Double($0) }
    )
  }

  /// Turns each vector so that its element of largest magnitude is positive.
  private func signed(_ vectors: [Double], _ columns: Int) -> [Double] {
    var result = vectors
    for start in stride(from: 0, to: result.count, by: columns) {
      let range = start..<start + columns
      let largest = range.reduce(start) { abs(result[$1]) > abs(result[$0]) ? $1 : $0 }
      if result[largest] < 0 { for index in range { result[index] = -result[index] } }
    }
    return result
  }
}

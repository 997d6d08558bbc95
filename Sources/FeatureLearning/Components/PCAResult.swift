public import BLAS
public import Tensors

/// Principal components that were found, and projections onto them.
public struct PCAResult<S: Scalar>: Sendable {
  /// The mean of the points, [d] numbers.
  public let mean: [S]
  /// The components, orthonormal rows [components, d], the one of largest variance first.
  public let components: Tensor<S>
  /// The variance of the points along each component, with n − 1 degrees of freedom.
  public let explainedVariance: [Double]
  /// The sum of the variances of all features.
  public let totalVariance: Double
  /// Whether projections are divided by their standard deviations.
  public let whitens: Bool

  /// The share of each component in the sum of the variances of all features; 0 where nothing varies.
  public var explainedVarianceRatio: [Double] {
    explainedVariance.map { totalVariance > 0 ? $0 / totalVariance : 0 }
  }

  /// The projections of the rows of a matrix [m, d]: [m, components].
  ///
  /// Whitened, a component along which nothing varies gives 0.
  ///
  /// - Throws: ``FeatureLearningError`` for rows of another width, and for features that are not finite.
  public func transform(_ x: Tensor<S>, pool: ThreadPool = .shared) throws(FeatureLearningError) -> Tensor<S> {
    let (rows, columns) = try matrixExtents(x)
    guard columns == mean.count else {
      throw .shape(what: "the points", expected: [rows, mean.count], found: x.shape)
    }
    let points = try FeatureMatrix(x, mean: mean, pool: pool)
    let matrix = Matrix(rows: rows, columns: columns, elements: points.elements)
    let directions = Matrix(rows: components.shape[0], columns: columns, elements: scaledComponents)
    let projections = matrixMultiply(matrix, directions, transposeB: true, pool: pool)
    return Tensor([rows, components.shape[0]], projections.elements)
  }

  /// The points of projections [m, components]: [m, d], in the plane of the components.
  ///
  /// - Throws: ``FeatureLearningError/shape(what:expected:found:)``.
  public func inverseTransform(
    _ projections: Tensor<S>, pool: ThreadPool = .shared
  ) throws(FeatureLearningError) -> Tensor<S> {
    let (rows, columns) = try matrixExtents(projections)
    let (count, width) = (components.shape[0], components.shape[1])
    guard columns == count else {
      throw .shape(what: "the projections", expected: [rows, count], found: projections.shape)
    }
    let deviations = explainedVariance.map { whitens ? S($0.squareRoot()) : 1 }
    let lengths = projections.elements.indices.map { projections.elements[$0] * deviations[$0 % count] }
    let product = matrixMultiply(
      Matrix(rows: rows, columns: count, elements: lengths),
      Matrix(rows: count, columns: width, elements: components.elements), pool: pool)
    return Tensor([rows, width], product.elements.indices.map { product.elements[$0] + mean[$0 % width] })
  }

  private var scaledComponents: [S] {
    guard whitens else { return components.elements }
    let width = components.shape[1]
    // Rounding moves a variance by about the largest one's unit in the last place times the root of the number of features, as
    // a random matrix of such errors does; what lies below is none.
    let floor = 4 * (explainedVariance.first ?? 0) * Double(S.ulpOfOne) * Double(width).squareRoot()
    let factors = explainedVariance.map { $0 > floor ? 1 / $0.squareRoot() : 0 }
    return components.elements.indices.map { S(Double(components.elements[$0]) * factors[$0 / width]) }
  }
}

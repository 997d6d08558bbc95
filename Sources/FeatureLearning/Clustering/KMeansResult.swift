public import BLAS
public import Tensors

/// Why the iterations of k-means ended.
public enum KMeansTermination: String, Sendable, Hashable, Codable {
  /// No point changed its cluster: a local optimum.
  case assignmentsUnchanged
  /// The centers moved by no more than the tolerance.
  case centersWithinTolerance
  /// The iterations that were allowed are used up.
  case iterationLimit
}

/// The clusters that k-means found.
public struct KMeansResult<S: Scalar>: Sendable {
  /// The centers, [k, d].
  public let centers: Tensor<S>
  /// The cluster of each point, 0 up to k.
  public let labels: [Int]
  /// The number of points in each cluster.
  public let counts: [Int]
  /// The sum of the squared distances of all points to their centers, in double precision.
  public let inertia: Double
  /// How many iterations were made.
  public let iterations: Int
  /// Why they ended.
  public let termination: KMeansTermination
  /// How many squared distances were computed in the iterations; without bounds there are n · k in each.
  public let distanceCount: Int

  /// Whether the iterations ended by themselves.
  public var isConverged: Bool { termination != .iterationLimit }

  /// The nearest center of each row of a matrix [m, d].
  ///
  /// - Throws: ``FeatureLearningError`` for rows of another width, and for features that are not finite.
  public func predict(_ x: Tensor<S>, pool: ThreadPool = .shared) throws(FeatureLearningError) -> [Int] {
    let (rows, columns) = try matrixExtents(x)
    guard columns == centers.shape[1] else {
      throw .shape(what: "the points", expected: [rows, centers.shape[1]], found: x.shape)
    }
    let points = try FeatureMatrix(x, pool: pool)
    let moved = try FeatureMatrix(centers, mean: points.mean, pool: pool)
    var assignment = ClusterAssignment(
      points: points, centers: moved.elements, k: centers.shape[0], usesBounds: false)
    _ = assignment.assign(pool: pool)
    return assignment.labels.map(Int.init)
  }
}

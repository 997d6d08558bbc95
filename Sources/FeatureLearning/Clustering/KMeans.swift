public import BLAS
public import Tensors

/// k-means: centers that make the sum of the squared distances of all points to their nearest center small.
///
/// ```swift
/// let clusters = try KMeans(k: 10).fit(images, generator: RandomGenerator(seed: 1))
/// clusters.labels[0]; clusters.inertia; clusters.termination
/// ```
///
/// Lloyd's iteration, with distances as products of matrices in blocks, and with bounds by the triangle inequality that
/// spare those which cannot change an answer (Ding et al., "Yinyang k-means", ICML 2015; with at most 16 centers this is
/// Elkan's bound for every center, ICML 2003). A cluster that loses all its points gets the point farthest from its own
/// center. Results do not depend on the number of threads.
public struct KMeans: Sendable, Hashable {
  /// How the points are visited.
  public enum Method: Sendable, Hashable {
    /// All points in each iteration (Lloyd).
    case lloyd
    /// So many points drawn at random in each iteration, each moving its nearest center by one over the number of points
    /// that the center has seen (Sculley, "Web-scale k-means clustering", WWW 2010). An iteration limit is the only end.
    case miniBatch(size: Int)
  }

  /// The number of clusters.
  public var k: Int
  /// How the points are visited.
  public var method: Method
  /// How many times to begin from new starting centers; the result of least inertia is kept.
  public var starts: Int
  /// The most iterations of one start.
  public var iterationLimit: Int
  /// Iterations end where the squared movements of the centers add up to no more than this times the mean variance of
  /// the features.
  public var tolerance: Double
  /// Whether bounds spare distances; the answer is the same without.
  public var usesBounds: Bool

  /// Describes a clustering; nothing is computed yet.
  ///
  /// - Parameters:
  ///   - k: the number of clusters.
  ///   - method: how the points are visited.
  ///   - starts: how many times to begin; 1 by default.
  ///   - iterationLimit: the most iterations of one start; 300 by default.
  ///   - tolerance: of the centers' movement, relative to the mean variance of the features; 1e-4 by default.
  ///   - usesBounds: whether the triangle inequality spares distances.
  public init(
    k: Int, method: Method = .lloyd, starts: Int = 1, iterationLimit: Int = 300, tolerance: Double = 1e-4,
    usesBounds: Bool = true
  ) {
    (self.k, self.method, self.starts) = (k, method, starts)
    (self.iterationLimit, self.tolerance, self.usesBounds) = (iterationLimit, tolerance, usesBounds)
  }

  /// Clusters the rows of a matrix from starting centers drawn by greedy k-means++.
  ///
  /// Each center after the first is the best of 2 + ⌊log k⌋ points drawn with chances in proportion to their squared
  /// distances from the centers so far (Arthur and Vassilvitskii, SODA 2007).
  ///
  /// - Parameters:
  ///   - x: the points, [n, d].
  ///   - generator: start `i` draws from its stream numbered `i`.
  ///   - pool: the threads that share the work.
  /// - Throws: ``FeatureLearningError`` for no clusters or more than points, features that are not finite, fewer different
  ///   points than clusters, and numbers out of range.
  public func fit<S: Scalar>(
    _ x: Tensor<S>, generator: RandomGenerator, pool: ThreadPool = .shared
  ) throws(FeatureLearningError) -> KMeansResult<S> {
    let points = try checked(x, pool)
    guard starts >= 1 else {
      throw .outOfRange(what: "the number of starts", expected: "at least 1", found: "\(starts)")
    }
    var best: KMeansResult<S>?
    for start in 0..<starts {
      var generator = generator.fork(start)
      let centers = try plusPlusCenters(points, k: k, generator: &generator, pool: pool)
      let result = try run(points, from: centers, generator: &generator, pool: pool)
      if best.map({ result.inertia < $0.inertia }) ?? true { best = result }
    }
    return best!
  }

  /// Clusters the rows of a matrix from given starting centers.
  ///
  /// - Parameters:
  ///   - x: the points, [n, d].
  ///   - centers: where to begin, [k, d].
  ///   - generator: of the mini-batches; Lloyd's iteration draws nothing.
  ///   - pool: the threads that share the work.
  /// - Throws: ``FeatureLearningError`` as for ``fit(_:generator:pool:)``, and for centers of another shape.
  public func fit<S: Scalar>(
    _ x: Tensor<S>, from centers: Tensor<S>, generator: RandomGenerator = RandomGenerator(seed: 0),
    pool: ThreadPool = .shared
  ) throws(FeatureLearningError) -> KMeansResult<S> {
    let points = try checked(x, pool)
    guard centers.shape == [k, points.columns] else {
      throw .shape(what: "the starting centers", expected: [k, points.columns], found: centers.shape)
    }
    let moved = try FeatureMatrix(centers, mean: points.mean, pool: pool)
    var generator = generator
    return try run(points, from: moved.elements, generator: &generator, pool: pool)
  }

  private func checked<S: Scalar>(_ x: Tensor<S>, _ pool: ThreadPool) throws(FeatureLearningError) -> FeatureMatrix<S> {
    let (rows, _) = try matrixExtents(x)
    guard k >= 1, k <= rows else { throw .clusterCount(k: k, points: rows) }
    guard iterationLimit >= 1 else {
      throw .outOfRange(what: "the iteration limit", expected: "at least 1", found: "\(iterationLimit)")
    }
    guard tolerance >= 0, tolerance.isFinite else {
      throw .outOfRange(what: "the tolerance", expected: "a finite number of at least 0", found: "\(tolerance)")
    }
    if case .miniBatch(let size) = method, size < 1 {
      throw .outOfRange(what: "the size of a mini-batch", expected: "at least 1", found: "\(size)")
    }
    return try FeatureMatrix(x, pool: pool)
  }

  private func run<S: Scalar>(
    _ points: FeatureMatrix<S>, from centers: [S], generator: inout RandomGenerator, pool: ThreadPool
  ) throws(FeatureLearningError) -> KMeansResult<S> {
    switch method {
    case .lloyd: try lloyd(points, from: centers, pool: pool)
    case .miniBatch(let size):
      try miniBatches(points, from: centers, size: size, generator: &generator, pool: pool)
    }
  }

  private func lloyd<S: Scalar>(
    _ points: FeatureMatrix<S>, from centers: [S], pool: ThreadPool
  ) throws(FeatureLearningError) -> KMeansResult<S> {
    var assignment = ClusterAssignment(points: points, centers: centers, k: k, usesBounds: usesBounds)
    let variance = points.squaredNorms.reduce(0) { $0 + Double($1) } / Double(points.rows) / Double(points.columns)
    var (iterations, termination) = (0, KMeansTermination.iterationLimit)
    while iterations < iterationLimit {
      iterations += 1
      if assignment.assign(pool: pool) == 0 {
        termination = .assignmentsUnchanged
        break
      }
      try assignment.fillEmptyClusters(pool: pool)
      if assignment.moveCenters() <= tolerance * variance {
        termination = .centersWithinTolerance
        break
      }
    }
    // The labels are those of the centers that are returned.
    if termination != .assignmentsUnchanged { _ = assignment.assign(pool: pool) }
    return assignment.result(iterations: iterations, termination: termination, pool: pool)
  }
}

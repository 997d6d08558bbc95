public import BLAS
public import Tensors

/// The silhouette of every point: (b − a) / max(a, b), with a its mean distance to the others of its cluster and b the least
/// mean distance to another cluster; 0 for a point alone in its cluster (Rousseeuw 1987).
///
/// - Parameters:
///   - x: the points, [n, d]. The work is n² d, in blocks; nothing of n² numbers is held.
///   - labels: the cluster of each point, 0 and up.
///   - pool: the threads that share the work; the result does not depend on their number.
/// - Throws: ``FeatureLearningError`` for features that are not finite, labels that do not fit, and less than 2 clusters or as
///   many as points.
public func silhouettes<S: Scalar>(
  _ x: Tensor<S>, labels: [Int], pool: ThreadPool = .shared
) throws(FeatureLearningError) -> [Double] {
  let points = try FeatureMatrix(x, pool: pool)
  guard labels.count == points.rows else { throw .labelCount(expected: points.rows, found: labels.count) }
  let (clusters, values) = try ranks(labels)
  guard values.count >= 2, values.count < points.rows else {
    throw .clustersForScore(found: values.count, points: points.rows)
  }
  var counts = [Int](repeating: 0, count: values.count)
  for cluster in clusters { counts[cluster] += 1 }
  let sizes = counts
  return [Double](unsafeUninitializedCapacity: points.rows) { scores, count in
    let target = scores.baseAddress!
    pool.run(points.blockCount) { block in
      let range = points.block(block)
      var sums = [Double](repeating: 0, count: range.count * sizes.count)
      for other in 0..<points.blockCount {
        let rows = points.block(other)
        withSquaredDistances(points, range, points, rows) { distances in
          addRoots(distances, range, rows, clusters, clusterCount: sizes.count, into: &sums)
        }
      }
      for (place, row) in range.enumerated() {
        let own = clusters[row]
        guard sizes[own] > 1 else {
          target[row] = 0
          continue
        }
        let within = sums[place * sizes.count + own] / Double(sizes[own] - 1)
        var nearest = Double.infinity
        for cluster in sizes.indices where cluster != own {
          nearest = min(nearest, sums[place * sizes.count + cluster] / Double(sizes[cluster]))
        }
        let largest = max(within, nearest)
        target[row] = largest > 0 ? (nearest - within) / largest : 0
      }
    }
    count = points.rows
  }
}

/// The mean of ``silhouettes(_:labels:pool:)``, from −1 to 1.
///
/// - Throws: as there.
public func silhouette<S: Scalar>(
  _ x: Tensor<S>, labels: [Int], pool: ThreadPool = .shared
) throws(FeatureLearningError) -> Double {
  let all = try silhouettes(x, labels: labels, pool: pool)
  return all.reduce(0, +) / Double(all.count)
}

@specialized(where S == Float)
@specialized(where S == Double)
private func addRoots<S: Scalar>(
  _ distances: UnsafePointer<S>, _ range: Range<Int>, _ rows: Range<Int>, _ clusters: [Int], clusterCount: Int,
  into sums: inout [Double]
) {
  for (place, row) in range.enumerated() {
    for (index, other) in rows.enumerated() where other != row {
      sums[place * clusterCount + clusters[other]] += Double(distances[place * rows.count + index]).squareRoot()
    }
  }
}

public import BLAS
public import Tensors

/// The nearest reference points of each query.
public struct Neighbours: Sendable, Hashable {
  /// Rows of the reference for each query, the nearest first, of equally near ones the one that stands first.
  public let rows: [[Int]]
  /// Their Euclidean distances.
  public let distances: [[Double]]
}

/// The `count` reference points nearest to each query, by products of matrices in blocks, exactly.
///
/// - Parameters:
///   - queries: [m, d].
///   - reference: [n, d].
///   - count: how many neighbours, from 1 to n.
///   - pool: the threads that share the work; the result does not depend on their number.
/// - Returns: For each query its neighbours. Candidates are found in the scalar's precision, distances and their order are by
///   differences in double precision.
/// - Throws: ``FeatureLearningError`` for shapes that do not fit, features that are not finite and a count out of range.
public func nearestNeighbours<S: Scalar>(
  of queries: Tensor<S>, in reference: Tensor<S>, count: Int, pool: ThreadPool = .shared
) throws(FeatureLearningError) -> Neighbours {
  let (rows, columns) = try matrixExtents(reference)
  let extents = try matrixExtents(queries)
  guard extents.columns == columns else {
    throw .shape(what: "the queries", expected: [extents.rows, columns], found: queries.shape)
  }
  guard count >= 1, count <= rows else {
    throw .outOfRange(what: "the number of neighbours", expected: "1 to \(rows)", found: "\(count)")
  }
  let points = try FeatureMatrix(reference, pool: pool)
  let asked = try FeatureMatrix(queries, mean: points.mean, pool: pool)
  // A few more than asked for, so that rounding does not lose one at the edge.
  let kept = min(rows, count + 8)
  var found = [[(row: Int, distance: Double)]](repeating: [], count: asked.rows)
  found.withUnsafeMutableBufferPointer { found in
    let found = found.baseAddress!
    pool.run(asked.blockCount) { block in
      let range = asked.block(block)
      var best = NearestRows<S>(queries: range.count, kept: kept)
      for other in 0..<points.blockCount {
        let candidates = points.block(other)
        withSquaredDistances(asked, range, points, candidates) { best.offer($0, candidates) }
      }
      for (place, query) in range.enumerated() {
        let exact = best.rows[place * kept..<(place + 1) * kept].map { row in
          let square = queries.withUnsafeBufferPointer { queries in
            reference.withUnsafeBufferPointer {
              squaredDistance(columns, queries.baseAddress! + query * columns, $0.baseAddress! + row * columns)
            }
          }
          return (row: row, distance: square.squareRoot())
        }
        found[query] = Array(
          exact.sorted { $0.distance != $1.distance ? $0.distance < $1.distance : $0.row < $1.row }.prefix(count))
      }
    }
  }
  return Neighbours(rows: found.map { $0.map(\.row) }, distances: found.map { $0.map(\.distance) })
}

/// The nearest rows so far of a block of queries, each list in ascending order of distance.
private struct NearestRows<S: Scalar> {
  let queries: Int
  let kept: Int
  var rows: [Int]
  var distances: [S]

  init(queries: Int, kept: Int) {
    (self.queries, self.kept) = (queries, kept)
    rows = [Int](repeating: 0, count: queries * kept)
    distances = [S](repeating: .infinity, count: queries * kept)
  }

  mutating func offer(_ offered: UnsafePointer<S>, _ candidates: Range<Int>) {
    for query in 0..<queries {
      insertNearest(
        offered + query * candidates.count, candidates, kept: kept, start: query * kept, &rows, &distances)
    }
  }
}

@specialized(where S == Float)
@specialized(where S == Double)
private func insertNearest<S: Scalar>(
  _ offered: UnsafePointer<S>, _ candidates: Range<Int>, kept: Int, start: Int, _ rows: inout [Int],
  _ distances: inout [S]
) {
  let last = start + kept - 1
  for (index, row) in candidates.enumerated() where offered[index] < distances[last] {
    var place = last
    while place > start, distances[place - 1] > offered[index] {
      (distances[place], rows[place]) = (distances[place - 1], rows[place - 1])
      place -= 1
    }
    (distances[place], rows[place]) = (offered[index], row)
  }
}

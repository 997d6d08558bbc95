import BLAS
import RealModule
import Tensors

/// Starting centers by greedy k-means++: rows of `points`, far from each other.
///
/// - Throws: ``FeatureLearningError/tooFewDistinctPoints(found:k:)`` where every point already is a center.
func plusPlusCenters<S: Scalar>(
  _ points: FeatureMatrix<S>, k: Int, generator: inout RandomGenerator, pool: ThreadPool
) throws(FeatureLearningError) -> [S] {
  let (rows, columns) = (points.rows, points.columns)
  let trials = 2 + Int(Double.log(Double(k)))
  var centers: [S] = []
  centers.reserveCapacity(k * columns)
  var nearest = [S](repeating: S.greatestFiniteMagnitude, count: rows)
  var candidates = [generator.next(upperBound: rows)]
  for chosen in 0..<k {
    var closer = [S](repeating: 0, count: candidates.count * rows)
    let sums = potentials(points, candidates, nearest, into: &closer, pool: pool)
    let best = sums.indices.reduce(0) { sums[$1] < sums[$0] ? $1 : $0 }
    let row = candidates[best]
    centers.append(contentsOf: points.elements[row * columns..<(row + 1) * columns])
    nearest = Array(closer[best * rows..<(best + 1) * rows])
    // Rounding leaves a chosen point at a distance that is not quite 0.
    nearest[row] = 0
    guard chosen + 1 < k else { break }
    candidates = []
    var cumulative = [Double](repeating: 0, count: rows)
    var total = 0.0
    for index in 0..<rows {
      total += Double(nearest[index])
      cumulative[index] = total
    }
    guard total > 0 else { throw .tooFewDistinctPoints(found: chosen + 1, k: k) }
    for _ in 0..<trials {
      let target = generator.uniform() * total
      // The first point whose cumulative sum exceeds the target, found by halving.
      var (low, high) = (0, rows - 1)
      while low < high {
        let middle = (low + high) / 2
        if cumulative[middle] > target { high = middle } else { low = middle + 1 }
      }
      candidates.append(low)
    }
  }
  return centers
}

/// The squared distances to the nearest center if a candidate becomes one, [candidates, rows], and their sums.
private func potentials<S: Scalar>(
  _ points: FeatureMatrix<S>, _ candidates: [Int], _ nearest: [S], into closer: inout [S], pool: ThreadPool
) -> [Double] {
  let (columns, rows, count) = (points.columns, points.rows, candidates.count)
  let table = candidates.flatMap { points.elements[$0 * columns..<($0 + 1) * columns] }
  let norms = candidates.map { points.squaredNorms[$0] }
  var partial = [Double](repeating: 0, count: points.blockCount * count)
  closer.withUnsafeMutableBufferPointer { closer in
    let closer = closer.baseAddress!
    partial.withUnsafeMutableBufferPointer { partial in
      let partial = partial.baseAddress!
      points.elements.withUnsafeBufferPointer { x in
        pool.run(points.blockCount) { block in
          let range = points.block(block)
          withUnsafeTemporaryAllocation(of: S.self, capacity: count * range.count) { products in
            let products = products.baseAddress!
            table.withUnsafeBufferPointer {
              centerProducts(
                centers: count, rows: range.count, columns: columns, $0.baseAddress!,
                x.baseAddress! + range.lowerBound * columns, products)
            }
            for candidate in 0..<count {
              partial[block * count + candidate] = takeNearer(
                range, candidates[candidate], products + candidate * range.count, points.squaredNorms,
                norms[candidate], nearest, closer + candidate * rows)
            }
          }
        }
      }
    }
  }
  return (0..<count).map { candidate in
    (0..<points.blockCount).reduce(0) { $0 + partial[$1 * count + candidate] }
  }
}

/// `closer[i] = min(nearest[i], distance²)` over a block, and the sum.
@specialized(where S == Float)
@specialized(where S == Double)
private func takeNearer<S: Scalar>(
  _ range: Range<Int>, _ candidate: Int, _ products: UnsafePointer<S>, _ norms: [S], _ norm: S, _ nearest: [S],
  _ closer: UnsafeMutablePointer<S>
) -> Double {
  var sum = 0.0
  for row in range {
    let squares = norms[row] + norm
    var distance = squares + products[row - range.lowerBound]
    // Below the rounding of its own terms a distance is 0, so that copies of a center are not drawn as others.
    if distance <= 4 * S.ulpOfOne * squares || row == candidate { distance = 0 }
    let value = min(nearest[row], distance)
    closer[row] = value
    sum += Double(value)
  }
  return sum
}

import BLAS
import Tensors

/// The state of Lloyd's iteration: centers, the cluster of every point, the sums of the clusters, and bounds.
///
/// For every point `upper` is no less than the distance to its own center, and `lower`, for each group of centers, is no
/// more than the distance to the nearest other center of the group. Where a center moves by s, the bounds move by s; where
/// all lower bounds stay at or above the upper one, the point keeps its cluster and is not even read.
struct ClusterAssignment<S: Scalar> {
  /// The most groups of centers with a bound of their own.
  static var largestGroupCount: Int { 16 }
  /// Rows that are gathered and multiplied together; their features stay in a core's cache.
  static var gatheredRows: Int { 128 }

  let points: FeatureMatrix<S>
  let k: Int
  let usesBounds: Bool
  let groups: Int
  private(set) var centers: [S]
  /// The cluster of each point; -1 before the first assignment.
  private(set) var labels: [Int32]
  private(set) var counts: [Int]
  private(set) var distanceCount = 0
  private var upper: [S]
  private var lower: [S]
  /// The sums of the points of each cluster, kept up by what changes: exact enough in double precision.
  private var sums: [Double]
  private var shifts: [S]

  init(points: FeatureMatrix<S>, centers: [S], k: Int, usesBounds: Bool) {
    (self.points, self.centers, self.k, self.usesBounds) = (points, centers, k, usesBounds)
    groups = min(k, Self.largestGroupCount)
    labels = [Int32](repeating: -1, count: points.rows)
    counts = [Int](repeating: 0, count: k)
    upper = [S](repeating: S.infinity, count: points.rows)
    lower = [S](repeating: 0, count: points.rows * groups)
    sums = [Double](repeating: 0, count: k * points.columns)
    shifts = [S](repeating: 0, count: k)
  }

  /// Gives every point to its nearest center (of equal ones the first), and returns how many changed their cluster.
  mutating func assign(pool: ThreadPool) -> Int {
    let before = labels
    let (points, k) = (points, k)
    let norms = (0..<k).map { center in
      centers.withUnsafeBufferPointer { S.sumOfSquares(points.columns, $0.baseAddress! + center * points.columns) }
    }
    let search = NearestCenters(
      points: points, k: k, groups: groups, centerNorms: norms, largestNorm: norms.max() ?? 0, shifts: shifts,
      groupShifts: (0..<groups).map { group in
        shifts[NearestCenters<S>.centers(of: group, k: k, groups: groups)].max() ?? 0
      })
    let usesBounds = usesBounds
    var computed = [Int](repeating: 0, count: points.blockCount)
    labels.withUnsafeMutableBufferPointer { labels in
      let labels = labels.baseAddress!
      upper.withUnsafeMutableBufferPointer { upper in
        let upper = upper.baseAddress!
        lower.withUnsafeMutableBufferPointer { lower in
          let lower = lower.baseAddress!
          computed.withUnsafeMutableBufferPointer { computed in
            let computed = computed.baseAddress!
            centers.withUnsafeBufferPointer { centers in
              pool.run(points.blockCount) { block in
                computed[block] = search.run(
                  points.block(block), usesBounds: usesBounds, centers.baseAddress!, labels, upper,
                  lower)
              }
            }
          }
        }
      }
    }
    distanceCount += computed.reduce(0, +)
    shifts = [S](repeating: 0, count: k)
    let moved = labels.indices.filter { labels[$0] != before[$0] }
    transfer(moved, from: before, pool: pool)
    return moved.count
  }

  /// Takes points out of the sums of their old clusters and adds them to the new, a strip of features a task.
  private mutating func transfer(_ moved: [Int], from before: [Int32], pool: ThreadPool) {
    for row in moved {
      if before[row] >= 0 { counts[Int(before[row])] -= 1 }
      counts[Int(labels[row])] += 1
    }
    let columns = points.columns
    let width = 128
    let (points, labels) = (points, labels)
    sums.withUnsafeMutableBufferPointer { sums in
      let sums = sums.baseAddress!
      points.elements.withUnsafeBufferPointer { x in
        pool.run((columns + width - 1) / width) { strip in
          let first = strip * width
          moveRows(
            moved, before, labels, columns: columns, strip: first..<min(first + width, columns), x.baseAddress!,
            sums)
        }
      }
    }
  }

  /// Gives each cluster without points the point farthest from its center, of equal ones the first, from a cluster that has others.
  ///
  /// - Throws: ``FeatureLearningError/tooFewDistinctPoints(found:k:)`` where no point lies apart from its center.
  mutating func fillEmptyClusters(pool: ThreadPool) throws(FeatureLearningError) {
    let empty = counts.indices.filter { counts[$0] == 0 }
    guard !empty.isEmpty else { return }
    let distances = squaredDistances(pool: pool)
    let order = distances.indices.sorted { distances[$0] != distances[$1] ? distances[$0] > distances[$1] : $0 < $1 }
    let before = labels
    var (next, moved, remaining) = (order.makeIterator(), [Int](), counts)
    for cluster in empty {
      var found = false
      while let row = next.next(), distances[row] > 0 {
        guard remaining[Int(labels[row])] > 1 else { continue }
        remaining[Int(labels[row])] -= 1
        labels[row] = Int32(cluster)
        // Its bounds speak of another center.
        upper[row] = .infinity
        for group in 0..<groups { lower[row * groups + group] = 0 }
        moved.append(row)
        found = true
        break
      }
      guard found else { throw .tooFewDistinctPoints(found: counts.count { $0 > 0 } + moved.count, k: k) }
    }
    transfer(moved.sorted(), from: before, pool: pool)
  }

  /// Moves every center to the mean of its points, and returns the sum of the squared movements.
  mutating func moveCenters() -> Double {
    let columns = points.columns
    var total = 0.0
    for center in 0..<k where counts[center] > 0 {
      var square = 0.0
      for column in 0..<columns {
        let place = center * columns + column
        let mean = S(sums[place] / Double(counts[center]))
        let shift = Double(mean) - Double(centers[place])
        square += shift * shift
        centers[place] = mean
      }
      total += square
      shifts[center] = S(square.squareRoot()).nextUp
    }
    return total
  }

  /// The squared distance of every point to its center, by differences in double precision.
  private func squaredDistances(pool: ThreadPool) -> [Double] {
    let (points, labels, columns) = (points, labels, points.columns)
    return [Double](unsafeUninitializedCapacity: points.rows) { distances, count in
      let target = distances.baseAddress!
      centers.withUnsafeBufferPointer { centers in
        points.elements.withUnsafeBufferPointer { x in
          pool.run(points.blockCount) { block in
            for row in points.block(block) {
              let center = centers.baseAddress! + Int(labels[row]) * columns
              target[row] = squaredDistance(columns, x.baseAddress! + row * columns, center)
            }
          }
        }
      }
      count = points.rows
    }
  }

  func result(iterations: Int, termination: KMeansTermination, pool: ThreadPool) -> KMeansResult<S> {
    let columns = points.columns
    let moved = centers.indices.map { centers[$0] + points.mean[$0 % columns] }
    return KMeansResult(
      centers: Tensor([k, columns], moved), labels: labels.map(Int.init), counts: counts,
      inertia: squaredDistances(pool: pool).reduce(0, +), iterations: iterations, termination: termination,
      distanceCount: distanceCount)
  }
}

/// Adds rows to the sums of their new clusters and takes them from the old, in the order of the rows.
@specialized(where S == Float)
@specialized(where S == Double)
private func moveRows<S: Scalar>(
  _ moved: [Int], _ before: [Int32], _ labels: [Int32], columns: Int, strip: Range<Int>, _ x: UnsafePointer<S>,
  _ sums: UnsafeMutablePointer<Double>
) {
  for row in moved {
    let source = x + row * columns
    let to = sums + Int(labels[row]) * columns
    for column in strip { to[column] += Double(source[column]) }
    if before[row] >= 0 {
      let from = sums + Int(before[row]) * columns
      for column in strip { from[column] -= Double(source[column]) }
    }
  }
}

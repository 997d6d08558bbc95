import BLAS

/// The search for the nearest centers of a block of points, with bounds.
struct NearestCenters<S: Scalar>: Sendable {
  let points: FeatureMatrix<S>
  let k: Int
  let groups: Int
  let centerNorms: [S]
  let largestNorm: S
  /// How far each center moved since the bounds were right, and the farthest of each group.
  let shifts: [S]
  let groupShifts: [S]

  /// The centers of a group: an even share of the list.
  static func centers(of group: Int, k: Int, groups: Int) -> Range<Int> {
    group * k / groups..<(group + 1) * k / groups
  }

  /// Assigns the points of a block, and returns how many distances it took.
  func run(
    _ range: Range<Int>, usesBounds: Bool, _ centers: UnsafePointer<S>, _ labels: UnsafeMutablePointer<Int32>,
    _ upper: UnsafeMutablePointer<S>, _ lower: UnsafeMutablePointer<S>
  ) -> Int {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: range.count) { open in
      let count: Int
      if usesBounds {
        count = shifts.withUnsafeBufferPointer { shifts in
          groupShifts.withUnsafeBufferPointer {
            openPoints(
              range, groups: groups, shifts.baseAddress!, $0.baseAddress!, labels, upper, lower, open.baseAddress!)
          }
        }
      } else {
        for (place, row) in range.enumerated() { open[place] = Int32(row) }
        count = range.count
      }
      for first in stride(from: 0, to: count, by: ClusterAssignment<S>.gatheredRows) {
        let rows = min(ClusterAssignment<S>.gatheredRows, count - first)
        search(open.baseAddress! + first, rows, centers, labels, upper, lower)
      }
      return count * k
    }
  }

  /// Computes all distances of some points and sets their labels and bounds.
  private func search(
    _ open: UnsafePointer<Int32>, _ rows: Int, _ centers: UnsafePointer<S>, _ labels: UnsafeMutablePointer<Int32>,
    _ upper: UnsafeMutablePointer<S>, _ lower: UnsafeMutablePointer<S>
  ) {
    let columns = points.columns
    let isRun = Int(open[rows - 1]) - Int(open[0]) == rows - 1
    withUnsafeTemporaryAllocation(of: S.self, capacity: rows * (isRun ? k : k + columns)) { memory in
      let products = memory.baseAddress!
      points.elements.withUnsafeBufferPointer { x in
        var source = x.baseAddress! + Int(open[0]) * columns
        if !isRun {
          let gathered = products + rows * k
          for place in 0..<rows {
            (gathered + place * columns).update(from: x.baseAddress! + Int(open[place]) * columns, count: columns)
          }
          source = UnsafePointer(gathered)
        }
        centerProducts(centers: k, rows: rows, columns: columns, centers, source, products)
      }
      points.squaredNorms.withUnsafeBufferPointer { norms in
        centerNorms.withUnsafeBufferPointer { centerNorms in
          settle(
            open, rows, k: k, groups: groups, products, norms.baseAddress!, centerNorms.baseAddress!, largestNorm,
            labels, upper, lower)
        }
      }
    }
  }
}

/// Moves the bounds of a block by the centers' shifts and lists the points whose cluster they leave open.
@specialized(where S == Float)
@specialized(where S == Double)
private func openPoints<S: Scalar>(
  _ range: Range<Int>, groups: Int, _ shifts: UnsafePointer<S>, _ groupShifts: UnsafePointer<S>,
  _ labels: UnsafePointer<Int32>, _ upper: UnsafeMutablePointer<S>, _ lower: UnsafeMutablePointer<S>,
  _ open: UnsafeMutablePointer<Int32>
) -> Int {
  var count = 0
  // Sums and differences round: each bound gives way by a unit in the last place a step.
  let (down, up) = (1 - S.ulpOfOne, 1 + S.ulpOfOne)
  for row in range {
    let label = Int(labels[row])
    let bounds = lower + row * groups
    var least = S.infinity
    for group in 0..<groups {
      let moved = (bounds[group] - groupShifts[group]) * down
      bounds[group] = moved
      least = moved < least ? moved : least
    }
    if label >= 0 {
      let moved = (upper[row] + shifts[label]) * up
      upper[row] = moved
      if moved < least { continue }
    }
    open[count] = Int32(row)
    count += 1
  }
  return count
}

/// The nearest center of each row and the bounds, from the products −2 c·x [k, rows].
@specialized(where S == Float)
@specialized(where S == Double)
private func settle<S: Scalar>(
  _ open: UnsafePointer<Int32>, _ rows: Int, k: Int, groups: Int, _ products: UnsafePointer<S>,
  _ norms: UnsafePointer<S>, _ centerNorms: UnsafePointer<S>, _ largestNorm: S, _ labels: UnsafeMutablePointer<Int32>,
  _ upper: UnsafeMutablePointer<S>, _ lower: UnsafeMutablePointer<S>
) {
  for place in 0..<rows {
    let row = Int(open[place])
    var (best, least) = (0, S.infinity)
    for center in 0..<k {
      let value = products[center * rows + place] + centerNorms[center]
      if value < least { (best, least) = (center, value) }
    }
    labels[row] = Int32(best)
    // What the product may have lost to rounding, so that a bound never claims more than is so.
    let slack = 8 * S.ulpOfOne * (norms[row] + largestNorm)
    upper[row] = max(least + norms[row] + slack, 0).squareRoot()
    for group in 0..<groups {
      var nearest = S.infinity
      for center in NearestCenters<S>.centers(of: group, k: k, groups: groups) where center != best {
        let value = products[center * rows + place] + centerNorms[center]
        nearest = value < nearest ? value : nearest
      }
      lower[row * groups + group] = max(nearest + norms[row] - slack, 0).squareRoot()
    }
  }
}

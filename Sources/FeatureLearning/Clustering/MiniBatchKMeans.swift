import BLAS
import Tensors

extension KMeans {
  /// Sculley's web-scale k-means, algorithm 1: each point of a batch pulls its nearest center toward itself.
  func miniBatches<S: Scalar>(
    _ points: FeatureMatrix<S>, from start: [S], size: Int, generator: inout RandomGenerator, pool: ThreadPool
  ) throws(FeatureLearningError) -> KMeansResult<S> {
    let (rows, columns) = (points.rows, points.columns)
    var centers = start
    var seen = [Int](repeating: 0, count: k)
    for _ in 0..<iterationLimit {
      let batch = (0..<min(size, rows)).map { _ in generator.next(upperBound: rows) }
      let gathered = batch.flatMap { points.elements[$0 * columns..<($0 + 1) * columns] }
      let nearest = nearestCenters(gathered, batch.count, centers, columns)
      gathered.withUnsafeBufferPointer { gathered in
        centers.withUnsafeMutableBufferPointer { centers in
          for (place, center) in nearest.enumerated() {
            seen[center] += 1
            pull(
              columns, centers.baseAddress! + center * columns, toward: gathered.baseAddress! + place * columns,
              1 / S(seen[center]))
          }
        }
      }
    }
    var assignment = ClusterAssignment(points: points, centers: centers, k: k, usesBounds: false)
    _ = assignment.assign(pool: pool)
    return assignment.result(iterations: iterationLimit, termination: .iterationLimit, pool: pool)
  }

  private func nearestCenters<S: Scalar>(_ x: [S], _ rows: Int, _ centers: [S], _ columns: Int) -> [Int] {
    var products = [S](repeating: 0, count: rows * k)
    products.withUnsafeMutableBufferPointer { products in
      x.withUnsafeBufferPointer { x in
        centers.withUnsafeBufferPointer {
          centerProducts(
            centers: k, rows: rows, columns: columns, $0.baseAddress!, x.baseAddress!, products.baseAddress!)
        }
      }
    }
    let norms = (0..<k).map { center in
      centers.withUnsafeBufferPointer { S.sumOfSquares(columns, $0.baseAddress! + center * columns) }
    }
    return (0..<rows).map { row in
      (0..<k).reduce(0) {
        products[$1 * rows + row] + norms[$1] < products[$0 * rows + row] + norms[$0] ? $1 : $0
      }
    }
  }
}

/// center += rate (x − center).
@specialized(where S == Float)
@specialized(where S == Double)
private func pull<S: Scalar>(
  _ count: Int, _ center: UnsafeMutablePointer<S>, toward x: UnsafePointer<S>, _ rate: S
) {
  for index in 0..<count { center[index] += rate * (x[index] - center[index]) }
}

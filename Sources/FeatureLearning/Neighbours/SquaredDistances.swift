import BLAS

/// Calls `body` with the squared distances of two blocks of rows, [a rows, b rows], none negative.
///
/// Both matrices are moved by one mean.
func withSquaredDistances<S: Scalar>(
  _ a: FeatureMatrix<S>, _ aRows: Range<Int>, _ b: FeatureMatrix<S>, _ bRows: Range<Int>,
  _ body: (UnsafePointer<S>) -> Void
) {
  withUnsafeTemporaryAllocation(of: S.self, capacity: aRows.count * bRows.count) { distances in
    let distances = distances.baseAddress!
    a.elements.withUnsafeBufferPointer { left in
      b.elements.withUnsafeBufferPointer { right in
        S.gemm(
          false, true, aRows.count, bRows.count, a.columns, -2, left.baseAddress! + aRows.lowerBound * a.columns,
          a.columns, right.baseAddress! + bRows.lowerBound * b.columns, b.columns, 0, distances, bRows.count)
      }
    }
    addNorms(distances, a.squaredNorms, aRows, b.squaredNorms, bRows)
    body(UnsafePointer(distances))
  }
}

@specialized(where S == Float)
@specialized(where S == Double)
private func addNorms<S: Scalar>(
  _ distances: UnsafeMutablePointer<S>, _ a: [S], _ aRows: Range<Int>, _ b: [S], _ bRows: Range<Int>
) {
  for (place, row) in aRows.enumerated() {
    let line = distances + place * bRows.count
    for index in 0..<bRows.count {
      line[index] = max(line[index] + a[row] + b[bRows.lowerBound + index], 0)
    }
  }
}

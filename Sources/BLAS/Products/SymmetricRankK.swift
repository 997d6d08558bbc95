/// The Gram matrix alpha A A', or alpha A' A with `transposeA`: symmetric, both triangles filled, half the work of the
/// general product.
///
/// - Parameters:
///   - a: The operand.
///   - transposeA: Whether to form alpha A' A, columns times columns, instead of alpha A A', rows times rows.
///   - alpha: A factor of the product.
///   - pool: The threads that share the work; the result does not depend on their number.
public func symmetricRankK<S: Scalar>(
  _ a: Matrix<S>, transposeA: Bool = false, alpha: S = 1, pool: ThreadPool = .shared
) -> Matrix<S> {
  let (n, k) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
  var c = Matrix<S>(rows: n, columns: n)
  guard n > 0, k > 0 else { return c }
  // Blocks of the lower triangle; the ones on the diagonal are SYRK's, the others GEMM's.
  let side = 256
  let blocks = pieceCount(of: n, by: side)
  c.withUnsafeMutableElements { c in
    a.withUnsafeElements { a in
      pool.run(blocks * (blocks + 1) / 2) { task in
        let (row, column) = trianglePlace(task)
        let (i, j) = (row * side, column * side)
        let (height, width) = (min(side, n - i), min(side, n - j))
        let left = a + (transposeA ? i : i * k)
        let right = a + (transposeA ? j : j * k)
        let (block, stride) = (c + i * n + j, transposeA ? n : k)
        if row == column {
          S.syrk(.lower, transposeA, height, k, alpha, left, stride, 0, block, n)
        } else {
          S.gemm(transposeA, !transposeA, height, width, k, alpha, left, stride, right, stride, 0, block, n)
        }
      }
    }
    for row in 1..<max(n, 1) { S.copy(row, c + row * n, 1, c + row, n) }
  }
  return c
}

/// The row and the column of an entry of a lower triangle counted row by row: (0, 0), (1, 0), (1, 1), (2, 0), ...
func trianglePlace(_ index: Int) -> (row: Int, column: Int) {
  var row = 0
  while (row + 1) * (row + 2) / 2 <= index { row += 1 }
  return (row, index - row * (row + 1) / 2)
}

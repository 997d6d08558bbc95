/// The product alpha op(A) op(B).
///
/// - Parameters:
///   - a: The left operand.
///   - b: The right operand; op(B) must have as many rows as op(A) has columns.
///   - transposeA: Whether op(A) is the transpose of `a`.
///   - transposeB: Whether op(B) is the transpose of `b`.
///   - alpha: A factor of the product.
///   - pool: The threads that share the work; the result does not depend on their number.
public func matrixMultiply<S: Scalar>(
  _ a: Matrix<S>, _ b: Matrix<S>, transposeA: Bool = false, transposeB: Bool = false, alpha: S = 1,
  pool: ThreadPool = .shared
) -> Matrix<S> {
  var c = Matrix<S>(rows: transposeA ? a.columns : a.rows, columns: transposeB ? b.rows : b.columns)
  matrixMultiply(a, b, into: &c, transposeA: transposeA, transposeB: transposeB, alpha: alpha, beta: 0, pool: pool)
  return c
}

/// C = alpha op(A) op(B) + beta C; with beta 0, C is not read.
///
/// - Parameters:
///   - a: The left operand.
///   - b: The right operand; op(B) must have as many rows as op(A) has columns.
///   - c: The result, of as many rows as op(A) and as many columns as op(B).
///   - transposeA: Whether op(A) is the transpose of `a`.
///   - transposeB: Whether op(B) is the transpose of `b`.
///   - alpha: A factor of the product.
///   - beta: A factor of the old C.
///   - pool: The threads that share the work; the result does not depend on their number.
public func matrixMultiply<S: Scalar>(
  _ a: Matrix<S>, _ b: Matrix<S>, into c: inout Matrix<S>, transposeA: Bool = false, transposeB: Bool = false,
  alpha: S = 1, beta: S = 0, pool: ThreadPool = .shared
) {
  let (m, k) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
  let (rowsB, n) = transposeB ? (b.columns, b.rows) : (b.rows, b.columns)
  precondition(k == rowsB, "\(m) x \(k) times \(rowsB) x \(n): the columns of the left are not the rows of the right")
  precondition(c.rows == m && c.columns == n, "the product is \(m) x \(n), but C is \(c.rows) x \(c.columns)")
  let product = MatrixProduct<S>(m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB)
  var workspace = [S](repeating: 0, count: product.workspaceCount)
  c.withUnsafeMutableElements { c in
    a.withUnsafeElements { a in
      b.withUnsafeElements { b in
        workspace.withUnsafeMutableBufferPointer { workspace in
          let workspace = workspace.baseAddress
          for (phase, taskCount) in product.phases.enumerated() {
            pool.run(taskCount) { task in
              product.run(phase: phase, task: task, alpha: alpha, a: a, b: b, beta: beta, c: c, workspace: workspace)
            }
          }
        }
      }
    }
  }
}

/// Why a matrix has no answer.
public enum LinearAlgebraError: Error, Equatable, Sendable {
  /// The leading part of this order (counted from 1) is not positive definite, so there is no Cholesky factor.
  case notPositiveDefinite(order: Int)

  /// The triangular matrix has a 0 at this place of its diagonal (counted from 0), so it has no inverse.
  case singular(position: Int)

  /// The operation was given a value that is infinite or not a number, first at this row and column (from 0).
  case notFinite(operation: String, row: Int, column: Int)

  /// The iteration of the operation ended without an answer.
  case noConvergence(operation: String, info: Int)

  /// The operation could not get memory for its work.
  case outOfMemory(operation: String)

  /// The library refused an argument of its routine (counted from 1); a defect in Ridgeline or in the library.
  case refusedArgument(operation: String, position: Int)
}

extension LinearAlgebraError: CustomStringConvertible {
  /// One sentence that says what was expected, found and where.
  public var description: String {
    switch self {
    case .notPositiveDefinite(let order):
      "Cholesky needs a positive definite matrix, but its leading part of order \(order) is not"
    case .singular(let position):
      "a triangular system needs a diagonal without zeros, but entry (\(position), \(position)) is 0"
    case .notFinite(let operation, let row, let column):
      "\(operation) needs finite values, but entry (\(row), \(column)) is infinite or not a number"
    case .noConvergence(let operation, let info):
      "\(operation) did not converge (LAPACK info \(info))"
    case .outOfMemory(let operation):
      "\(operation) could not allocate its working memory"
    case .refusedArgument(let operation, let position):
      "\(operation): LAPACK refused argument \(position)"
    }
  }
}

/// Turns LAPACK's negative `info` codes into errors; positive ones mean something else for every routine.
func checkArguments(_ info: Int, _ operation: String) throws {
  // LAPACKE reports failed allocations as -1010 (work) and -1011 (transposed copy).
  if info == -1010 || info == -1011 { throw LinearAlgebraError.outOfMemory(operation: operation) }
  if info < 0 { throw LinearAlgebraError.refusedArgument(operation: operation, position: -info) }
}

extension Matrix {
  /// Throws if an element is infinite or not a number: LAPACK's iterations need not end on such input.
  func requireFinite(_ operation: String) throws {
    let place = withUnsafeElements { S.firstNonFinite(elements.count, $0) }
    guard let place else { return }
    throw LinearAlgebraError.notFinite(operation: operation, row: place / columns, column: place % columns)
  }

  /// Stops the program with a clear message if the matrix is not square.
  func requireSquare(_ operation: String) {
    precondition(rows == columns, "\(operation) needs a square matrix, found \(rows) x \(columns)")
  }
}

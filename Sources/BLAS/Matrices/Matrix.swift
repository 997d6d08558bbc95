/// A dense matrix as a value: row-major elements in a copy-on-write array.
///
/// Element (i, j) is `elements[i * columns + j]`. Either side may be 0. The operations of linear algebra are functions
/// and types beside it, such as ``matrixMultiply(_:_:transposeA:transposeB:alpha:pool:)`` and ``Cholesky``; a shape
/// that does not fit is a mistake of the program and stops it with a message, while a matrix that has no answer
/// (not positive definite, not finite) is a thrown ``LinearAlgebraError``.
public struct Matrix<S: Scalar>: Sendable, Equatable {
  /// The number of rows.
  public let rows: Int

  /// The number of columns.
  public let columns: Int

  /// The elements, row after row.
  public private(set) var elements: [S]

  /// Makes a matrix of given elements, row after row; there must be `rows * columns` of them.
  public init(rows: Int, columns: Int, elements: [S]) {
    precondition(rows >= 0 && columns >= 0, "a matrix cannot be \(rows) x \(columns)")
    precondition(
      elements.count == rows * columns,
      "a \(rows) x \(columns) matrix has \(rows * columns) elements, found \(elements.count)")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// Makes a matrix whose elements are all `value`.
  public init(rows: Int, columns: Int, repeating value: S = 0) {
    precondition(rows >= 0 && columns >= 0, "a matrix cannot be \(rows) x \(columns)")
    self.rows = rows
    self.columns = columns
    elements = [S](repeating: value, count: rows * columns)
  }

  /// The element in a row and a column, both counted from 0.
  public subscript(row: Int, column: Int) -> S {
    get { elements[index(row, column)] }
    set { elements[index(row, column)] = newValue }
  }

  /// The identity matrix of an order.
  public static func identity(_ order: Int) -> Matrix {
    var matrix = Matrix(rows: order, columns: order)
    for i in 0..<order { matrix.elements[i * order + i] = 1 }
    return matrix
  }

  /// The matrix with rows and columns exchanged.
  public func transposed() -> Matrix {
    var result = Matrix(rows: columns, columns: rows)
    guard !elements.isEmpty else { return result }
    result.withUnsafeMutableElements { target in
      withUnsafeElements { source in
        for row in 0..<rows { S.copy(columns, source + row * columns, 1, target + row, rows) }
      }
    }
    return result
  }

  /// Calls `body` with the address of the elements, valid during the call.
  public func withUnsafeElements<R>(_ body: (UnsafePointer<S>) throws -> R) rethrows -> R {
    // An empty array may have no address, but the calls that take one never follow it then.
    try elements.withUnsafeBufferPointer { try body($0.baseAddress ?? Self.nowhere) }
  }

  /// Calls `body` with the address of the elements, valid during the call, for writing.
  public mutating func withUnsafeMutableElements<R>(_ body: (UnsafeMutablePointer<S>) throws -> R) rethrows -> R {
    try elements.withUnsafeMutableBufferPointer {
      try body($0.baseAddress ?? UnsafeMutablePointer(mutating: Self.nowhere))
    }
  }

  private static var nowhere: UnsafePointer<S> {
    UnsafePointer(bitPattern: MemoryLayout<S>.alignment)!
  }

  private func index(_ row: Int, _ column: Int) -> Int {
    precondition(
      row >= 0 && row < rows && column >= 0 && column < columns,
      "element (\(row), \(column)) lies outside a \(rows) x \(columns) matrix")
    return row * columns + column
  }
}

extension Matrix: CustomStringConvertible {
  /// The rows, each in brackets on a line of its own.
  public var description: String {
    if elements.isEmpty { return "[\(rows) x \(columns)]" }
    return (0..<rows).map { row in "\(Array(elements[row * columns..<(row + 1) * columns]))" }.joined(separator: "\n")
  }
}

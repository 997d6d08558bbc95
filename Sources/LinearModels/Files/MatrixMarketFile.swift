import BLAS
public import Foundation

/// A real matrix in the MatrixMarket exchange format.
///
/// | | |
/// |---|---|
/// | formats | coordinate (sparse), array (dense, column after column) |
/// | fields | real, integer, pattern (every entry is 1) |
/// | symmetries | general, symmetric, skew-symmetric (of both, the lower triangle is in the file) |
///
/// Complex and Hermitian matrices are refused. Entries in one place are added up, as everyone does.
///
/// Source: Boisvert, Pozo and Remington, "The Matrix Market Exchange Formats: Initial Design", NISTIR 5935, 1996.
public struct MatrixMarketFile: Sendable {
  /// The matrix: sparse of a coordinate file, dense of an array file.
  public let contents: DesignMatrix.Storage

  /// The number of rows.
  public var rows: Int {
    switch contents {
    case .dense(let matrix): matrix.rows
    case .sparse(let matrix): matrix.rows
    }
  }

  /// The number of columns.
  public var columns: Int {
    switch contents {
    case .dense(let matrix): matrix.columns
    case .sparse(let matrix): matrix.columns
    }
  }

  /// Reads a file, line by line.
  ///
  /// What the header claims is held against the size of the file before memory is taken for it.
  ///
  /// - Throws: ``MatrixFileError``.
  public init(contentsOf url: URL) throws(MatrixFileError) {
    var reader = try TokenReader(url)
    guard try reader.advance() else { throw reader.failureAtEnd(.empty, "a MatrixMarket file", "an empty one") }
    let header = try MatrixMarketHeader(&reader)
    switch header.format {
    case .coordinate: contents = .sparse(try Self.coordinates(&reader, header))
    case .array: contents = .dense(try Self.array(&reader, header))
    }
  }

  private static func coordinates(
    _ reader: inout TokenReader, _ header: MatrixMarketHeader
  ) throws(MatrixFileError) -> SparseMatrix {
    var (rowIndices, columnIndices, values): ([Int32], [Int32], [Double]) = ([], [], [])
    var count = 0
    while try MatrixMarketHeader.advanceToContent(&reader) {
      guard count < header.entries else {
        throw reader.failure(.entryCount, "\(header.entries) entries, as the header says", "one more")
      }
      let row = try index(&reader, "row", header.rows)
      let column = try index(&reader, "column", header.columns)
      guard header.symmetry == .general || row >= column else {
        throw reader.failure(
          .invalidIndex, "an entry of the lower triangle of a \(header.symmetry.rawValue) matrix",
          "row \(row + 1), column \(column + 1)")
      }
      var value = 1.0
      if header.field != .pattern { value = try number(&reader) }
      if let token = reader.next() {
        throw reader.failure(.malformedLine, "the end of the line", reader.quoted(token))
      }
      count += 1
      guard value != 0 else { continue }
      if header.symmetry == .skewSymmetric, row == column {
        throw reader.failure(.invalidIndex, "no entry on the diagonal of a skew-symmetric matrix", "row \(row + 1)")
      }
      rowIndices.append(row)
      columnIndices.append(column)
      values.append(value)
      if header.symmetry != .general, row != column {
        rowIndices.append(column)
        columnIndices.append(row)
        values.append(header.symmetry == .skewSymmetric ? -value : value)
      }
    }
    guard count == header.entries else {
      throw reader.failureAtEnd(.entryCount, "\(header.entries) entries, as the header says", "\(count)")
    }
    var sorted = CompressedColumns(
      columns: header.columns, columnIndices: columnIndices, values: values, row: { rowIndices[$0] })
    sorted.sortRows()
    if let bad = sorted.values.firstIndex(where: { !$0.isFinite }) {
      let column = sorted.starts.lastIndex { $0 <= bad } ?? 0
      throw reader.failureAtEnd(
        .notFinite, "finite sums of the entries in one place",
        "\(sorted.values[bad]) in row \(sorted.rowIndices[bad] + 1), column \(column + 1)")
    }
    return sorted.matrix(rows: header.rows)
  }

  private static func array(
    _ reader: inout TokenReader, _ header: MatrixMarketHeader
  ) throws(MatrixFileError) -> Matrix<Double> {
    var matrix = Matrix<Double>(rows: header.rows, columns: header.columns)
    let isGeneral = header.symmetry == .general
    let offset = header.symmetry == .skewSymmetric ? 1 : 0
    var (row, column, count) = (isGeneral ? 0 : offset, 0, 0)
    while try MatrixMarketHeader.advanceToContent(&reader) {
      guard count < header.entries else {
        throw reader.failure(.entryCount, "\(header.entries) numbers, as the header says", "one more")
      }
      let value = try number(&reader)
      if let token = reader.next() {
        throw reader.failure(.malformedLine, "one number a line", reader.quoted(token))
      }
      count += 1
      matrix[row, column] = value
      if !isGeneral, row != column { matrix[column, row] = offset == 1 ? -value : value }
      row += 1
      if row == header.rows {
        column += 1
        row = isGeneral ? 0 : column + offset
      }
    }
    guard count == header.entries else {
      throw reader.failureAtEnd(.entryCount, "\(header.entries) numbers, as the header says", "\(count)")
    }
    return matrix
  }

  private static func index(
    _ reader: inout TokenReader, _ what: String, _ count: Int
  ) throws(MatrixFileError) -> Int32 {
    guard let token = reader.next() else {
      throw reader.failure(.malformedLine, "a \(what) index", "the end of the line")
    }
    guard let index = reader.integer(token), index >= 1, index <= count else {
      throw reader.failure(.invalidIndex, "a \(what) index of 1 to \(count)", reader.quoted(token))
    }
    return Int32(index - 1)
  }

  private static func number(_ reader: inout TokenReader) throws(MatrixFileError) -> Double {
    guard let token = reader.next() else {
      throw reader.failure(.malformedLine, "a number", "the end of the line")
    }
    return try reader.number(token, "an entry")
  }
}

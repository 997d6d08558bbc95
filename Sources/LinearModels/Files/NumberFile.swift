import BLAS
public import Foundation

/// A list of numbers in a file, such as the target of a regression: one on each line, or a MatrixMarket file of one column
/// or one row.
///
/// A MatrixMarket file is told by its first bytes, never by its name. In a plain list, blank lines and what follows a `#`
/// count for nothing.
public struct NumberFile: Sendable {
  /// The numbers, all finite.
  public let values: [Double]

  /// Reads a file.
  ///
  /// - Throws: ``MatrixFileError``.
  public init(contentsOf url: URL) throws(MatrixFileError) {
    var reader = try TokenReader(url)
    var values: [Double] = []
    while try reader.advance() {
      if reader.line == 1, let first = reader.next(),
        reader.text(first).lowercased() == MatrixMarketHeader.banner.lowercased()
      {
        self.values = try Self.vector(MatrixMarketFile(contentsOf: url), url)
        return
      }
      reader.restart()
      reader.drop(from: "#")
      guard let token = reader.next() else { continue }
      values.append(try reader.number(token, "one number a line"))
      if let more = reader.next() {
        throw reader.failure(.malformedLine, "one number a line", "also \(reader.quoted(more))")
      }
    }
    guard !values.isEmpty else { throw reader.failureAtEnd(.empty, "at least one number", "none") }
    self.values = values
  }

  private static func vector(_ file: MatrixMarketFile, _ url: URL) throws(MatrixFileError) -> [Double] {
    guard file.rows == 1 || file.columns == 1 else {
      throw MatrixFileError(
        file: url.path, line: nil, reason: .shape, expected: "a matrix of one column or one row",
        found: "\(file.rows) x \(file.columns)")
    }
    switch file.contents {
    case .dense(let matrix): return matrix.elements
    case .sparse(let matrix):
      var values = [Double](repeating: 0, count: max(matrix.rows, matrix.columns))
      for column in 0..<matrix.columns {
        for entry in matrix.columnStarts[column]..<matrix.columnStarts[column + 1] {
          values[max(Int(matrix.rowIndices[entry]), column)] = matrix.values[entry]
        }
      }
      return values
    }
  }
}

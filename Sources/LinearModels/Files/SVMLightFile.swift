public import Foundation

/// Observations in the format of svmlight and libsvm: a target and the entries of a sparse row on each line.
///
/// ```
/// # a comment
/// 1.5 1:0.25 7:-3 120:1    # another
/// -2 qid:4 3:1
/// ```
///
/// A line without entries is a row of zeros; blank lines and comments count for nothing, and a query identifier (`qid:`)
/// is passed over. Indices must ascend within a line, as the format asks. Values that are 0 are not stored.
///
/// Source: T. Joachims, SVM-light, "How to use"; LIBSVM's README.
public struct SVMLightFile: Sendable {
  /// What the first column is called in the file.
  public enum Indices: String, Sendable, Hashable, CaseIterable {
    /// From 0 if index 0 occurs anywhere in the file, from 1 otherwise: scikit-learn's `zero_based="auto"`. A file that
    /// counts from 0 and never uses its first column is read one column to the left; say ``fromZero`` for such files.
    case automatic = "auto"
    /// The first column is 0.
    case fromZero = "0"
    /// The first column is 1, as svmlight and LIBSVM write.
    case fromOne = "1"
  }

  /// The inputs: one row a line, one column an index.
  public let matrix: SparseMatrix
  /// The target of each row.
  public let target: [Double]
  /// How the columns were counted: ``Indices/fromZero`` or ``Indices/fromOne``.
  public let indices: Indices

  /// The most columns that can be asked for, whose starts take a gigabyte.
  static let mostColumns = 1 << 27

  /// Reads a file, line by line.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - indices: What the first column is called.
  ///   - columns: How many columns there are; by default as many as the largest index asks for, and then no more than a
  ///     million beyond the file's bytes, so that one number cannot take all memory.
  /// - Throws: ``MatrixFileError``.
  public init(contentsOf url: URL, indices: Indices = .automatic, columns: Int? = nil) throws(MatrixFileError) {
    var reader = try TokenReader(url)
    if let columns, !(0...Self.mostColumns).contains(columns) {
      throw reader.failureAtEnd(.tooLarge, "0 to \(Self.mostColumns) columns", "\(columns)")
    }
    var (target, rowEnds): ([Double], [Int]) = ([], [])
    var (columnIndices, values): ([Int32], [Double]) = ([], [])
    var (smallest, largest, largestLine) = (Int.max, -1, 0)
    while try reader.advance() {
      reader.drop(from: "#")
      guard let label = reader.next() else { continue }
      let value = try reader.number(label, "the target")
      guard target.count < Int(Int32.max) else {
        throw reader.failure(.tooLarge, "at most \(Int32.max) rows", "one more")
      }
      var previous = -1
      while let token = reader.next() {
        guard let (name, number) = reader.split(token, at: ":") else {
          throw reader.failure(.malformedLine, "index:value", reader.quoted(token))
        }
        guard let index = reader.integer(name) else {
          if reader.text(name) == "qid", previous < 0 { continue }
          throw reader.failure(.malformedLine, "index:value with an integer before the colon", reader.quoted(token))
        }
        guard index > previous, index >= (indices == .fromOne ? 1 : 0), index < Int(Int32.max) else {
          let least = max(previous + 1, indices == .fromOne ? 1 : 0)
          throw reader.failure(.invalidIndex, "an index of \(least) to \(Int32.max - 1), ascending", "\(index)")
        }
        previous = index
        if index > largest { (largest, largestLine) = (index, reader.line) }
        smallest = min(smallest, index)
        if columns == nil { try reader.checkProportion(index, "columns") }
        let entry = try reader.number(number, "the value of index \(index)")
        guard entry != 0 else { continue }
        columnIndices.append(Int32(index))
        values.append(entry)
      }
      target.append(value)
      rowEnds.append(values.count)
    }
    guard !target.isEmpty else { throw reader.failureAtEnd(.empty, "at least one row", "none") }
    let isFromZero = indices == .fromZero || (indices == .automatic && smallest == 0)
    let shift = isFromZero ? 0 : 1
    let needed = largest < 0 ? 0 : largest + 1 - shift
    if let columns, needed > columns {
      throw MatrixFileError(
        file: url.path, line: largestLine, reason: .invalidIndex,
        expected: "an index below \(columns + shift), as there are \(columns) columns", found: "\(largest)")
    }
    if shift > 0 { for entry in columnIndices.indices { columnIndices[entry] -= 1 } }
    var row = 0
    let sorted = CompressedColumns(
      columns: columns ?? needed, columnIndices: columnIndices, values: values,
      row: { entry in
        while rowEnds[row] <= entry { row += 1 }
        return Int32(row)
      })
    matrix = sorted.matrix(rows: target.count)
    self.target = target
    self.indices = isFromZero ? .fromZero : .fromOne
  }
}

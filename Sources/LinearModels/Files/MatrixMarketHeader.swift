/// What the first lines of a MatrixMarket file say, checked.
struct MatrixMarketHeader {
  enum Format: String, CaseIterable {
    case coordinate
    case array
  }

  enum Field: String, CaseIterable {
    case real
    case integer
    case pattern
  }

  enum Symmetry: String, CaseIterable {
    case general
    case symmetric
    case skewSymmetric = "skew-symmetric"
  }

  static let banner = "%%MatrixMarket"

  let format: Format
  let field: Field
  let symmetry: Symmetry
  let rows: Int
  let columns: Int
  /// How many entries follow.
  let entries: Int

  /// Reads the banner, which is the current line, and the sizes.
  init(_ reader: inout TokenReader) throws(MatrixFileError) {
    guard let banner = reader.next(), reader.text(banner).lowercased() == Self.banner.lowercased() else {
      throw reader.failure(.noBanner, "\(Self.banner) matrix ...", "another beginning")
    }
    _ = try Self.word(&reader, ["matrix"])
    let format = Format(rawValue: try Self.word(&reader, Format.allCases.map(\.rawValue)))!
    let fields: [Field] = format == .array ? [.real, .integer] : Field.allCases
    field = Field(rawValue: try Self.word(&reader, fields.map(\.rawValue)))!
    let symmetries: [Symmetry] = field == .pattern ? [.general, .symmetric] : Symmetry.allCases
    symmetry = Symmetry(rawValue: try Self.word(&reader, symmetries.map(\.rawValue)))!
    self.format = format

    guard try Self.advanceToContent(&reader) else {
      throw reader.failureAtEnd(.malformedLine, "a line of sizes", "the end of the file")
    }
    let meanings = format == .array ? ["rows", "columns"] : ["rows", "columns", "entries"]
    var sizes: [Int] = []
    for meaning in meanings {
      guard let token = reader.next() else {
        throw reader.failure(.malformedLine, "the number of \(meaning)", "the end of the line")
      }
      guard let size = reader.integer(token), size >= 0 else {
        throw reader.failure(.malformedLine, "the number of \(meaning)", reader.quoted(token))
      }
      sizes.append(size)
    }
    if let token = reader.next() {
      throw reader.failure(.malformedLine, "the end of the line", reader.quoted(token))
    }
    (rows, columns) = (sizes[0], sizes[1])
    try reader.checkProportion(rows, "rows")
    try reader.checkProportion(columns, "columns")
    guard symmetry == .general || rows == columns else {
      throw reader.failure(.shape, "a square \(symmetry.rawValue) matrix", "\(rows) x \(columns)")
    }
    switch format {
    // Every entry takes two bytes of the file at least, and a symmetric array holds about half of them.
    case .array:
      let most = symmetry == .general ? reader.size : 2 * reader.size + 1_000
      let (all, isTooLarge) = rows.multipliedReportingOverflow(by: columns)
      guard !isTooLarge, all <= most else {
        throw reader.failure(
          .tooLarge, "at most \(most) numbers in a file of \(reader.size) bytes", "\(rows) x \(columns)")
      }
      entries =
        switch symmetry {
        case .general: all
        case .symmetric: (all + rows) / 2
        case .skewSymmetric: (all - rows) / 2
        }
    case .coordinate:
      guard sizes[2] <= reader.size else {
        throw reader.failure(
          .tooLarge, "at most \(reader.size) entries in a file of as many bytes", "\(sizes[2])")
      }
      entries = sizes[2]
    }
  }

  /// Moves to the next line that is neither blank nor a comment.
  static func advanceToContent(_ reader: inout TokenReader) throws(MatrixFileError) -> Bool {
    while try reader.advance() {
      if !reader.isBlank, !reader.begins(with: "%") { return true }
    }
    return false
  }

  private static func word(_ reader: inout TokenReader, _ known: [String]) throws(MatrixFileError) -> String {
    let expected = known.joined(separator: " or ")
    guard let token = reader.next() else { throw reader.failure(.malformedLine, expected, "the end of the line") }
    let word = reader.text(token).lowercased()
    guard known.contains(word) else { throw reader.failure(.unsupported, expected, reader.quoted(token)) }
    return word
  }
}

import Foundation
import Tensors
import Testing

@testable import Datasets

/// Random tables come back as they were written, whatever they hold; damaged ones give a table or a typed error.
@Suite struct TableFuzzTests {
  /// A table as cells, and as a text with quotes where they must be and sometimes where they need not.
  private struct Written {
    var cells: [[String]]
    var text = ""

    init(_ random: inout RandomGenerator, separator: String, end: String) {
      let alphabet = ["a", "7", "-", ".", " ", ",", ";", "\t", "\"", "\n", "\r\n", "é", "NA"]
      let (rows, columns) = (1 + random.next(upperBound: 5), 1 + random.next(upperBound: 4))
      cells = [(0..<columns).map { "c\($0)" }]
      for _ in 0..<rows {
        cells.append(
          (0..<columns).map { _ in
            (0..<random.next(upperBound: 5)).map { _ in alphabet[random.next(upperBound: alphabet.count)] }.joined()
          })
      }
      for row in cells {
        let fields = row.map { cell in
          let isPlain = !cell.contains { ",;\t\"\n\r\r\n".contains($0) } && cell.trimmingCharacters(in: [" "]) == cell
          // A blank line of a table of one column would be no row at the end of the file.
          if isPlain, !cell.isEmpty, random.next(upperBound: 3) > 0 { return cell }
          return "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\""
        }
        text += fields.joined(separator: separator) + end
      }
      if random.next(upperBound: 2) == 0 { text.removeLast(end.count) }
    }
  }

  private func cells(_ scanner: CSVScanner) throws -> [[String]] {
    try [scanner.names]
      + scanner.lines.indices.map { row in try scanner.columns.map { try #require($0.text(row)) } }
  }

  private func scan(_ bytes: [UInt8], _ separator: Table.Separator, piece: Int) throws -> CSVScanner {
    var scanner = CSVScanner(file: "fuzz", separator: separator)
    for start in stride(from: 0, to: bytes.count, by: piece) {
      let end = min(start + piece, bytes.count)
      // What stands behind the count must not be looked at.
      scanner.read(Array(bytes[start..<end]) + [0x22, 0x2C], end - start)
    }
    try scanner.finish()
    return scanner
  }

  @Test func writtenTablesComeBack() throws {
    var random = RandomGenerator(seed: 3, stream: "tables")
    for _ in 0..<600 {
      let separator = Table.Separator.allCases[random.next(upperBound: 3)]
      let written = Written(
        &random, separator: String(UnicodeScalar(separator.byte)), end: random.next(upperBound: 2) == 0 ? "\n" : "\r\n")
      let bytes = Array(written.text.utf8)
      for piece in [1, 3, bytes.count] {
        #expect(try cells(scan(bytes, separator, piece: piece)) == written.cells, "\(written.text.debugDescription)")
      }
    }
  }

  @Test func damagedTablesAreTablesOrErrors() throws {
    var random = RandomGenerator(seed: 4, stream: "tables")
    let folder = try TemporaryFolder()
    var (tables, errors) = (0, 0)
    for round in 0..<4_000 {
      var bytes = Array(Written(&random, separator: ",", end: "\n").text.utf8)
      for _ in 0..<1 + random.next(upperBound: 4) where !bytes.isEmpty {
        let place = random.next(upperBound: bytes.count)
        switch random.next(upperBound: 4) {
        case 0: bytes.remove(at: place)
        case 1: bytes.insert(Array(",\"\n\r 1\u{0}".utf8)[random.next(upperBound: 7)], at: place)
        case 2: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        default: bytes = Array(bytes[..<place])
        }
      }
      do throws(TableError) {
        let table: Table
        if round % 16 == 0 {
          guard let url = try? folder.write(bytes, to: "fuzz.csv") else { continue }
          table = try Table(contentsOf: url)
        } else {
          guard let text = String(validating: bytes, as: UTF8.self) else { continue }
          table = try Table(csv: text)
        }
        tables += 1
        #expect(table.rowCount > 0 && !table.names.isEmpty)
        for name in table.names {
          let rows = try table.rows(withoutMissing: [name])
          if let numbers = try? table.numbers(name, rows: rows) { #expect(numbers.allSatisfy { $0.isFinite }) }
          if let texts = try? table.texts(name, rows: rows) { #expect(texts.count == rows.count) }
        }
      } catch {
        errors += 1
        #expect(!error.expected.isEmpty && !error.found.isEmpty)
        if let line = error.line { #expect(line >= 1 && line <= bytes.count + 1) }
      }
    }
    #expect(tables > 200 && errors > 200, "\(tables) tables, \(errors) errors")
  }
}

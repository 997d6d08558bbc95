import Foundation
import LinearModels
import Tensors
import Testing

@Suite struct SVMLightFileTests {
  private let folder = try! TextFolder()

  private func read(
    _ text: String, _ indices: SVMLightFile.Indices = .automatic, columns: Int? = nil
  ) throws -> SVMLightFile {
    try SVMLightFile(contentsOf: folder.write(text), indices: indices, columns: columns)
  }

  private let text = "# of two rows\n1.5 1:0.25\t4:-3 # behind\r\n\n-2e0 qid:7 3:1 4:0\n+0\n"

  @Test func entriesGoToTheirPlaces() throws {
    let file = try read(text)
    #expect(file.target == [1.5, -2, 0] && file.indices == .fromOne)
    #expect(
      try file.matrix == SparseMatrix(rows: 3, columns: 4, entries: [(0, 0, 0.25), (0, 3, -3), (1, 2, 1)]))
    #expect(file.matrix.values.count == 3, "a 0 is not stored")
  }

  @Test func whereColumnsStart() throws {
    #expect(try read(text, .fromOne).matrix == read(text).matrix)
    let fromZero = try read(text, .fromZero)
    #expect(fromZero.indices == .fromZero && fromZero.matrix.columns == 5)
    #expect(fromZero.matrix.columnStarts == [0, 0, 1, 1, 2, 3])
    let zero = try read("1 0:2 1:3\n2 1:4\n")
    #expect(zero.indices == .fromZero && zero.matrix.columns == 2)
    #expect(try read("1 0:0 2:3\n").indices == .fromZero, "an explicit 0 at index 0 counts")
    #expect(try read("1\n2\n").matrix.columns == 0)
    #expect(try read("1\n2\n").matrix.rows == 2)
  }

  @Test func givenColumns() throws {
    #expect(try read(text, columns: 9).matrix.columns == 9)
    #expect(try read("1 9000000:1\n", columns: 9_000_000).matrix.columns == 9_000_000)
    let error = try #require(throws: MatrixFileError.self) { try read(text, columns: 3) }
    #expect(error.reason == .invalidIndex && error.line == 2 && error.found == "4")
    for columns in [-1, Int.max] {
      #expect(try #require(throws: MatrixFileError.self) { try read(text, columns: columns) }.reason == .tooLarge)
    }
  }

  @Test(
    arguments: [
      ("", MatrixFileError.Reason.empty, nil), ("# nothing\n\n", .empty, nil), ("a 1:2\n", .notANumber, 1),
      ("1,2 1:2\n", .notANumber, 1), ("1 2\n", .malformedLine, 1), ("1 1:2\n2 a:3\n", .malformedLine, 2),
      ("1 1:2\n2 1:\n", .notANumber, 2), ("1 1:2:3\n", .notANumber, 1), ("1 :2\n", .malformedLine, 1),
      ("1 1:nan\n", .notFinite, 1), ("1 1:inf\n", .notFinite, 1), ("1 1:1e999\n", .notFinite, 1),
      ("nan 1:1\n", .notFinite, 1),
      ("1 3:1 2:1\n", .invalidIndex, 1), ("1 3:1 3:1\n", .invalidIndex, 1), ("1 -1:1\n", .invalidIndex, 1),
      ("1 99999999999999999999:1\n", .malformedLine, 1), ("1 9223372036854775807:1\n", .invalidIndex, 1),
      ("1 2147483646:1\n", .tooLarge, 1), ("1 3:1 qid:4\n", .malformedLine, 1), ("1 1:0x5\n", .notANumber, 1),
    ] as [(String, MatrixFileError.Reason, Int?)])
  func refusals(_ text: String, _ reason: MatrixFileError.Reason, _ line: Int?) throws {
    let error = try #require(throws: MatrixFileError.self) { try read(text) }
    #expect(error.reason == reason && error.line == line, "\(error)")
    #expect(error.description.contains(error.file) && error.description.contains(error.found))
  }

  @Test func countingFromOneRefusesZero() throws {
    let error = try #require(throws: MatrixFileError.self) { try read("1 0:1\n", .fromOne) }
    #expect(error.reason == .invalidIndex && error.expected.contains("1 to"))
  }

  @Test func writtenMatricesComeBack() throws {
    var random = RandomGenerator(seed: 5, stream: "svmlight")
    for round in 0..<30 {
      let (rows, columns) = (1 + random.next(upperBound: 20), 1 + random.next(upperBound: 30))
      var (text, entries, target): (String, [(row: Int, column: Int, value: Double)], [Double]) = ("", [], [])
      let first = round % 2
      for row in 0..<rows {
        target.append(random.normal())
        text += "\(target[row])"
        for column in 0..<columns where random.uniform() < 0.3 {
          entries.append((row, column, random.normal()))
          text += " \(column + first):\(entries.last!.value)"
        }
        text += "\n"
      }
      let file = try read(text, first == 1 ? .fromOne : .fromZero, columns: columns)
      #expect(file.target == target)
      #expect(try file.matrix == SparseMatrix(rows: rows, columns: columns, entries: entries))
    }
  }

  @Test func damagedFilesAreMatricesOrErrors() throws {
    var random = RandomGenerator(seed: 6, stream: "svmlight")
    let base = Array("1.5 1:0.25 4:-3 17:1e2 # x\n-2 qid:3 3:1\n0.5\n3 2:7 5:8\n".utf8)
    var (good, bad) = (0, 0)
    for _ in 0..<2_000 {
      let url = try folder.write(mutated(base, &random))
      do throws(MatrixFileError) {
        let file = try SVMLightFile(contentsOf: url)
        #expect(file.matrix.rows == file.target.count && file.target.allSatisfy { $0.isFinite })
        #expect(file.matrix.columns <= 2_000_000)
        good += 1
      } catch {
        #expect(!error.found.isEmpty)
        bad += 1
      }
    }
    #expect(good > 100 && bad > 100, "\(good) matrices, \(bad) errors")
  }
}

/// A text with up to four bytes changed, put in, taken out or cut off.
func mutated(_ base: [UInt8], _ random: inout RandomGenerator) -> [UInt8] {
  var bytes = base
  for _ in 0..<1 + random.next(upperBound: 4) where !bytes.isEmpty {
    let place = random.next(upperBound: bytes.count)
    switch random.next(upperBound: 5) {
    case 0: bytes.remove(at: place)
    case 1: bytes.insert(Array("0123456789:.-e \n%#".utf8)[random.next(upperBound: 18)], at: place)
    case 2: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 3: bytes[place] = UInt8(ascii: "9")
    default: bytes = Array(bytes[..<max(place, bytes.count / 2)])
    }
  }
  return bytes
}

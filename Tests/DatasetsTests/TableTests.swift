import Datasets
import Foundation
import Testing

@Suite struct TableTests {
  @Test func columnsByName() throws {
    let table = try Table(csv: "age,region, income \n31,north,2.5e3\n 47 ,south,-1\n")
    #expect(table.names == ["age", "region", "income"] && table.rowCount == 2)
    #expect(try table.numbers("age") == [31, 47])
    #expect(try table.numbers("income", rows: [1, 0, 1]) == [-1, 2500, -1])
    #expect(try table.texts("region") == ["north", "south"])
    #expect(table.line(ofRow: 0) == 2 && table.line(ofRow: 1) == 3)
    #expect(table.hasColumn("age") && !table.hasColumn("Age"))
    #expect(try table.holdsNoNumbers("region") && !table.holdsNoNumbers("age"))
  }

  @Test(arguments: [
    "a,b\n1,2\n", "a,b\n1,2", "a,b\r\n1,2\r\n", "\u{FEFF}a,b\n1,2\n", "\n\na,b\n1,2\n\n\r\n",
    "\"a\",\"b\"\n\"1\",\"2\"  \n",
  ])
  func endsOfLinesMarksAndQuotes(_ text: String) throws {
    let table = try Table(csv: text)
    #expect(table.names == ["a", "b"])
    #expect(try table.numbers("a") == [1] && table.numbers("b") == [2])
  }

  @Test func quotedFieldsHoldAnything() throws {
    let table = try Table(csv: "\"x,y\",\"say \"\"b\"\"\"\r\n\" a\r\nb,\",\"\"\"\"\r\nplain,é\r\n")
    #expect(table.names == ["x,y", "say \"b\""])
    #expect(try table.texts("x,y") == [" a\r\nb,", "plain"])
    #expect(try table.texts("say \"b\"") == ["\"", "é"])
    #expect(table.line(ofRow: 0) == 2 && table.line(ofRow: 1) == 4)
  }

  @Test func otherSeparators() throws {
    #expect(try Table(csv: "a;b,c\n1;2\n", separator: .semicolon).names == ["a", "b,c"])
    let tabs = try Table(csv: "a\tb\tc\n1\t\t3\n", separator: .tab)
    #expect(try tabs.isMissing("b", row: 0) && tabs.numbers("c") == [3])
  }

  @Test func missingValues() throws {
    let table = try Table(csv: "a,b\n1,x\n,\"\"\nNA,na\nNaN,nan\nnull,NULL\n?,?\n2,nano\n")
    #expect(try table.rows(withoutMissing: ["a"]) == [0, 6])
    #expect(try table.rows(withoutMissing: ["a", "b"]) == [0, 6])
    #expect(try table.rows(withoutMissing: []) == Array(0..<7))
    #expect(try table.numbers("a", rows: [0, 6]) == [1, 2])
    for (row, found) in [(1, "nothing"), (2, "'NA'"), (3, "'NaN'"), (4, "'null'"), (5, "'?'")] {
      let error = try #require(throws: TableError.self) { try table.numbers("a", rows: [row]) }
      #expect(error.reason == .missingValue && error.line == row + 2 && error.column == "a" && error.found == found)
      #expect(try #require(throws: TableError.self) { try table.texts("b", rows: [row]) }.reason == .missingValue)
    }
  }

  @Test(
    arguments: [
      ("", TableError.Reason.empty, nil, nil), ("\n\r\n", .empty, nil, nil), ("\u{FEFF}", .empty, nil, nil),
      ("a,b\n", .noRows, nil, nil), ("a,b", .noRows, nil, nil), ("a,b\n\n\n", .noRows, nil, nil),
      ("a,,c\n1,2,3\n", .emptyName, 1, "2"), (",a\n1,2\n", .emptyName, 1, "1"), ("a,\"\"\n1,2\n", .emptyName, 1, "2"),
      ("a,b,a\n1,2,3\n", .duplicateName, 1, "3"), ("a, a\n1,2\n", .duplicateName, 1, "2"),
      ("a,b\n1,2\n3\n", .ragged, 3, nil), ("a,b\n1,2,3\n", .ragged, 2, nil), ("a,b\n1,2\n3,4,\n", .ragged, 3, nil),
      ("a,b\n1,2\n\n3,4\n", .ragged, 3, nil), ("a,b\n\"x\ny\",2\n3\n", .ragged, 4, nil),
      ("a,b\n1,\"2\n3,4\n", .quote, 2, "b"), ("a,b\n1,\"", .quote, 2, "b"), ("a,b\n1,2\"\n", .quote, 2, "b"),
      ("a,b\n\"1\"2,3\n", .quote, 2, "a"), ("a,b\n\"1\" \"2\",3\n", .quote, 2, "a"), ("a,b\n1\"\",3\n", .quote, 2, "a"),
      ("a,b\r1,2\r", .lineEnd, 1, nil), ("a,b\n1,2\r", .lineEnd, 2, nil), ("a,b\n1,\u{0}\n", .notText, 2, "b"),
    ] as [(String, TableError.Reason, Int?, String?)])
  func refusals(_ text: String, _ reason: TableError.Reason, _ line: Int?, _ column: String?) throws {
    let error = try #require(throws: TableError.self) { try Table(csv: text, name: "the table") }
    #expect(error.reason == reason && error.line == line && error.column == column, "\(error)")
    #expect(error.description.hasPrefix("the table") && error.description.contains(error.expected))
    #expect(error.description.contains(error.found))
  }

  @Test func numbersThatAreNone() throws {
    let table = try Table(csv: "a,b\n1,2\n1.5.2,inf\n\"1,5\",-1e999\n0x10,1e5\n")
    for (row, found) in [(1, "'1.5.2'"), (2, "'1,5'"), (3, "'0x10'")] {
      let error = try #require(throws: TableError.self) { try table.numbers("a", rows: [0, row]) }
      #expect(error.reason == .notANumber && error.line == row + 2 && error.column == "a" && error.found == found)
    }
    for row in [1, 2] {
      let error = try #require(throws: TableError.self) { try table.numbers("b", rows: [row]) }
      #expect(error.reason == .notFinite && error.line == row + 2 && error.column == "b")
    }
    let error = try #require(throws: TableError.self) { try table.numbers("c") }
    #expect(error.reason == .missingColumn && error.found == "a, b")
  }

  @Test func filesAndWhatIsNone() throws {
    let folder = try TemporaryFolder()
    let good = try folder.write(Array("a,b\n1,2\n".utf8), to: "good.csv")
    #expect(try Table(contentsOf: good).numbers("b") == [2])
    let missing = folder.url.appendingPathComponent("missing.csv")
    for url in [missing, folder.url] {
      let error = try #require(throws: TableError.self) { try Table(contentsOf: url) }
      guard case .file = error.reason else {
        Issue.record("\(error)")
        continue
      }
      #expect(error.description.contains(url.path))
    }
    let empty = try folder.write([], to: "empty.csv")
    #expect(try #require(throws: TableError.self) { try Table(contentsOf: empty) }.reason == .empty)
    for bytes: [UInt8] in [[0xFF, 0xFE, 0x61, 0], [0xFE, 0xFF, 0, 0x61], [0xC3, 0x2C, 0x62, 0x0A, 0x31, 0x2C, 0x32]] {
      let url = try folder.write(bytes, to: "other.csv")
      #expect(try #require(throws: TableError.self) { try Table(contentsOf: url) }.reason == .notText)
    }
    let latin = try folder.write(Array("a,b\n1,caf".utf8) + [0xE9, 0x0A], to: "latin.csv")
    let table = try Table(contentsOf: latin)
    #expect(try table.numbers("a") == [1])
    let error = try #require(throws: TableError.self) { try table.texts("b") }
    #expect(error.reason == .notText && error.line == 2 && error.column == "b")
  }
}

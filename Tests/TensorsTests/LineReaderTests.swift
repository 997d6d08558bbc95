import Foundation
import Tensors
import Testing

@Suite struct LineReaderTests {
  private let folder = try! TemporaryFolder()

  private func lines(_ text: String, chunk: Int) throws -> [String] {
    let url = folder.file(UUID().uuidString)
    try Data(text.utf8).write(to: url)
    var reader = try LineReader(url, chunk: chunk)
    var lines: [String] = []
    while try reader.advance() {
      lines.append(String(decoding: reader.bytes[reader.line], as: UTF8.self))
      #expect(reader.number == lines.count)
    }
    #expect(try !reader.advance())
    return lines
  }

  @Test(arguments: [
    ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\r\nb", ["a", "b"]),
    ("\n\nlong line, longer\n", ["", "", "long line, longer"]),
    ("a\rb\r\r\n", ["a\rb\r"]), ("\u{FEFF}a\n\u{FEFF}b", ["a", "\u{FEFF}b"]), ("\u{FEFF}", [""]),
  ])
  func endsAreTakenOff(_ text: String, _ expected: [String]) throws {
    for chunk in 1...12 { #expect(try lines(text, chunk: chunk) == expected, "chunks of \(chunk)") }
  }

  @Test func piecesDoNotMatter() throws {
    var random = RandomGenerator(seed: 2, stream: "lines")
    let expected = (0..<200).map { _ in String(repeating: "x", count: random.next(upperBound: 40)) }
    let text = expected.map { $0 + "\n" }.joined()
    for chunk in [4, 7, 33, 10_000] { #expect(try lines(text, chunk: chunk) == expected) }
  }

  @Test func onlyRegularFiles() throws {
    let pipe = folder.file("pipe")
    try #require(mkfifo(pipe.path, 0o600) == 0)
    for (url, cause) in [(pipe, FileError.Cause.notRegularFile), (folder.file("none"), .system(ENOENT))] {
      do {
        _ = try LineReader(url)
        Issue.record("\(url.path) was opened")
      } catch {
        #expect(error.cause == cause && error.path == url.path)
      }
    }
    do {
      _ = try LineReader(folder.url)
      Issue.record("a folder was opened")
    } catch {
      #expect(error.cause == .notRegularFile)
    }
  }

  @Test func aFileThatShrinksIsAnError() throws {
    let url = folder.file("shrinking")
    try Data(String(repeating: "line\n", count: 100).utf8).write(to: url)
    var reader = try LineReader(url, chunk: 64)
    #expect(try reader.advance())
    try Data("line\n".utf8).write(to: url)
    do {
      while try reader.advance() {}
      Issue.record("nobody noticed")
    } catch {
      #expect(error.operation == .read)
    }
  }
}

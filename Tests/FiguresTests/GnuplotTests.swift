import Foundation
import Studies
import Testing

@testable import Figures

@Suite struct GnuplotTests {
  private var figure: Figure {
    var table = CSVTable(columns: ["name", "x", "mean"])
    for x in 0..<5 { table.append(["it's `touch pwned` a_b", .integer(x), .number(Double(x * x))]) }
    let panel = Panel(
      title: "a_b's `title`", horizontal: Axis("x", from: 0, to: 4), vertical: Axis("y", from: 0, to: 16),
      curves: [
        Curve(kind: .marked(every: 1), number: 1, rows: [("name", "it's `touch pwned` a_b")], x: "x")
      ], labels: [DirectLabel(text: "it's", x: 4, y: 16, number: 1)])
    return Figure(
      name: "test", title: "T & t", conclusion: "`a` < b", caption: "", table: table,
      sheet: Sheet(title: "test", panels: [panel]))
  }

  /// A program in a folder of its own that does what `script` says.
  private func program(_ script: String, _ body: (URL) throws -> Void) throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appendingPathComponent("gnuplot")
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    try body(file)
  }

  @Test func looksOnThePathOnly() throws {
    #expect(Gnuplot.find(path: "") == nil)
    #expect(Gnuplot.find(path: nil) == nil)
    #expect(Gnuplot.find(path: "/nonexistent:relative:") == nil)
    try program("exit 0") { file in
      #expect(Gnuplot.find(path: "/nonexistent:\(file.deletingLastPathComponent().path)")?.executable.path == file.path)
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
      #expect(Gnuplot.find(path: file.deletingLastPathComponent().path) == nil)
    }
    #expect(Gnuplot.installationHint.contains("apt-get install gnuplot-nox"))
  }

  @Test(.enabled(if: Gnuplot.find() != nil, "gnuplot is not installed"))
  func drawsNamesAsTheyAre() throws {
    let gnuplot = try #require(Gnuplot.find())
    let svg = try gnuplot.draw(figure)
    // The curve is there: five symbols and the one of the label, and the names with neither markup nor commands.
    #expect(svg.components(separatedBy: "href='#test-gpPt6'").count - 1 == 6)
    #expect(svg.contains("a_b&apos;s `title`") || svg.contains("a_b's `title`"))
    #expect(svg.contains("<title id=\"test-title\">T &amp; t</title>"))
    #expect(svg.contains("<desc id=\"test-description\">a &lt; b</desc>"))
    #expect(svg.contains("role=\"img\" aria-labelledby=\"test-title test-description\""))
    #expect(!svg.contains("id='gp") && !svg.contains("'#gp") && !svg.contains("id=\"gnuplot_"))
    #expect(SVGDocument.inline(svg).hasPrefix("<svg"))
    let parser = XMLCheck()
    #expect(parser.isWellFormed(svg))
  }

  @Test func failuresAreTyped() throws {
    try program("echo 'line 3: undefined' >&2; exit 3") { file in
      #expect(throws: GnuplotError.failed(figure: "test", status: 3, message: "line 3: undefined")) {
        try Gnuplot(executable: file).draw(figure)
      }
    }
    try program("exit 0") { file in
      #expect(throws: GnuplotError.noDrawing(figure: "test")) { try Gnuplot(executable: file).draw(figure) }
    }
    try program("echo '<svg>' > test.svg") { file in
      #expect(throws: GnuplotError.noDrawing(figure: "test")) { try Gnuplot(executable: file).draw(figure) }
    }
    try program("exec sleep 60") { file in
      #expect(throws: GnuplotError.tookTooLong(figure: "test", seconds: 0.2)) {
        try Gnuplot(executable: file, timeLimit: 0.2).draw(figure)
      }
    }
    let error = #expect(throws: GnuplotError.self) {
      try Gnuplot(executable: URL(fileURLWithPath: "/nonexistent/gnuplot")).draw(figure)
    }
    #expect(error?.description.hasPrefix("gnuplot could not be started for figure 'test'") == true)
  }

  @Test func aTalkativeProgramDoesNotBlock() throws {
    try program("yes message | head -c 1000000 >&2; yes x | head -c 1000000; echo '<svg></svg>' > test.svg") { file in
      let svg = try Gnuplot(executable: file).draw(figure)
      #expect(svg.contains("</svg>"))
    }
  }
}

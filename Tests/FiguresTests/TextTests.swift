import Foundation
import Studies
import Testing

@testable import Figures

@Suite struct WordingTests {
  @Test(
    arguments: [
      (0.12345, "0.123"), (1.7320508, "1.73"), (12345, "12,345"), (0, "0"), (-0.5, "−0.5"), (1e-5, "10⁻⁵"),
      (1.23e-5, "1.23\u{A0}×\u{A0}10⁻⁵"), (9.999e-6, "10⁻⁵"), (2.5e9, "2.5\u{A0}×\u{A0}10⁹"), (.nan, "–"),
      (.infinity, "–"), (100, "100"),
      (0.00015, "0.00015"), (999_999, "999,999"),
    ] as [(Double, String)])
  func numbers(_ value: Double, _ text: String) { #expect(Wording.number(value) == text) }

  @Test func everyDoubleHasWords() {
    for value in [Double.leastNonzeroMagnitude, -Double.leastNonzeroMagnitude, 1.7e308, -1.7e308, 9.9999e6, 9.99999e-5]
    {
      #expect(!Wording.number(value).isEmpty)
    }
  }

  @Test func fixedPercentAndLists() {
    #expect(Wording.fixed(1234567.891, decimals: 1) == "1,234,567.9")
    #expect(Wording.fixed(-999, decimals: 0) == "−999")
    #expect(Wording.fixed(-0.0, decimals: 1) == "0.0")
    #expect(Wording.percent(0.1564) == "15.6\u{A0}%")
    #expect(Wording.list([]) == "")
    #expect(Wording.list(["a"]) == "a")
    #expect(Wording.list(["a", "b", "c"]) == "a, b and c")
    #expect(Wording.count(1, "seed") == "1 seed" && Wording.count(2000, "update") == "2,000 updates")
    #expect(Wording.name("glorot_uniform") == "`glorot_uniform`")
    #expect(Wording.name("a`b") == "`a'b`")
  }

  @Test func estimates() {
    // s of 0.15, 0.16, 0.17 is 0.01; t is 4.303: half a width of 0.0248.
    #expect(Estimate([0.15, 0.16, 0.17]).percentText == "16.0\u{A0}±\u{A0}2.5\u{A0}%")
    #expect(Estimate([0.5, 0.5]).percentText == "50\u{A0}±\u{A0}0\u{A0}%")
    #expect(Estimate([0.1, 0.1, 0.1]).text() == "0.1\u{A0}±\u{A0}0")
    #expect(Estimate([0.25]).text() == "0.25")
    #expect(Estimate([1e308, -1e308]).text(scale: 100).isEmpty == false)
    #expect(Estimate([.nan]).percentText == "–")
    #expect(Estimate([]).text() == "–")
  }
}

@Suite struct TrendTests {
  @Test(
    arguments: [
      (1 / 1.74, 1 / 3.0.squareRoot(), "falls by a factor 1.74 a layer (theory 1.73)"),
      (1.4, 2.0.squareRoot(), "rises by a factor 1.4 a layer (theory 1.41)"),
      (1.04, 1.0, "rises by 4\u{A0}% a layer (theory: constant)"),
      (1.001, 1.0, "changes by less than 0.5\u{A0}% a layer (theory: constant)"),
      (
        1.0, 1 / 3.0.squareRoot(),
        "changes by less than 0.5\u{A0}% a layer (theory: falls by a factor 1.73, which it misses by more than 10\u{A0}%)"
      ),
      (
        0.5, 1.0, "falls by a factor 2 a layer (theory: constant, which it misses by more than 10\u{A0}%)"
      ),
      (
        0.5, 2.0, "falls by a factor 2 a layer (theory: rises by a factor 2, which it misses by more than 10\u{A0}%)"
      ),
      (0.5, .nan, "falls by a factor 2 a layer"), (.nan, 1, "has no measurable trend"),
      (0, 1, "has no measurable trend"),
    ] as [(Double, Double, String)])
  func phrases(_ factor: Double, _ theory: Double, _ phrase: String) {
    #expect(Trend(factor: factor, theory: theory).phrase == phrase)
  }

  @Test func limits() {
    #expect(Trend(factor: 1.149, theory: 1).isSmall && !Trend(factor: 1.151, theory: 1).isSmall)
    #expect(Trend(factor: 1 / 1.149, theory: 1).isSmall && !Trend(factor: 1 / 1.151, theory: 1).isSmall)
    #expect(Trend(factor: 1.09, theory: 1).agrees == true && Trend(factor: 1.11, theory: 1).agrees == false)
    #expect(Trend(factor: 1.09, theory: .nan).agrees == nil && Trend(factor: .nan, theory: 1).agrees == nil)
  }

  @Test func alikeInitializersShareAPhrase() {
    let small = Trend(factor: 1.02, theory: 1)
    let falling = Trend(factor: 0.5, theory: 0.5)
    let two = Trend.sentence([("a", falling), ("b", falling)])
    #expect(two == "falls by a factor 2 a layer (theory 2) under `a` and `b`")
    let three = Trend.sentence([("a", small), ("b", falling), ("c", Trend(factor: 1 / 1.05, theory: 1))])
    #expect(
      three
        == "changes by at most 5\u{A0}% a layer under `a` and `c` and falls by a factor 2 a layer (theory 2) under `b`")
    let missed = Trend.sentence([("a", small), ("b", Trend(factor: 1, theory: 2)), ("c", small)])
    #expect(missed.contains("misses theory by more than 10\u{A0}% for `b`"))
  }
}

@Suite struct TextTableTests {
  private var table: TextTable {
    var table = TextTable(columns: [
      .init("name", rank: 2), .init("loss", isNumeric: true, rank: 1), .init("note", rank: 0),
    ])
    table.append(["standard", "0.5 ± 0.1", "a"])
    table.appendGroup("LeNet")
    table.append(["x", "12"])
    return table
  }

  @Test func alignsInUnicode() {
    #expect(
      table.text() == """
        ┌──────────┬───────────┬──────┐
        │ name     │      loss │ note │
        ├──────────┼───────────┼──────┤
        │ standard │ 0.5 ± 0.1 │ a    │
        ├─ LeNet ──┼───────────┼──────┤
        │ x        │        12 │      │
        └──────────┴───────────┴──────┘

        """)
  }

  @Test func fallsBackToASCII() {
    let text = table.text(style: .ascii)
    #expect(text.allSatisfy { $0.isASCII })
    #expect(text.contains("| standard | 0.5 +- 0.1 | a    |"))
    #expect(text.contains("+- LeNet --+"))
  }

  @Test(arguments: [31, 30, 24, 23, 12, 9, 5, 1, 0, -3])
  func keepsItsWidth(_ width: Int) {
    let lines = table.text(width: width).split(separator: "\n")
    // Five columns are the least that a table of one column and one character can have.
    #expect(lines.allSatisfy { $0.count <= max(width, 5) })
    #expect(Set(lines.map(\.count)).count == 1)
    #expect(table.text(width: 31).contains("note") && !table.text(width: 30).contains("note"))
    #expect(table.text(width: 9).contains("│ stan… │"))
  }

  @Test func wideAndDangerousCharacters() {
    var table = TextTable(columns: [.init("n")])
    table.append(["\u{1B}[31mred\u{7}"])
    table.append(["数値"])
    let text = table.text()
    #expect(!text.contains("\u{1B}") && !text.contains("\u{7}"))
    #expect(text.contains("│ 数値      │"))
    #expect(table.text(style: .ascii).contains("| ??"))
  }

  @Test func emptyTables() {
    #expect(TextTable(columns: []).text() == "")
    #expect(TextTable(columns: [.init("a")]).text() == "┌───┐\n│ a │\n└───┘\n")
  }

  @Test(
    arguments: [
      (["LANG": "en_US.UTF-8"], TextTable.Style.unicode), (["LC_ALL": "C", "LANG": "en_US.UTF-8"], .ascii),
      (["LC_ALL": "", "LANG": "C.utf8"], .unicode), ([:], .ascii), (["LC_CTYPE": "UTF-8"], .unicode),
    ] as [([String: String], TextTable.Style)])
  func styleFollowsTheLocale(_ environment: [String: String], _ style: TextTable.Style) {
    #expect(TextTable.Style.suited(to: environment) == style)
  }
}

@Suite struct ComparisonTableTests {
  @Test func rowsHoldTheNumbers() throws {
    let results = SyntheticStudy(hasHistograms: false).results
    let text = ComparisonTable(results).text(width: 140)
    let standard = try #require(text.split(separator: "\n").first { $0.contains("│ standard") })
    let cells = standard.split(separator: "│").map { $0.trimmingCharacters(in: .whitespaces) }
    let group = try #require(results.groups(.comparison).first)
    #expect(cells[0] == "standard")
    #expect(cells[1] == group.finalLoss(of: "standard").text())
    #expect(cells[2] == group.testError(of: "standard").percentText)
    #expect(cells[3...5] == ["0.58", "0.58", "0.58"])
    #expect(cells[6] == "0.0\u{A0}%")
    #expect(text.contains("├─ MLP, tanh, shapeset (3 seeds) ─"))
    #expect(text.contains("diverged (1 of 3)"))
    #expect(
      ComparisonTable(results).text(width: 60, style: .ascii).split(separator: "\n").allSatisfy { $0.count <= 60 })
  }

  @Test func noRuns() {
    let empty = InitializerStudyResults(environment: StudyEnvironment(), study: StudyDescription(), runs: [])
    #expect(ComparisonTable(empty).text().split(separator: "\n").count == 3)
  }
}

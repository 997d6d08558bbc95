import Foundation
import Ridgeline

/// A classification as a table for people: a line a class, or where there are many the worst of them.
enum ConfusionTable {
  /// More classes than this are not worth a matrix on a terminal.
  private static let widest = 12

  static func text(_ result: Classification) -> String {
    result.classNames.count <= widest ? matrix(result) : list(result)
  }

  /// Rows are classes, columns answers.
  private static func matrix(_ result: Classification) -> String {
    let names = result.classNames.map { String($0.prefix(16)) }
    let width = names.map(\.count).max() ?? 0
    let columns = result.classNames.indices
    let column = max(4, "\(result.count)".count + 1)
    func right(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    let head =
      right("", width) + columns.map { right(String(names[$0].prefix(column - 1)), column) }.joined() + "   error"
    return
      ([head]
      + columns.map { row in
        let counts = result.confusion[row]
        let cells = columns.map { right("\(counts[$0])", column) }.joined()
        return right(names[row], width) + cells + error(counts, row)
      }).joined(separator: "\n")
  }

  private static func list(_ result: Classification) -> String {
    let worst = result.classNames.indices.filter { result.confusion[$0].reduce(0, +) > 0 }
      .sorted { rate(result.confusion[$0], $0) > rate(result.confusion[$1], $1) }.prefix(widest)
    return "the classes with the largest errors:\n"
      + worst.map { "  \(result.classNames[$0])" + error(result.confusion[$0], $0) }.joined(separator: "\n")
  }

  private static func rate(_ counts: [Int], _ row: Int) -> Double {
    1 - Double(counts[row]) / Double(max(counts.reduce(0, +), 1))
  }

  private static func error(_ counts: [Int], _ row: Int) -> String {
    counts.reduce(0, +) > 0 ? String(format: "  %5.1f %%", 100 * rate(counts, row)) : "  none"
  }
}

import Foundation
import Ridgeline

/// The kernel calls of a step as a table for people, and as lines of JSON.
struct PlanTable: CustomStringConvertible {
  // The names are the keys of the JSON object.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  struct Line: Encodable {
    let layer: String
    let operations: [String]
    let method: String?
    let reason: String?
    let inTasksBefore: Bool
    let besideCallBefore: Bool
    let recomputed: Bool
    let imagesAtATime: Int?
    let resultBytes: Int
    let scratchBytes: Int

    init(_ call: PlannedCall) {
      layer = call.scope
      operations = call.operations
      (method, reason) = (call.choice?.method, call.choice?.reason)
      (inTasksBefore, besideCallBefore) = (call.isInTasksBefore, call.isBesideCallBefore)
      (recomputed, imagesAtATime) = (call.isRecomputed, call.imagesAtATime)
      (resultBytes, scratchBytes) = (call.resultBytes, call.scratchBytes)
    }
  }

  private let calls: [PlannedCall]

  init(_ calls: [PlannedCall]) { self.calls = calls }

  var description: String {
    let rows = [["layer", "computes", "by", "because"]] + calls.map(cells)
    let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
    let sizes = ["  result MB", " scratch MB"]
    return rows.enumerated().map { number, row in
      let texts = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
      let bytes = number == 0 ? sizes : [call(number).resultBytes, call(number).scratchBytes].map(megabytes)
      return (bytes + texts + [row[3]]).joined(separator: "  ")
    }.map { String($0.reversed().drop { $0 == " " }.reversed()) }.joined(separator: "\n")
  }

  private func call(_ row: Int) -> PlannedCall { calls[row - 1] }

  private func cells(_ call: PlannedCall) -> [String] {
    [
      (call.isInTasksBefore ? "+ " : call.isBesideCallBefore ? "| " : "") + call.scope
        + (call.isRecomputed ? " again" : "") + (call.imagesAtATime.map { " by \($0)" } ?? ""),
      Self.names(call.operations), call.choice?.method ?? "",
      call.choice?.reason ?? "",
    ]
  }

  /// The names of a chain: at most three, and how many more there are.
  private static func names(_ operations: [String]) -> String {
    guard !operations.isEmpty else { return "copy" }
    let shown = operations.prefix(3).joined(separator: ", ")
    return operations.count > 3 ? "\(shown) and \(operations.count - 3) more" : shown
  }

  private func megabytes(_ bytes: Int) -> String { String(format: "%11.2f", Double(bytes) * 1e-6) }
}

import ArgumentParser
import Foundation
import Ridgeline

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print what a file of weights holds: names, shapes, element types, bytes and metadata.",
    discussion: """
      Read are safetensors files and their indexes, PyTorch's state dictionaries (.pth, .pt), NumPy's .npy and .npz, Keras' \
      .h5 and .keras, Caffe's .caffemodel; the end of the name says which. No tensor is read, and nothing that a file holds is run.

      With --json it is one object: file, format, tensors (name, type, shape, bytes), parameters, bytes and metadata.
      """)

  @Argument(help: "The file.")
  var file: String
  @Flag(help: "Print one line of JSON.")
  var json = false

  mutating func validate() throws { try requirePath(file, "FILE") }

  // The names are the keys of the JSON object.
  struct Report: Encodable {
    struct Tensor: Encodable {
      let name: String
      let type: String
      let shape: [Int]
      let bytes: Int
    }

    let file: String
    let format: String
    let tensors: [Tensor]
    let parameters: Int
    let bytes: Int
    let metadata: [String: String]
  }

  func run() throws {
    let url = URL(fileURLWithPath: file)
    let source = try TensorFiles.open(url)
    let tensors = source.entries.map {
      Report.Tensor(name: $0.name, type: $0.elementType.rawValue, shape: $0.shape.dimensions, bytes: $0.byteCount)
    }
    let report = Report(
      file: file, format: TensorFiles.Format(url)?.rawValue ?? "", tensors: tensors,
      parameters: source.entries.reduce(0) { $0 + $1.shape.count }, bytes: tensors.reduce(0) { $0 + $1.bytes },
      metadata: source.metadata)
    if json { return try Output.json(report) }
    try Output.line(Self.table(report).joined(separator: "\n"))
  }

  /// A line a tensor, the totals and the metadata.
  private static func table(_ report: Report) -> [String] {
    let rows =
      [["name", "type", "shape", "bytes"]]
      + report.tensors.map { [$0.name.withoutControlCharacters, $0.type, "\($0.shape)", "\($0.bytes)"] }
      + [["\(report.tensors.count) tensors", "", "\(report.parameters) elements", "\(report.bytes)"]]
    let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = rows.map { row in
      func space(_ column: Int) -> String { String(repeating: " ", count: widths[column] - row[column].count) }
      return "\(row[0])\(space(0))  \(row[1])\(space(1))  \(row[2])\(space(2))  \(space(3))\(row[3])"
    }
    if !report.metadata.isEmpty {
      lines.append("")
      for (key, value) in report.metadata.sorted(by: { $0.key < $1.key }) {
        lines.append("\(key.withoutControlCharacters): \(String(value.prefix(300)).withoutControlCharacters)")
      }
    }
    return lines
  }
}

import Foundation
import Tensors
import Testing

@Suite("ridgeline: inspect and convert")
struct ConvertTests {
  private static let tensors: NamedTensors = {
    var tensors = NamedTensors(metadata: ["note": "two of them"])
    tensors.insert(Tensor<Float>([2, 3], [1, 2, 3, 4, 5, 6]), named: "first")
    tensors.insert(Tensor<Double>([2], [0.1, 0.2]), named: "second")
    return tensors
  }()

  private func withFile(_ body: (URL, URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("given.safetensors")
      try Self.tensors.write(to: url)
      try body(url, folder)
    }
  }

  @Test("a table, and one line of JSON")
  func inspect() throws {
    try withFile { url, _ in
      let table = try Program.run(["inspect", url.path])
      #expect(table.status == 0, "\(table)")
      for part in ["first", "F32", "[2, 3]", "24", "second", "F64", "8 elements", "note: two of them"] {
        #expect(table.output.contains(part), "\(part)\n\(table)")
      }
      let json = try Program.run(["inspect", url.path, "--json"]).json()
      #expect(json["parameters"] as? Int == 8 && json["bytes"] as? Int == 40)
      #expect((json["tensors"] as? [[String: Any]])?.count == 2)
      #expect(json["metadata"] as? [String: String] == ["note": "two of them"])
    }
  }

  @Test("names of any characters stand in columns, without the characters that control a terminal")
  func names() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("names.safetensors")
      var tensors = NamedTensors()
      for name in ["x", "👩🏽‍🔬👩🏽‍🔬", "a\u{1B}[2J"] { tensors.insert(Tensor<Float>([2], [1, 2]), named: name) }
      try tensors.write(to: url)
      let lines = try Program.run(["inspect", url.path]).output.split(separator: "\n")
      let places = lines.compactMap { line in
        line.range(of: "F32").map { line.distance(from: line.startIndex, to: $0.lowerBound) }
      }
      #expect(places.count == 3 && Set(places).count == 1, "\(lines)")
      #expect(!lines.contains { $0.contains("\u{1B}") })
    }
  }

  @Test("to npz and back the tensors are the same")
  func convert() throws {
    try withFile { url, folder in
      let (archive, back) = (folder.appendingPathComponent("a.npz"), folder.appendingPathComponent("b.safetensors"))
      for (from, to) in [(url, archive), (archive, back)] {
        let outcome = try Program.run(["convert", from.path, to.path])
        #expect(outcome.status == 0, "\(outcome)")
      }
      var expected = Self.tensors
      expected.metadata = [:]
      #expect(try NamedTensors(contentsOf: back) == expected)
    }
  }

  @Test("files and names that do not fit are errors, and nothing is written")
  func errors() throws {
    try withFile { url, folder in
      let target = folder.appendingPathComponent("out.safetensors")
      try Program.expectFailure(["inspect", folder.appendingPathComponent("none.npz").path], naming: ["none.npz"])
      try Program.expectFailure(
        ["convert", url.path, folder.appendingPathComponent("out.pth").path], naming: ["out.pth"])
      try Program.expectFailure(
        ["convert", url.path, target.path, "--as", "vgg16"], naming: ["features.0.weight", "first", "second", url.path])
      try Program.expectFailure(["convert", url.path, target.path, "--names", "torchvision"], naming: ["--as"])
      try Program.expectFailure(["convert", url.path, folder.appendingPathComponent("o.npy").path], naming: ["2"])
      #expect(!FileManager.default.fileExists(atPath: target.path))
      for words in [["--as", "vgg17"], ["--names", "caffe"]] {
        let outcome = try Program.run(["convert", url.path, target.path] + words)
        #expect(outcome.status == 64 && outcome.errors.contains(words[1]), "\(outcome)")
      }
    }
  }
}

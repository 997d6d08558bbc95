import Foundation
import Tensors
import Testing

@Suite("ridgeline: weight files")
struct WeightsFileTests {
  /// A trained file, the set it was trained on, and its folder.
  func withWeights(_ body: (URL, Digits, URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder)
      let weights = folder.appendingPathComponent("weights.safetensors")
      let outcome = try Program.run(
        ["train", "lenet5", "--epochs", "1", "--batch", "20", "--threads", "1", "--output", weights.path] + digits.flags
      )
      try #require(!outcome.wasSignalled && outcome.status == 0, "\(outcome)")
      #expect(outcome.errors.contains(weights.path), "\(outcome)")
      try body(weights, digits, folder)
    }
  }

  @Test("tensors that are missing, left over or of another shape are all named")
  func tensors() throws {
    try withWeights { weights, digits, folder in
      let good = try NamedTensors(contentsOf: weights)
      let name = try #require(good.names.first)
      func expectRefusal(naming parts: [String], _ file: NamedTensors) throws {
        let bad = folder.appendingPathComponent("bad.safetensors")
        try file.write(to: bad)
        for command in ["evaluate", "predict"] {
          try Program.expectFailure([command, "--weights", bad.path] + digits.flags, naming: parts + [bad.path])
        }
      }
      var extra = good
      extra.insert(Tensor<Float>([2], [1, 2]), named: "surplus.kernel")
      try expectRefusal(naming: ["not in the network: surplus.kernel"], extra)
      var misshapen = good
      misshapen.insert(Tensor<Float>([2], [1, 2]), named: name)
      try expectRefusal(naming: ["of another shape: \(name)", "[2]"], misshapen)
      var missing = NamedTensors(metadata: good.metadata)
      for other in good.names.dropFirst() {
        missing.insert(try good.tensor(other) as Tensor<Float>, named: other)
      }
      try expectRefusal(naming: ["missing: \(name)"], missing)
      var anonymous = good
      anonymous.metadata = [:]
      try expectRefusal(naming: ["architecture"], anonymous)
      var unknown = good
      unknown.metadata["architecture"] = "lenet9"
      try expectRefusal(naming: ["lenet9", "lenet5"], unknown)
    }
  }

  @Test("what is no whole file of weights is refused")
  func files() throws {
    try withWeights { weights, digits, folder in
      let bytes = try Data(contentsOf: weights)
      let bad = folder.appendingPathComponent("bad.safetensors")
      for length in [0, 5, 100, bytes.count - 1] {
        try bytes.prefix(length).write(to: bad)
        try Program.expectFailure(["evaluate", "--weights", bad.path] + digits.flags, naming: [bad.path])
      }
      for path in [folder.path, "/no/such/file", "/dev/null"] {
        try Program.expectFailure(["evaluate", "--weights", path] + digits.flags, naming: [path])
      }
      try Program.expectFailure(
        ["predict", "--first", "20", "--weights", weights.path] + digits.flags, naming: ["--first", "20"])
    }
  }

  @Test("weights that are not finite are refused with the tensor and the index", arguments: [Float.nan, -.infinity])
  func notFinite(_ value: Float) throws {
    try withWeights { weights, digits, folder in
      var file = try NamedTensors(contentsOf: weights)
      let name = try #require(file.names.first { $0.hasPrefix("output") && $0.hasSuffix("kernel") })
      var tensor = try file.tensor(name) as Tensor<Float>
      let width = tensor.shape[1]
      tensor[3, 2] = value
      tensor[3, width - 1] = value
      file.insert(tensor, named: name)
      let bad = folder.appendingPathComponent("bad.safetensors")
      try file.write(to: bad)
      for command in ["evaluate", "predict"] {
        try Program.expectFailure(
          [command, "--json", "--weights", bad.path] + digits.flags,
          naming: [bad.path, "\(name)[3, 2] is \(value) (the first of 2)", "Nothing was loaded"])
      }
    }
  }

  @Test("a place that cannot be written is refused before anything is read")
  func unwritable() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("file")
      try Data("a file".utf8).write(to: file)
      let long = folder.appendingPathComponent(String(repeating: "long", count: 64))
      var places = [
        file.path + "/weights.safetensors", folder.path, folder.path + "/none/weights.safetensors", long.path,
      ]
      places += ["/dev/full", "/dev/null"].filter { FileManager.default.fileExists(atPath: $0) }
      for place in places {
        // The data are missing too, but that would be found out later.
        try Program.expectFailure(
          ["train", "lenet5", "--data-directory", "/no/such/folder", "--output", place],
          naming: ["the weights cannot be written", place])
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file"])
    }
  }

  @Test("a disk that becomes full leaves the old file")
  func fullDisk() throws {
    try withWeights { weights, digits, folder in
      let before = try Data(contentsOf: weights)
      // No file may grow beyond 16 blocks of 512 or 1024 bytes; the weights need 240 kB.
      try Program.expectFailure(
        ["train", "lenet5", "--epochs", "1", "--seed", "2", "--output", weights.path] + digits.flags,
        naming: ["could not write", weights.path], shell: "ulimit -f 16")
      #expect(try Data(contentsOf: weights) == before)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["digits", "weights.safetensors"])
    }
  }
}

import Foundation
import Testing

@Suite("ridgeline show")
struct ShowTests {
  /// Weights of a network that was trained for a moment, in a folder.
  private func withWeights(_ body: (URL, String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder)
      let weights = folder.appendingPathComponent("weights.safetensors").path
      let outcome = try Program.run(
        ["train", "lenet5", "--epochs", "1", "--batch", "10", "--output", weights] + digits.flags)
      try #require(outcome.status == 0, "\(outcome)")
      try body(folder, weights)
    }
  }

  private func isPNG(_ path: String) -> Bool {
    FileManager.default.contents(atPath: path)?.prefix(8) == Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  }

  @Test("filters, and the maps that they make of a picture, are PNGs; what cannot be shown says why")
  func pictures() throws {
    try withWeights { folder, weights in
      let (filters, maps) = (folder.path + "/filters.png", folder.path + "/maps.png")
      let outcome = try Program.run(["show", "filters", "--weights", weights, "--output", filters])
      #expect(outcome.status == 0 && outcome.output.contains("6 filters of c1") && isPNG(filters), "\(outcome)")
      let shown = try Program.run(
        ["show", "activations", "--weights", weights, filters, "--layer", "s2", "--output", maps])
      #expect(shown.status == 0 && shown.output.contains("6 maps of s2") && isPNG(maps), "\(shown)")

      let show = ["show", "filters", "--weights", weights, "--output", folder.path + "/no.png"]
      try Program.expectFailure(show + ["--layer", "c3"], naming: ["c3", "1 or 3 channels", "6"])
      try Program.expectFailure(show + ["--layer", "c9"], naming: ["c9", "c1"])
      let activations = ["show", "activations", "--weights", weights, "--output", folder.path + "/no.png"]
      try Program.expectFailure(activations + [filters, "--layer", "output"], naming: ["output", "no maps"])
      try Program.expectFailure(activations + [filters, "--layer", "c9"], naming: ["c9", "s2"])
      try Program.expectFailure(activations + [weights], naming: [weights])
      try Program.expectFailure(activations + [folder.path + "/none.png"], naming: ["none.png"])
      #expect(!FileManager.default.fileExists(atPath: folder.path + "/no.png"))
      try Program.expectFailure(
        ["show", "filters", "--weights", weights, "--output", folder.path + "/none/no.png"], naming: ["none"])
    }
  }
}

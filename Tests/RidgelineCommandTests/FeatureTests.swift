import Foundation
import Tensors
import Testing

@Suite("ridgeline: features, cluster, transfer")
struct FeatureTests {
  @Test("features of a layer are written and clustered; what does not fit is refused")
  func featuresAndClusters() throws {
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder, training: 200, test: 60)
      let weights = folder.path + "/weights.safetensors"
      let training = try Program.run(
        ["train", "lenet5", "--epochs", "4", "--batch", "10", "--output", weights] + digits.flags)
      try #require(training.status == 0, "\(training)")
      let file = folder.path + "/f.safetensors"
      let features = ["features", "--weights", weights] + digits.flags
      let written = try Program.run(features + ["--layer", "f6", "--output", file])
      #expect(written.status == 0 && written.output.contains("84 features of f6 for 60 images"), "\(written)")
      let tensors = try NamedTensors(contentsOf: URL(fileURLWithPath: file))
      let labels: Tensor<Float> = try tensors.tensor("labels")
      #expect(labels.elements == (0..<60).map { Float($0 % 10) })

      let clusters = folder.path + "/clusters.csv"
      let outcome = try Program.run(["cluster", file, "--k", "10", "--pca", "8", "--output", clusters, "--json"])
      let report = try outcome.json()
      #expect(report["nmi"] as? Double ?? 0 > 0.9 && (report["counts"] as? [Int])?.count == 10, "\(outcome)")
      #expect(try String(contentsOfFile: clusters, encoding: .utf8).split(separator: "\n").count == 61)

      // A table has a line an image, its label first; npz and npy can be clustered too.
      let table = folder.path + "/f.csv"
      #expect(try Program.run(features + ["--layer", "f6", "--output", table]).status == 0)
      let lines = try String(contentsOfFile: table, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 61 && lines[3].hasPrefix("2,") && lines[0].hasPrefix("label,f0,"))
      for name in ["/f.npz", "/f.npy"] {
        #expect(
          try Program.run(features + ["--layer", "s4", "--pooling", "mean", "--output", folder.path + name]).status == 0
        )
        let words = try Program.run(["cluster", folder.path + name, "--k", "3"])
        #expect(words.status == 0 && words.output.contains("3 clusters of 60 rows of 16"), "\(words)")
      }

      try Program.expectFailure(features + ["--layer", "f9", "--output", file], naming: ["f9", "f6"])
      try Program.expectFailure(
        features + ["--layer", "f6", "--output", folder.path + "/none/f.npz"], naming: ["none"])
      try Program.expectFailure(
        ["cluster", file, "--k", "2", "--output", folder.path + "/none/c.csv"], naming: ["none"])
      try Program.expectFailure(["cluster", file, "--k", "0"], naming: ["--k"])
      try Program.expectFailure(["cluster", file, "--k", "61"], naming: ["61", "60"])
      try Program.expectFailure(["cluster", weights, "--k", "2"], naming: ["features"])
      try Program.expectFailure(["cluster", folder.path + "/none.npz", "--k", "2"], naming: ["none.npz"])
    }
  }

  @Test("weights of one task are trained further on another's classes, frozen or not")
  func transfer() throws {
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder)
      let (weights, output) = (folder.path + "/weights.safetensors", folder.path + "/transferred.safetensors")
      let training = try Program.run(
        ["train", "lenet5", "--epochs", "1", "--batch", "10", "--output", weights] + digits.flags)
      try #require(training.status == 0, "\(training)")
      let pictures = try Pictures(in: folder, training: 20, test: 5)
      let transfer =
        ["transfer", "--weights", weights, "--epochs", "3", "--batch", "8", "--output", output] + pictures.flags
      let frozen = try Program.run(transfer + ["--freeze-through", "s4"])
      #expect(frozen.status == 0 && frozen.output.contains("2 classes, test error"), "\(frozen)")
      let before = try NamedTensors(contentsOf: URL(fileURLWithPath: weights))
      let after = try NamedTensors(contentsOf: URL(fileURLWithPath: output))
      func elements(_ file: NamedTensors, _ name: String) throws -> [Float] {
        let tensor: Tensor<Float> = try file.tensor(name)
        return tensor.elements
      }
      let same = try elements(before, "c1.kernel") == elements(after, "c1.kernel")
      let trained = try elements(before, "c5.kernel") != elements(after, "c5.kernel")
      #expect(same && trained)
      let tuned = try Program.run(transfer + ["--rate-decay", "0.5"])
      #expect(tuned.status == 0, "\(tuned)")
      // Features of images of other classes than the weights', with the files' paths and the folder's own classes.
      let features = folder.path + "/f.safetensors"
      let written = try Program.run(
        ["features", "--weights", weights, "--layer", "f6", "--output", features, "--batch", "3"] + pictures.flags)
      #expect(written.status == 0 && written.output.contains("84 features of f6 for 10 images"), "\(written)")
      let listed = try Program.run(["inspect", features])
      #expect(listed.output.contains("files") && listed.output.contains("[10, 84]"), "\(listed)")
      try Program.expectFailure(
        ["features", "--weights", weights, "--as", "vgg16", "--layer", "fc7", "--output", features] + pictures.flags,
        naming: ["features.0.weight", "c1.kernel"])
      let report = folder.path + "/report"
      let clustered = try Program.run(["cluster", features, "--k", "2", "--report", report])
      #expect(clustered.status == 0 && clustered.output.contains("report: \(report)/index.html"), "\(clustered)")
      let page = try String(contentsOfFile: report + "/index.html", encoding: .utf8)
      #expect(page.contains("data:image/png;base64,") && page.contains("NMI") && !page.contains("left blank"))
      let evaluation = try Program.run(["evaluate", "--weights", output] + pictures.flags)
      #expect(evaluation.status == 0, "\(evaluation)")
      try Program.expectFailure(transfer + ["--freeze-through", "c9"], naming: ["c9"])
      try Program.expectFailure(
        transfer + ["--freeze-through", "s4", "--rate-decay", "0.5"], naming: ["--freeze-through"])
      try Program.expectFailure(transfer + ["--rate-decay", "0"], naming: ["--rate-decay"])
    }
  }
}

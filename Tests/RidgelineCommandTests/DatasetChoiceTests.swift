import Foundation
import Tensors
import Testing

@Suite("ridgeline: which data")
struct DatasetChoiceTests {
  @Test(
    "nothing is needed: Shapeset is generated, and later commands follow the weights",
    arguments: ["modern", "original"])
  func shapeset(_ variant: String) throws {
    try withTemporaryFolder { folder in
      let weights = folder.appendingPathComponent("weights.safetensors").path
      let outcome = try Program.run([
        "train", "lenet5", "--variant", variant, "--epochs", "1", "--batch", "1000", "--output", weights, "--json",
      ])
      #expect(!outcome.wasSignalled && outcome.status == 0, "\(outcome)")
      #expect(outcome.errors.contains("\(variant) on shapeset, 20000 generated images"), "\(outcome)")
      let report = try outcome.json()
      #expect(report["dataset"] as? String == "shapeset" && report["epochs"] as? Int == 1)
      let evaluation = try Program.run(["evaluate", "--weights", weights, "--json"])
      #expect(try evaluation.json()["dataset"] as? String == "shapeset", "\(evaluation)")
      #expect(try evaluation.json()["test_loss"] as? Double == report["test_loss"] as? Double)
      let prediction = try Program.run(["predict", "--weights", weights, "--count", "2"])
      #expect(prediction.status == 0 && prediction.output.hasPrefix("shapeset example 0: predicted "), "\(prediction)")
    }
  }

  @Test("a folder alone means MNIST, whose weights ask for it again")
  func mnist() throws {
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder)
      let weights = folder.appendingPathComponent("weights.safetensors")
      let outcome = try Program.run([
        "train", "lenet5", "--epochs", "1", "--data-directory", digits.folder.path, "--output", weights.path,
      ])
      #expect(outcome.status == 0 && outcome.output.hasPrefix("mnist: test error"), "\(outcome)")
      #expect(outcome.errors.contains("mnist, 100 training and 20 test images"), "\(outcome)")
      for command in ["evaluate", "predict"] {
        let call = [command, "--weights", weights.path]
        try Program.expectFailure(call, naming: ["mnist", "--data-directory"])
        let good = try Program.run(call + ["--data-directory", digits.folder.path])
        #expect(good.status == 0 && good.output.hasPrefix("mnist") && good.errors.isEmpty, "\(good)")
        let other = try Program.run(call + ["--dataset", "shapeset"])
        #expect(other.status == 0 && other.errors.contains("trained on mnist, and are used on shapeset"), "\(other)")
      }
      // Files of other programs do not say what they were trained on, or name what is not known here.
      var file = try NamedTensors(contentsOf: weights)
      for recorded in [nil, "letters"] {
        file.metadata["dataset"] = recorded
        try file.write(to: weights)
        try Program.expectFailure(
          ["evaluate", "--weights", weights.path], naming: [recorded ?? "does not say", "--data-directory"])
        let good = try Program.run(["evaluate", "--weights", weights.path] + digits.flags)
        #expect(good.status == 0, "\(good)")
      }
    }
  }
}

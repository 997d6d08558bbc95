import Foundation
import Testing

@Suite("ridgeline: arguments")
struct ArgumentTests {
  @Test(
    "numbers out of range",
    arguments: [
      ("--batch", "0"), ("--batch", "-1"), ("--batch", "9223372036854775808"), ("--epochs", "0"), ("--epochs", "-1"),
      ("--epochs", "9223372036854775807"), ("--epochs", "1e3"), ("--learning-rate", "nan"), ("--learning-rate", "inf"),
      ("--learning-rate", "0"), ("--learning-rate", "-0.1"), ("--learning-rate", "1e999"), ("--threads", "0"),
      ("--threads", "65"), ("--threads", "9223372036854775807"), ("--seed", "-1"),
    ])
  func number(_ flag: String, _ value: String) throws {
    // The equals sign lets a value begin with a minus.
    try Program.expectFailure(["train", "lenet5", "--data-directory", "/", "\(flag)=\(value)"], naming: [flag])
  }

  @Test("a huge batch is the whole set")
  func hugeBatch() throws {
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder)
      let outcome = try Program.run(
        ["train", "lenet5", "--epochs", "1", "--batch", "9223372036854775807", "--json"] + digits.flags)
      #expect(!outcome.wasSignalled && outcome.status == 0, "\(outcome)")
      #expect(try outcome.json()["epochs"] as? Int == 1)
    }
  }

  @Test("unknown names say which are known")
  func names() throws {
    try Program.expectFailure(["train", "lenet6"], naming: ["lenet6", "lenet5"])
    try Program.expectFailure(["train", "lenet5", "--variant", "newest"], naming: ["newest", "modern", "original"])
    try Program.expectFailure(["summary", "lenet5", "--variant", "newest"], naming: ["newest", "modern", "original"])
    try Program.expectFailure(["train", "lenet5", "--dataset", "imagenet"], naming: ["imagenet", "mnist", "shapeset"])
    try Program.expectFailure(["train", "lenet5", "--data-directory", "/", "--speed", "9"], naming: ["--speed"])
    try Program.expectFailure(["trian", "lenet5"], naming: ["trian"])
    try Program.expectFailure(["train"], naming: ["architecture"])
    try Program.expectFailure(["train", "lenet5", "--dataset", "shapeset"], naming: ["shapeset", "32x32", "modern"])
  }

  @Test(
    "a huge learning rate ends with the step, the layer and the last good weights",
    arguments: ["1e30", "1e300"])
  func hugeRate(_ rate: String) throws {
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder)
      let weights = folder.appendingPathComponent("weights.safetensors")
      let train = ["train", "lenet5", "--epochs", "2", "--batch", "10", "--learning-rate", rate] + digits.flags
      try Program.expectFailure(
        train + ["--output", weights.path], naming: ["step 2", "layer '", "step 0", weights.path])
      let outcome = try Program.run(["evaluate", "--json", "--weights", weights.path] + digits.flags)
      #expect(outcome.status == 0, "\(outcome)")
      #expect(try (outcome.json()["test_loss"] as? Double).map { $0 < 10 } == true, "\(outcome)")
    }
  }

  @Test("results that cannot be written are an error")
  func fullOutput() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    for arguments in [["summary", "lenet5"], ["summary", "lenet5", "--json"]] {
      let outcome = try Program.run(arguments, output: "/dev/full")
      #expect(!outcome.wasSignalled && outcome.status != 0, "\(outcome)")
      #expect(outcome.errors.contains("standard output cannot be written"), "\(outcome)")
    }
  }
}

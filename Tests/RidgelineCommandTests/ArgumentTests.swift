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
    try Program.expectFailure(
      ["train", "lenet5", "--dataset", "shapeset", "--data-directory", "/"], naming: ["shapeset", "--data-directory"])
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

  @Test("an empty path is not the working folder")
  func emptyPaths() throws {
    try Program.expectFailure(
      ["train", "lenet5", "--data-directory", "/", "--output", ""], naming: ["--output", "empty"])
    try Program.expectFailure(["train", "lenet5", "--data-directory", ""], naming: ["--data-directory", "empty"])
    for command in ["evaluate", "predict"] {
      try Program.expectFailure([command, "--data-directory", "/", "--weights", ""], naming: ["--weights", "empty"])
    }
  }

  @Test("RIDGELINE_THREADS of anything but 1 to 64", arguments: ["0", "-1", "65", "many"])
  func threadsOfTheEnvironment(_ wish: String) throws {
    let environment = ["RIDGELINE_THREADS": wish]
    let calls = [
      ["train", "lenet5", "--data-directory", "/"], ["evaluate", "--weights", "x", "--data-directory", "/"],
      ["predict", "--weights", "x", "--data-directory", "/"], ["benchmark", "step", "--model", "lenet5"],
    ]
    for call in calls {
      try Program.expectFailure(
        call, naming: ["RIDGELINE_THREADS", "1 to 64", "'\(wish)'"], environment: environment)
    }
    let version = try Program.run(["--version"], environment: environment)
    #expect(version.status == 0 && version.output.contains("found '\(wish)'"), "\(version)")
  }

  @Test("a good number of threads in the environment is used")
  func goodThreadsOfTheEnvironment() throws {
    let outcome = try Program.run(
      [
        "benchmark", "step", "--model", "mlp", "--depth", "1", "--width", "4", "--batch", "1", "--steps", "1", "--json",
      ],
      environment: ["RIDGELINE_THREADS": "3"])
    #expect(try outcome.json()["threads"] as? Int == 3)
  }

  @Test("help and version that cannot be written are an error")
  func fullHelp() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    for arguments in [["--version"], ["--help"], ["train", "--help"], ["help", "study"]] {
      let outcome = try Program.run(arguments, output: "/dev/full")
      #expect(!outcome.wasSignalled && outcome.status != 0, "\(outcome)")
      #expect(outcome.errors.contains("standard output cannot be written"), "\(outcome)")
      let good = try Program.run(arguments)
      #expect(good.status == 0 && good.output.count > 40 && good.errors.isEmpty, "\(good)")
    }
    let outcome = try Program.run(program: .compareInitializers, ["--help"], output: "/dev/full")
    #expect(outcome.status != 0 && outcome.errors.contains("standard output cannot be written"), "\(outcome)")
    let usage = try Program.run([])
    #expect(usage.status == 0 && usage.output.contains("SUBCOMMANDS"), "\(usage)")
  }

  @Test("results that cannot be written are an error")
  func fullOutput() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder)
      let weights = ["--weights", folder.appendingPathComponent("weights.safetensors").path]
      let train = ["train", "lenet5", "--epochs", "1", "--output", weights[1]] + digits.flags
      #expect(try Program.run(train).status == 0)
      let calls = [
        ["summary", "lenet5"], train, ["evaluate"] + weights + digits.flags, ["predict"] + weights + digits.flags,
        ["benchmark", "step", "--model", "mlp", "--width", "4", "--steps", "1"],
      ]
      for arguments in calls.flatMap({ [$0, $0 + ["--json"]] }) {
        let outcome = try Program.run(arguments, output: "/dev/full")
        #expect(!outcome.wasSignalled && outcome.status != 0, "\(outcome)")
        #expect(outcome.errors.contains("standard output cannot be written"), "\(outcome)")
      }
    }
  }
}

import Foundation
import Testing

@Suite("ridgeline: checkpoints")
struct CheckpointTests {
  private let training = ["train", "lenet5", "--epochs", "40", "--batch", "10", "--seed", "3"]

  @Test("a run that is killed again and again ends with the same weights, to the last bit")
  func killed() throws {
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder)
      let (whole, cut) = (folder.appendingPathComponent("whole"), folder.appendingPathComponent("cut"))
      let undisturbed = try Program.run(training + ["--output", whole.path] + digits.flags)
      #expect(undisturbed.status == 0, "\(undisturbed)")
      let checkpoint = folder.appendingPathComponent("checkpoint")
      let flags =
        training + ["--output", cut.path, "--checkpoint", checkpoint.path, "--every", "7", "--resume"] + digits.flags
      var killed = 0
      for delay: UInt32 in [1, 20, 60, 35, 90, 150] {
        let outcome = try Program.run(flags) { process, _ in
          usleep(delay * 1_000)
          kill(process.processIdentifier, SIGKILL)
        }
        #expect(outcome.wasSignalled || outcome.status == 0, "\(outcome)")
        if outcome.wasSignalled { killed += 1 }
      }
      #expect(killed > 0)
      let last = try Program.run(flags)
      #expect(last.status == 0, "\(last)")
      #expect(try Data(contentsOf: cut) == Data(contentsOf: whole))
    }
  }

  @Test("a checkpoint of another run, or a damaged one, is refused by name and stays as it is")
  func refused() throws {
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder)
      let flags = ["train", "lenet5", "--epochs", "1", "--checkpoint", folder.path, "--resume"] + digits.flags
      let first = try Program.run(flags + ["--batch", "20"])
      #expect(first.status == 0, "\(first)")
      let file = folder.appendingPathComponent("checkpoint.safetensors")
      let good = try Data(contentsOf: file)
      let other = try Program.run(flags + ["--batch", "25"])
      #expect(other.status == 1 && other.errors.contains(file.path) && other.errors.contains("batch"), "\(other)")
      #expect(try Data(contentsOf: file) == good)
      let convolved = try Program.run(flags + ["--batch", "20", "--convolution", "lowered"])
      #expect(convolved.status == 1 && convolved.errors.contains("convolution algorithms"), "\(convolved)")
      #expect(try Data(contentsOf: file) == good)
      try good.prefix(good.count / 2).write(to: file)
      let damaged = try Program.run(flags + ["--batch", "20"])
      #expect(damaged.status == 1 && damaged.errors.contains(file.path), "\(damaged)")
      #expect(try Data(contentsOf: file) == good.prefix(good.count / 2))
    }
  }

  @Test("parts of a batch make the steps of the whole, up to rounding")
  func parts() throws {
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder)
      let flags = ["train", "lenet5", "--epochs", "2", "--batch", "25", "--json"] + digits.flags
      let whole = try Program.run(flags).json()
      let parts = try Program.run(flags + ["--micro-batch", "7"]).json()
      let (a, b) = try (#require(whole["train_loss"] as? Double), #require(parts["train_loss"] as? Double))
      #expect(abs(a - b) < 1e-4 * max(1, a), "\(a) and \(b)")
    }
  }

  @Test(
    "convolutions by another algorithm make the same steps, up to rounding, and a budget's the same to the last bit")
  func algorithmsAndBudgets() throws {
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder)
      let flags = ["train", "lenet5", "--epochs", "2", "--batch", "25", "--json"] + digits.flags
      let chosen = try #require(try Program.run(flags).json()["train_loss"] as? Double)
      let lowered = try #require(try Program.run(flags + ["--convolution", "lowered"]).json()["train_loss"] as? Double)
      #expect(abs(chosen - lowered) < 1e-4 * max(1, chosen), "\(chosen) and \(lowered)")
      // How small a plan can be depends on the processor, so the refusal is asked.
      let refusal = try Program.run(flags + ["--memory-budget", "2KB"])
      #expect(refusal.status == 1 && refusal.errors.contains("2000 bytes"), "\(refusal)")
      let smallest = try #require(refusal.errors.firstMatch(of: /the smallest takes (\d+)/)?.1)
      let small = try Program.run(flags + ["--memory-budget", "\(smallest)B"]).json()["train_loss"] as? Double
      #expect(small == chosen)
      try Program.expectFailure(flags + ["--convolution", "c9=direct"], naming: ["c9", "c1"])
    }
  }

  @Test(
    "bad numbers and a missing folder are named",
    arguments: [
      (["--micro-batch", "0"], "--micro-batch"), (["--checkpoint", "x", "--every", "0"], "--every"),
      (["--resume"], "--checkpoint"), (["--checkpoint", ""], "--checkpoint"),
    ])
  func arguments(_ flags: [String], _ name: String) throws {
    try Program.expectFailure(["train", "lenet5"] + flags, naming: [name])
  }
}

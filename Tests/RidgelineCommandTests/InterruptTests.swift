import Foundation
import Testing

@Suite("ridgeline: Ctrl-C")
struct InterruptTests {
  /// Starts a training that would take days, and calls `body` once it has finished an epoch.
  func train(
    _ digits: Digits, _ flags: [String], then body: @escaping (Process) -> Void
  ) throws -> Program.Outcome {
    let long = ["train", "lenet5", "--epochs", "1000000", "--batch", "10", "--json"]
    return try Program.run(long + flags + digits.flags) { process, errors in
      while process.isRunning, !errors().contains("epoch") { usleep(5_000) }
      body(process)
    }
  }

  @Test("it stops training, keeps the weights and says so", arguments: [1, 3])
  func interrupt(_ presses: Int) throws {
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder)
      let weights = folder.appendingPathComponent("weights.safetensors")
      let outcome = try train(digits, ["--output", weights.path]) { process in
        for _ in 0..<presses {
          kill(process.processIdentifier, SIGINT)
          // Signals that are sent at once arrive as one.
          usleep(1_000)
        }
      }
      #expect(!outcome.wasSignalled && outcome.status == 130, "\(outcome)")
      #expect(outcome.errors.contains("stopped at step") && outcome.errors.contains(weights.path), "\(outcome)")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["digits", "weights.safetensors"])
      let evaluation = try Program.run(["evaluate", "--json", "--weights", weights.path] + digits.flags)
      #expect(evaluation.status == 0, "\(evaluation)")
      guard presses == 1 else { return }
      let report = try outcome.json()
      #expect(report["interrupted"] as? Bool == true)
      #expect(report["epochs"] as? Int ?? 0 >= 1)
      // The file holds what was measured.
      #expect(try report["test_loss"] as? Double == evaluation.json()["test_loss"] as? Double)
    }
  }

  @Test("TERM and HUP do the same", arguments: [SIGTERM, SIGHUP])
  func signals(_ number: Int32) throws {
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder)
      let weights = folder.appendingPathComponent("weights.safetensors")
      let outcome = try train(digits, ["--output", weights.path]) { process in
        kill(process.processIdentifier, number)
      }
      #expect(!outcome.wasSignalled && outcome.status == 128 + number, "\(outcome)")
      #expect(outcome.errors.contains("stopped at step") && outcome.errors.contains(weights.path), "\(outcome)")
      #expect(try outcome.json()["interrupted"] as? Bool == true)
      let evaluation = try Program.run(["evaluate", "--json", "--weights", weights.path] + digits.flags)
      #expect(evaluation.status == 0, "\(evaluation)")
    }
  }

  @Test("HUP is ignored where the program was started so, as by nohup")
  func ignoredHangUp() throws {
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder)
      let outcome = try Program.run(
        ["train", "lenet5", "--epochs", "1000000", "--batch", "10", "--json"] + digits.flags,
        shell: "trap '' HUP"
      ) { process, errors in
        func wait(for text: String) { while process.isRunning, !errors().contains(text) { usleep(5_000) } }
        wait(for: "epoch       2/")
        kill(process.processIdentifier, SIGHUP)
        wait(for: "epoch       9/")
        kill(process.processIdentifier, SIGINT)
      }
      #expect(!outcome.wasSignalled && outcome.status == 130, "\(outcome)")
      #expect(outcome.errors.contains("epoch       9/"), "\(outcome)")
    }
  }

  @Test("a process that is killed leaves the old file")
  func killed() throws {
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder)
      let weights = folder.appendingPathComponent("weights.safetensors")
      let first = try Program.run(["train", "lenet5", "--epochs", "1", "--output", weights.path] + digits.flags)
      #expect(first.status == 0, "\(first)")
      let before = try Data(contentsOf: weights)
      let outcome = try train(digits, ["--output", weights.path]) { kill($0.processIdentifier, SIGKILL) }
      #expect(outcome.wasSignalled)
      #expect(try Data(contentsOf: weights) == before)
      // Training over a good file replaces it by a whole one.
      let second = try Program.run(
        ["train", "lenet5", "--epochs", "1", "--seed", "2", "--output", weights.path] + digits.flags)
      #expect(second.status == 0, "\(second)")
      #expect(try Data(contentsOf: weights) != before)
      #expect(try Data(contentsOf: weights).count == before.count)
    }
  }
}

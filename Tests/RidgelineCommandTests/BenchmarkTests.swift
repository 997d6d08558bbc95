import Testing

@Suite("ridgeline: benchmark step")
struct BenchmarkTests {
  @Test("times a step and says what was timed", arguments: [[], ["--inference"]])
  func mlp(_ flags: [String]) throws {
    let outcome = try Program.run(
      ["benchmark", "step", "--model", "mlp", "--depth", "2", "--width", "20", "--batch", "3", "--steps", "9"]
        + ["--threads", "1", "--json"] + flags)
    #expect(!outcome.wasSignalled && outcome.status == 0, "\(outcome)")
    let report = try outcome.json()
    #expect(report["model"] as? String == "mlp" && report["inference"] as? Bool == !flags.isEmpty)
    for (key, value) in ["depth": 2, "width": 20, "batch": 3, "steps": 9, "threads": 1] {
      #expect(report[key] as? Int == value, "\(key)")
    }
    let (median, fastest) = (report["median_ms"] as? Double ?? 0, report["min_ms"] as? Double ?? 0)
    #expect(fastest > 0 && median >= fastest)
    #expect(report["plan_bytes"] as? Int ?? 0 >= 3 * 2 * 20 * 4)
    #expect(report["peak_rss_bytes"] as? Int ?? 0 > 1_000_000)
    let rate = try #require(report["gflops_direct"] as? Double)
    let operations = 2.0 * (flags.isEmpty ? 3 : 1) * 3 * Double(1024 * 20 + 20 * 20 + 20 * 9)
    #expect(abs(rate - operations / median * 1e-6) < 1e-6 * rate)
    #expect(report["fraction_of_peak"] as? Double ?? 0 > 0)
    #if os(Linux)
      #expect(report["allocations_per_step"] as? Double ?? 0 == 0)
    #endif
  }

  @Test("keeps within a memory budget")
  func memoryBudget() throws {
    let arguments = [
      "benchmark", "step", "--model", "mlp", "--depth", "16", "--width", "32", "--batch", "256", "--steps", "2",
    ]
    let whole = try #require(try Program.run(arguments + ["--json"]).json()["plan_bytes"] as? Int)
    let budget = whole * 3 / 4
    let small = try Program.run(arguments + ["--json", "--memory-budget", "\(budget)B"]).json()
    #expect(try #require(small["plan_bytes"] as? Int) <= budget)
    try Program.expectFailure(arguments + ["--memory-budget", "0.5kib"], naming: ["512 bytes", "the smallest takes"])
    try Program.expectFailure(arguments + ["--inference", "--memory-budget", "1MB"], naming: ["--inference"])
  }

  @Test("the machine's limits")
  func peak() throws {
    let outcome = try Program.run(["benchmark", "peak", "--threads", "2", "--json"])
    #expect(!outcome.wasSignalled && outcome.status == 0, "\(outcome)")
    let report = try outcome.json()
    for key in ["one_thread", "all_threads"] {
      let peaks = try #require(report[key] as? [String: Double])
      #expect(peaks.count == 4 && peaks.values.allSatisfy { $0 > 0 }, "\(peaks)")
    }
    let words = try Program.run(["benchmark", "peak", "--threads", "1"])
    #expect(words.output.contains("matrix products of 768 x 768"), "\(words)")
  }

  @Test("LeNet-5 in words")
  func lenet5() throws {
    let outcome = try Program.run(["benchmark", "step", "--model", "lenet5", "--batch", "2", "--steps", "2"])
    #expect(!outcome.wasSignalled && outcome.status == 0, "\(outcome)")
    #expect(outcome.output.contains("lenet5, batch 2") && outcome.output.contains("median"), "\(outcome)")
  }

  @Test(
    "numbers out of range and more memory than there is",
    arguments: [
      ["--model", "vgg12"], ["--model", "mlp", "--batch", "0"], ["--model", "mlp", "--depth", "0"],
      ["--model", "mlp", "--width", "9223372036854775807"], ["--model", "mlp", "--steps", "0"],
      ["--model", "mlp", "--threads", "0"], ["--model", "lenet5", "--width", "3"],
      ["--model", "mlp", "--depth", "1000", "--width", "100000"],
    ])
  func refusals(_ flags: [String]) throws {
    try Program.expectFailure(["benchmark", "step"] + flags, naming: [])
  }

  @Test("a batch that is too large is refused with one that would fit")
  func aBatchThatWouldFit() throws {
    try Program.expectFailure(
      ["benchmark", "step", "--model", "alexnet", "--batch", "1000000"], naming: ["a batch of ", " would fit"])
  }
}

import Foundation
import Testing

@Suite("ridgeline summary")
struct SummaryTests {
  @Test(
    "every network's totals under the same keys",
    arguments: [
      ("lenet5", 61_706, 416_520), ("alexnet", 60_965_224, 724_406_816), ("alexnet-caffe", 60_965_224, 724_406_816),
      ("alexnet-torchvision", 61_100_840, 714_188_480), ("vgg11", 132_863_336, 7_609_090_048),
      ("vgg11-lrn", 132_863_336, 7_609_090_048), ("vgg16-bn", 138_365_992, 15_470_264_320),
    ])
  func totals(name: String, parameters: Int, multiplyAdds: Int) throws {
    let outcome = try Program.run(["summary", name, "--json"])
    let json = try outcome.json()
    #expect(outcome.status == 0)
    #expect(
      Set(json.keys) == [
        "architecture", "variant", "input", "classes", "parameters", "neurons", "connections", "multiply_adds",
        "activation_bytes", "layers", "batch", "batch_activation_bytes", "training_memory", "recipe", "departures",
      ])
    #expect(json["parameters"] as? Int == parameters && json["multiply_adds"] as? Int == multiplyAdds)
    let memory = try #require(json["training_memory"] as? [String: Int])
    #expect(memory["total_bytes"] == memory["parameter_bytes"]! + memory["optimizer_bytes"]! + memory["step_bytes"]!)
    #expect((json["departures"] as? [String])?.isEmpty == false)
  }

  @Test("another batch, size and number of classes")
  func sizes() throws {
    let json = try Program.run(["summary", "vgg16", "--batch", "32", "--input", "64", "--classes", "10", "--json"])
      .json()
    #expect(json["batch"] as? Int == 32 && json["classes"] as? Int == 10 && json["input"] as? [Int] == [64, 64, 3])
    let (all, one) = (json["batch_activation_bytes"] as? Int, json["activation_bytes"] as? Int)
    #expect(all != nil && all == one.map { 32 * $0 })
    // 14,714,688 of the convolutions, then 2048·4096 + 4096, 4096·4096 + 4096 and 4096·10 + 10.
    #expect(json["parameters"] as? Int == 14_714_688 + 8_392_704 + 16_781_312 + 40_970)
    let text = try Program.run(["summary", "vgg16", "--batch", "32", "--input", "64"]).output
    for part in ["conv5_3", "Memory at a batch of 32", "Recipe", "weight decay 0.0005", "Inputs are 64x64"] {
      #expect(text.contains(part), "\(part)")
    }
  }

  @Test("a memory budget shows what is computed again, and is refused where it cannot be met")
  func memoryBudget() throws {
    let arguments = ["summary", "vgg11", "--input", "64", "--batch", "32", "--plan"]
    func plan(_ budget: [String]) throws -> (bytes: Int, recomputed: Int) {
      let json = try Program.run(arguments + ["--json"] + budget).json()
      let calls = try #require(json["plan"] as? [[String: Any]])
      let memory = try #require(json["training_memory"] as? [String: Int])
      return (memory["step_bytes"] ?? 0, calls.count { $0["recomputed"] as? Bool == true })
    }
    let whole = try plan([])
    let budget = whole.bytes * 19 / 20
    let small = try plan(["--memory-budget", "\(Double(budget) / 1e6)MB"])
    #expect(whole.recomputed == 0 && small.recomputed > 0)
    // The inputs come on top of the budget.
    #expect(small.bytes <= budget + 4 * (32 * (64 * 64 * 3 + 1) + 2))
    #expect(try Program.run(arguments + ["--memory-budget", "\(budget)"]).output.contains(" again "))
    try Program.expectFailure(arguments + ["--memory-budget", "1KB"], naming: ["1000 bytes", "the smallest takes"])
    for text in ["0", "-5", "1TB", "nan", "MB", "1e3", "9999999999GB", ""] {
      try Program.expectFailure(arguments + ["--memory-budget=\(text)"], naming: ["--memory-budget"])
    }
    try Program.expectFailure(
      arguments + ["--inference", "--memory-budget", "1GiB"], naming: ["--memory-budget", "--inference"])
  }

  @Test("the plan says which algorithms run and why, and takes what is asked for")
  func plan() throws {
    let arguments = ["summary", "vgg11", "--input", "64", "--batch", "4", "--plan"]
    let text = try Program.run(arguments).output
    for part in [
      "A training step at a batch of 4", "winograd F(4x4, 3x3)", "% of the direct products", "fc7", "+ conv",
    ] {
      #expect(text.contains(part), "\(part)")
    }
    func methods(_ more: [String]) throws -> [String: Set<String>] {
      let json = try Program.run(arguments + ["--inference", "--json"] + more).json()
      let calls = try #require(json["plan"] as? [[String: Any]])
      return Dictionary(grouping: calls.filter { ($0["operations"] as? [String]) == ["convolution"] }) {
        $0["layer"] as? String ?? ""
      }.mapValues { Set($0.compactMap { $0["method"] as? String }) }
    }
    #expect(try methods([])["conv2_1"] == ["winograd F(4x4, 3x3)"])
    let told = try methods(["--convolution", "lowered", "--convolution", "conv1_1=direct"])
    #expect(told["conv1_1"] == ["direct"] && told["conv2_1"] == ["lowered (im2col and gemm)"])
  }

  @Test("the plan says which calls take how many large images at a time")
  func slices() throws {
    let arguments = ["summary", "vgg16", "--batch", "16", "--plan"]
    func images(_ more: [String]) throws -> [String: Set<Int>] {
      let calls = try #require(try Program.run(arguments + ["--json"] + more).json()["plan"] as? [[String: Any]])
      let keys = Set(calls.flatMap(\.keys))
      #expect(
        keys.subtracting(["images_at_a_time"]) == [
          "layer", "operations", "method", "reason", "in_tasks_before", "beside_call_before", "recomputed",
          "result_bytes", "scratch_bytes",
        ])
      return Dictionary(grouping: calls) { $0["layer"] as? String ?? "" }
        .mapValues { Set($0.compactMap { $0["images_at_a_time"] as? Int }) }.filter { !$0.value.isEmpty }
    }
    let wanted: [String: Set<Int>] = ["conv1_1": [8], "conv1_2": [8], "conv2_1": [8], "conv2_2": [8]]
    #expect(try images([]) == wanted)
    #expect(try images(["--inference"]).isEmpty && images(["--input", "64"]).isEmpty)
    let text = try Program.run(arguments).output
    #expect(text.contains("conv2_1 by 8 ") && text.contains("conv1_1 again by 8 ") && !text.contains("conv3_1 by"))
    let help = try Program.run(["summary", "--help"]).output
    #expect(help.contains("images_at_a_time") && help.contains("by 8"))
  }

  @Test(
    "bad input is refused with what was wrong",
    arguments: [
      (["vgg15"], ["vgg15", "vgg16"]), (["vgg16", "--batch", "0"], ["--batch"]),
      (["vgg16", "--batch=-3"], ["--batch"]), (["vgg16", "--batch", "9223372036854775807"], ["batch"]),
      (["vgg16", "--batch", "4611686018427387904", "--input", "32"], ["batch"]),
      (["vgg16", "--convolution", "fastest"], ["fastest", "winograd"]),
      (["vgg16", "--convolution", "fc7=direct"], ["fc7", "conv1_1"]), (["vgg16", "--inference"], ["--plan"]),
      (["alexnet", "--plan", "--convolution", "row-winograd"], ["conv1", "5 kernel rows"]),
      (["vgg16", "--input", "31"], ["pool5", "2x2"]), (["alexnet", "--input", "1"], ["conv1"]),
      (["vgg16", "--input", "0"], ["65536"]), (["vgg16", "--input=-1"], ["65536"]),
      (["vgg16", "--input", "big"], ["--input"]),
      (["vgg16", "--classes", "0"], ["classes"]), (["vgg16", "--classes", "9223372036854775807"], ["classes"]),
      (["lenet5-original", "--input", "28"], ["32x32"]), (["vgg16", "--variant", "caffe"], ["caffe"]),
      (["alexnet-caffe", "--variant", "caffe"], ["alexnet-caffe"]), ([""], ["there is no model"]),
    ])
  func refused(arguments: [String], names: [String]) throws {
    try Program.expectFailure(["summary"] + arguments, naming: names)
  }

  @Test("the largest sizes that are allowed end with a summary or an error")
  func largest() throws {
    let outcome = try Program.run([
      "summary", "vgg19", "--input", "65536", "--classes", "1000000", "--batch", "1000000",
    ])
    #expect(!outcome.wasSignalled, "\(outcome)")
  }
}

import Autodiff
import Datasets
import Foundation
import NeuralNetworks
import Tensors
import Testing
import Training

/// The README's first program; its two sizes are arguments so that the test is quick.
private func firstProgram(training: Int, test: Int, folder: URL) throws -> Evaluation {
  let network = Sequential {
    Conv2D(8, kernel: 5, activation: .relu)
    MaxPooling2D(2)
    Conv2D(16, kernel: 5, activation: .relu)
    MaxPooling2D(2)
    Flatten()
    Dense(64, activation: .relu, kernelInitializer: .heNormal)
    Dense(9)
  }
  let trainer = try Trainer(
    network, input: [32, 32, 1], loss: .softmaxCrossEntropy,
    optimizer: Adam(learningRate: 1e-3), seed: 1)

  try trainer.fit(Shapeset(seed: 1, count: training, scaling: .shapeset()), epochs: 10, batch: 32)

  let evaluation = try trainer.evaluate(Shapeset(seed: 1, count: test, stream: .test, scaling: .shapeset()))
  print("test error:", evaluation.error ?? .nan)
  try Weights.save(trainer, to: folder.appending(path: "shapes.safetensors"))
  return evaluation
}

@Suite("The README's first program")
struct FirstProgramTests {
  @Test("runs, and leaves a weight file")
  func runs() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "first-program-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let evaluation = try firstProgram(training: 256, test: 64, folder: folder)
    #expect(evaluation.count == 64 && evaluation.loss.isFinite && evaluation.error != nil)
    #expect(FileManager.default.fileExists(atPath: folder.appending(path: "shapes.safetensors").path))
  }

  @Test("stands here word for word")
  func agrees() throws {
    let here = URL(fileURLWithPath: #filePath)
    let root = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    let block = try #require(readme.components(separatedBy: "```swift\n").dropFirst().first)
    let program = try #require(block.components(separatedBy: "\n```").first)
    let source = try String(contentsOf: here, encoding: .utf8)
      .replacing("count: training", with: "count: 20_000").replacing("count: test", with: "count: 1_000")
    func lines(_ text: String) -> [String] {
      text.components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let known = Set(lines(source))
    let written = lines(program).filter { !$0.isEmpty && !$0.hasPrefix("import ") && !$0.hasPrefix("let folder") }
    #expect(written.count > 10)
    for line in written { #expect(known.contains(line), "\(line)") }
  }
}

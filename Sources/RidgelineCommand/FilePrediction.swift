import ArgumentParser
import Foundation
import Ridgeline
import Terminal

/// Classifies image files by themselves.
struct FilePrediction {
  let weights: WeightsFile.Contents
  let decoding: ImageDecoding
  let json: Bool

  // The names are the keys of the JSON object.
  struct Answer: Encodable {
    let file: String
    let predicted: String
    let probability: Double
    let classIndex: Int
    let outputs: [Float]
  }

  /// So many at a time are in memory.
  private static let batch = 32

  /// Prints an answer a file; files that cannot be read are named on standard error.
  ///
  /// - Throws: `ExitCode.failure` after the last where one could not.
  func run(_ files: [String]) throws {
    let preparation = try weights.preparation()
    var failures = 0
    for start in stride(from: 0, to: files.count, by: Self.batch) {
      var names: [String] = []
      var inputs: [Float] = []
      for file in files[start..<min(files.count, start + Self.batch)] {
        do {
          inputs += try input(file, preparation)
          names.append(file)
        } catch {
          StatusLine().print("Error: \(error)")
          failures += 1
        }
      }
      guard !names.isEmpty else { continue }
      let shape = Shape([names.count] + weights.model.inputShape.dimensions)
      try print(names, try weights.trainer.predict(Tensor(shape, inputs), batch: Self.batch))
    }
    if failures > 0 { throw ExitCode.failure }
  }

  private func input(_ file: String, _ preparation: ImagePipeline) throws -> [Float] {
    let image = try Image(contentsOf: URL(fileURLWithPath: file), decoding: decoding)
    do throws(ImageTransformationError) {
      let input = try preparation.input(image, using: RandomGenerator(seed: 0))
      guard input.shape == weights.model.inputShape else {
        throw .size(
          found: ImageSize(height: input.shape[0], width: input.shape[1]),
          expected: ImageSize(height: weights.model.inputShape[0], width: weights.model.inputShape[1]))
      }
      return input.elements
    } catch {
      throw ImageFolderError.preparation(file, error)
    }
  }

  private func print(_ names: [String], _ outputs: Tensor<Float>) throws {
    let width = weights.trainer.outputCount
    for (row, (file, answer)) in zip(names, weights.trainer.classes(of: outputs)).enumerated() {
      let values = Array(outputs.elements[(row * width)..<((row + 1) * width)])
      let probabilities = weights.trainer.probabilities(of: values)
      if json {
        try Output.json(
          Answer(
            file: file, predicted: weights.name(of: answer), probability: probabilities[answer], classIndex: answer,
            outputs: values))
        continue
      }
      // The answer first, whatever rounding does to equal ones.
      let best =
        [answer] + probabilities.indices.filter { $0 != answer }.sorted { probabilities[$0] > probabilities[$1] }
      let list = best.prefix(3).map { weights.name(of: $0) + String(format: " %.1f %%", 100 * probabilities[$0]) }
      try Output.line("\(file): \(list.joined(separator: ", "))")
    }
  }
}

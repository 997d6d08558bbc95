import ArgumentParser
import Foundation
import Ridgeline

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Classify test examples with saved weights.")

  @Option(help: "The weights to read (safetensors); the file says which network they are for.")
  var weights: String
  @OptionGroup var data: DataOptions
  @Option(help: "The first test example, counted from 0.")
  var first = 0
  @Option(help: "How many test examples.")
  var count = 10
  @Option(help: "Seed of generated data.")
  var seed: UInt64 = 1
  @OptionGroup var threads: ThreadOptions
  @Flag(help: "Print one line of JSON an example.")
  var json = false

  struct Answer: Encodable {
    let dataset: String
    let index: Int
    let predicted: String
    let label: String
    let outputs: [Float]
  }

  mutating func validate() throws {
    try requirePath(weights, "--weights")
    if first < 0 { throw ValidationError("--first is 0 or more, found \(first)") }
    if count < 1 { throw ValidationError("--count is 1 or more, found \(count)") }
  }

  func run() throws {
    let (model, trainer, recorded) = try WeightsFile.read(URL(fileURLWithPath: weights), pool: threads.pool())
    let name = try data.name(for: weights, trainedOn: recorded)
    let test = try data.load(name, for: model, seed: seed).test
    guard first < test.count else {
      throw CommandError("--first \(first) lies outside the \(test.count) test examples")
    }
    let indices = first..<min(test.count, first + min(count, test.count))
    let batch = try test.batch(indices)
    let outputs = try trainer.predict(batch.inputs)
    for (row, answer) in trainer.classes(of: outputs).enumerated() {
      let label = test.classNames[Int(batch.targets.elements[row])]
      let predicted = answer < test.classNames.count ? test.classNames[answer] : "output \(answer)"
      let slice = outputs.elements[(row * trainer.outputCount)..<((row + 1) * trainer.outputCount)]
      if json {
        try Output.json(
          Answer(
            dataset: name.rawValue, index: indices.lowerBound + row, predicted: predicted, label: label,
            outputs: Array(slice)))
      } else {
        let mark = predicted == label ? "" : "   (wrong)"
        try Output.line(
          "\(name.rawValue) example \(indices.lowerBound + row): predicted \(predicted), label \(label)\(mark)")
      }
    }
  }
}

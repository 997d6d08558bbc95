import ArgumentParser
import Foundation
import Ridgeline

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Classify image files, or test examples, with saved weights.",
    discussion: """
      Files are prepared as the file of weights says. One that cannot be read is named, the others are classified, and the exit \
      code is then 1. Without files, test examples of the data are classified.

      With --json, a line a file: file, predicted, probability, class_index and outputs; or a line an example: dataset, index, \
      predicted, label and outputs.
      """)

  @Argument(help: "PNG or JPEG files to classify.")
  var files: [String] = []
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
  @Flag(help: "Print one line of JSON a file or an example.")
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
    for file in files { try requirePath(file, "an argument") }
    if first < 0 { throw ValidationError("--first is 0 or more, found \(first)") }
    if count < 1 { throw ValidationError("--count is 1 or more, found \(count)") }
    if !files.isEmpty, data.dataset != nil || data.dataDirectory != nil || data.folder.images != nil {
      throw ValidationError("files are classified by themselves: leave out --dataset, --data-directory and --images")
    }
  }

  func run() throws {
    let file = try WeightsFile.read(URL(fileURLWithPath: weights), pool: threads.pool())
    guard files.isEmpty else {
      return try FilePrediction(weights: file, decoding: data.folder.decoding, json: json).run(files)
    }
    let name = try data.name(for: weights, trainedOn: file.dataset)
    let test = try TestExamples(name, data: data, weights: (weights, file), seed: seed).examples
    guard first < test.count else {
      throw CommandError("--first \(first) lies outside the \(test.count) test examples")
    }
    let indices = first..<min(test.count, first + min(count, test.count))
    let batch = try test.batch(indices)
    let outputs = try file.trainer.predict(batch.inputs)
    for (row, answer) in file.trainer.classes(of: outputs).enumerated() {
      let label = test.classNames[Int(batch.targets.elements[row])]
      let predicted = answer < test.classNames.count ? test.classNames[answer] : "output \(answer)"
      let slice = outputs.elements[(row * file.trainer.outputCount)..<((row + 1) * file.trainer.outputCount)]
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

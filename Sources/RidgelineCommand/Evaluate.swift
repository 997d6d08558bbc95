import ArgumentParser
import Foundation
import Ridgeline

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure the test error of saved weights.",
    discussion: """
      Images are prepared as the file of weights says. --ten-crop takes ten views of each: the corners and the centre, and their \
      mirror images; the answer is that of the mean of the ten softmax outputs.

      With --json: architecture, variant, dataset, count, test_loss, test_error and top1_error (the same), top5_error, class_names \
      and confusion, whose rows are the classes and whose columns the answers.
      """)

  @Option(help: "The weights to read (safetensors); the file says which network they are for.")
  var weights: String
  @OptionGroup var data: DataOptions
  @Flag(help: "Take the mean of ten views of each image.")
  var tenCrop = false
  @Option(help: "Examples, or views, a batch; unless told up to 256, fewer where they are large.")
  var batch: Int?
  @Option(help: "Seed of generated data.")
  var seed: UInt64 = 1
  @OptionGroup var threads: ThreadOptions
  @Flag(help: "Print one line of JSON.")
  var json = false

  // The names are the keys of the JSON object.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  struct Report: Encodable {
    let architecture: String
    let variant: String
    let dataset: String
    let testError: Double
    let top1Error: Double
    let top5Error: Double
    let testLoss: Double
    let count: Int
    let classNames: [String]
    let confusion: [[Int]]
  }

  mutating func validate() throws {
    try requirePath(weights, "--weights")
    if let batch, batch < 1 { throw ValidationError("--batch is 1 or more, found \(batch)") }
    if tenCrop, data.folder.images == nil {
      throw ValidationError("--ten-crop takes views of image files: give --images")
    }
  }

  func run() throws {
    let file = try WeightsFile.read(URL(fileURLWithPath: weights), pool: threads.pool())
    let name = try data.name(for: weights, trainedOn: file.dataset)
    let test = try TestExamples(name, data: data, weights: (weights, file), seed: seed)
    let result = try file.trainer.classify(
      tenCrop ? test.tenCrop() : test.examples, batch: batch)
    let report = Report(
      architecture: file.model.architecture, variant: file.model.variant, dataset: name.rawValue,
      testError: result.top1Error, top1Error: result.top1Error, top5Error: result.top5Error, testLoss: result.loss,
      count: result.count, classNames: result.classNames, confusion: result.confusion)
    if json { return try Output.json(report) }
    try Output.line(
      String(
        format: "\(name.rawValue): test error %.2f %%, top-5 error %.2f %%, loss %.4f on %d examples",
        100 * result.top1Error, 100 * result.top5Error, result.loss, result.count))
    try Output.line(ConfusionTable.text(result))
  }
}

import ArgumentParser
import Foundation
import Ridgeline

struct ImagesBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "images",
    abstract: "Time training epochs from image files beside the same epochs from decoded tensors.",
    discussion: """
      Both take the images as evaluation does (resized, the centre), in the same order, with the model's recipe. Epochs come in turns, \
      files first, after one of each that is not timed.

      With --json: model, images, batch, threads, epochs, files_seconds and tensors_seconds (medians an epoch) and ratio, the median \
      over the turns of files over tensors.
      """)

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var folder: ImageFolderOptions
  @Option(help: "Rows and columns of the network's images; the published network's where not given.")
  var input: Int?
  @Option(help: "Examples a step; the recipe's where not given.")
  var batch: Int?
  @Option(help: "Timed epochs of each kind.")
  var epochs = 5
  @Option(help: "Seed of the weights and of the order of the examples.")
  var seed: UInt64 = 1
  @OptionGroup var threads: ThreadOptions
  @Flag(help: "Print one line of JSON.")
  var json = false

  // The names are the keys of the JSON object.
  struct Report: Encodable {
    let model: String
    let images: Int
    let batch: Int
    let threads: Int
    let epochs: Int
    let filesSeconds: Double
    let tensorsSeconds: Double
    let ratio: Double
  }

  mutating func validate() throws {
    if folder.images == nil { throw ValidationError("give a folder of images by --images") }
    if let batch, batch < 1 { throw ValidationError("--batch is 1 or more, found \(batch)") }
    if !(1...1_000).contains(epochs) { throw ValidationError("--epochs is 1 to 1000, found \(epochs)") }
  }

  func run() throws {
    guard let images = try folder.open() else { return }
    let model = try modelOptions.model(input: input, classes: images.train.classNames.count)
    let pool = threads.pool()
    let files = try PreparedImages(images.train, by: images.pipelines(for: model).evaluation)
    let whole = try files.batch()
    let tensors = try TensorDataset(inputs: whole.inputs, targets: whole.targets, classNames: files.classNames)
    let size = batch ?? model.recipe.batch
    let trainer = try model.makeTrainer(
      steps: (2 * epochs + 2) * ((files.count - 1) / size + 1), seed: seed, pool: pool)
    func seconds(_ data: any Dataset) throws -> Double {
      try trainer.fit(data, epochs: 1, batch: size).epochs.first?.seconds ?? .nan
    }
    var times: [(files: Double, tensors: Double)] = []
    for _ in 0...epochs { times.append((try seconds(files), try seconds(tensors))) }
    times.removeFirst()
    func median(_ values: [Double]) -> Double {
      (values.sorted()[(values.count - 1) / 2] + values.sorted()[values.count / 2]) / 2
    }
    let report = Report(
      model: model.architecture, images: files.count, batch: size, threads: pool.threadCount, epochs: epochs,
      filesSeconds: median(times.map(\.files)), tensorsSeconds: median(times.map(\.tensors)),
      ratio: median(times.map { $0.files / $0.tensors }))
    if json { return try Output.json(report) }
    try Output.line(
      String(
        format:
          "\(report.model), batch %d: an epoch of %d images takes %.3f s from files, %.3f s from tensors; ratio %.3f",
        size, report.images, report.filesSeconds, report.tensorsSeconds, report.ratio))
  }
}

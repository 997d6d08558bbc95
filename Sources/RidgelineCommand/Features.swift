import ArgumentParser
import Foundation
import Ridgeline

struct Features: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write what a layer of saved weights gives for images.",
    discussion: """
      The output holds 'features' [images, numbers] and 'labels' [images], the class of each: npz or safetensors by its name. A name \
      that ends in .npy takes the features alone, .csv a line an image, its label first. Images of a folder are prepared as the \
      file of weights says; of a folder or of MNIST the test set is taken where there is one.
      """)

  enum Pooling: String, ExpressibleByArgument, CaseIterable {
    case flattened
    case mean
  }

  @Option(help: "The weights to read (safetensors); the file says which network they are for.")
  var weights: String
  @Option(help: "The layer, as summary lists them.")
  var layer: String
  @OptionGroup var data: DataOptions
  @Option(help: "What becomes of feature maps: flattened, or the mean of each.")
  var pooling = Pooling.flattened
  @Option(help: "Images at a time.")
  var batch = 64
  @Option(help: "The file to write: .npz, .npy, .safetensors or .csv.")
  var output: String
  @Option(help: "Seed of generated data.")
  var seed: UInt64 = 1
  @OptionGroup var threads: ThreadOptions

  private var isTable: Bool { output.lowercased().hasSuffix(".csv") }

  mutating func validate() throws {
    try requirePath(weights, "--weights")
    try requirePath(output, "--output")
    if batch < 1 { throw ValidationError("--batch is 1 or more, found \(batch)") }
  }

  func run() throws {
    let url = URL(fileURLWithPath: output)
    if !isTable { try TensorFiles.checkWritable(url) }
    try AtomicFile.checkWritable(url)
    let file = try WeightsFile.read(URL(fileURLWithPath: weights), pool: threads.pool())
    let name = try data.name(for: weights, trainedOn: file.dataset)
    let test = try TestExamples(name, data: data, weights: (weights, file), seed: seed)
    let (features, labels) = try file.trainer.features(
      at: layer, of: test.examples, pooling: pooling == .mean ? .mean : .flattened, batch: batch)
    if isTable {
      let width = features.shape[1]
      var text = (["label"] + (0..<width).map { "f\($0)" }).joined(separator: ",") + "\n"
      for row in 0..<features.shape[0] {
        let numbers = features.elements[row * width..<(row + 1) * width].map { "\($0)" }
        text += "\(Int(labels[row]))," + numbers.joined(separator: ",") + "\n"
      }
      try AtomicFile.write(Data(text.utf8), to: url)
    } else {
      var tensors = NamedTensors(metadata: ["layer": layer, "weights": weights])
      tensors.insert(features, named: "features")
      if !output.lowercased().hasSuffix(".npy") { tensors.insert(Tensor(labels), named: "labels") }
      try TensorFiles.write(tensors, to: url)
    }
    try Output.line("\(features.shape[1]) features of \(layer) for \(features.shape[0]) images are in \(output)")
  }
}

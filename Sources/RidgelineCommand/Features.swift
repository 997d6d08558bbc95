import ArgumentParser
import Foundation
import Ridgeline

struct Features: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write what a layer of saved weights gives for images.",
    discussion: """
      The output holds 'features' [images, numbers], 'labels' [images], the class of each, and of image files 'files', their paths \
      in UTF-8 with a zero byte between: npz or safetensors by its name. A name that ends in .npy takes the features alone, .csv a \
      line an image, its label first. Rows are written as they come, whatever the number of images.

      Images of a folder are prepared as the file of weights says; of a folder or of MNIST the test set is taken where there is \
      one. The labels of a folder are the classes of the weights where these have its folders' names, else its own in \
      alphabetical order.

      With --as the weights are another library's of that network, as `ridgeline convert` reads them: torchvision's AlexNet and \
      VGGs, timm's, Keras' and Caffe's, in any format that `ridgeline inspect` reads.
      """)

  enum Pooling: String, ExpressibleByArgument, CaseIterable {
    case flattened
    case mean
  }

  @Option(help: "The weights to read (safetensors); the file says which network they are for, unless --as does.")
  var weights: String
  @Option(name: .customLong("as"), help: "The network whose weights the file holds under another library's names.")
  var network: String?
  @Option(help: "The layer, as summary lists them.")
  var layer: String
  @OptionGroup var data: DataOptions
  @Option(help: "What becomes of feature maps: flattened, or the mean of each.")
  var pooling = Pooling.flattened
  @Option(help: "Images at a time; unless told as many as keep the network's memory within 256 MB, at most 256.")
  var batch: Int?
  @Option(help: "The file to write: .npz, .npy, .safetensors or .csv.")
  var output: String
  @Option(help: "Seed of generated data.")
  var seed: UInt64 = 1
  @OptionGroup var threads: ThreadOptions

  mutating func validate() throws {
    try requirePath(weights, "--weights")
    try requirePath(output, "--output")
    if let batch, batch < 1 { throw ValidationError("--batch is 1 or more, found \(batch)") }
    try requireNetwork(network)
  }

  func run() throws {
    let url = URL(fileURLWithPath: output)
    let isTable = output.lowercased().hasSuffix(".csv")
    if !isTable { try TensorFiles.checkWritable(url) }
    try AtomicFile.checkWritable(url)
    let file = try WeightsFile.read(URL(fileURLWithPath: weights), as: network, pool: threads.pool())
    let name = try data.name(for: weights, trainedOn: file.dataset)
    let examples = try TestExamples(
      name, data: data, weights: (weights, file), seed: seed, takesOtherClasses: true
    ).examples
    let width =
      try isTable ? writeTable(file.trainer, examples, to: url) : writeTensors(file.trainer, examples, to: url)
    try Output.line("\(width) features of \(layer) for \(examples.count) images are in \(output)")
  }

  private func stream(
    _ trainer: Trainer, _ examples: any Dataset, _ body: (Tensor<Float>, [Float]) throws -> Void
  ) throws {
    try trainer.streamFeatures(
      at: layer, of: examples, pooling: pooling == .mean ? .mean : .flattened, batch: batch, body)
  }

  private func writeTensors(_ trainer: Trainer, _ examples: any Dataset, to url: URL) throws -> Int {
    var (labels, width): ([Float], Int) = ([], 0)
    var rest: [TensorEntry] = []
    var paths: [UInt8] = []
    if TensorFiles.Format(url) != .npy {
      rest.append(TensorEntry(name: "labels", elementType: .float32, shape: [examples.count]))
      if let images = examples as? PreparedImages {
        paths = Array((0..<images.count).map { images.source.name(of: $0) }.joined(separator: "\0").utf8)
        rest.append(TensorEntry(name: FeatureFile.paths, elementType: .uint8, shape: [paths.count]))
      }
    }
    try TensorWriter.writeRows(
      "features", count: examples.count, metadata: ["layer": layer, "weights": weights], beside: rest, to: url
    ) { write in
      try stream(trainer, examples) { features, targets in
        width = features.shape[1]
        labels += targets
        try write(features)
      }
    } bytes: { entry in
      entry.name == FeatureFile.paths ? paths : labels.withUnsafeBytes { Array($0) }
    }
    return width
  }

  private func writeTable(_ trainer: Trainer, _ examples: any Dataset, to url: URL) throws -> Int {
    var width = 0
    try AtomicFile.write(to: url) { writer in
      try stream(trainer, examples) { features, targets in
        if width == 0 {
          width = features.shape[1]
          try writer.write((["label"] + (0..<width).map { "f\($0)" }).joined(separator: ",") + "\n")
        }
        var text = ""
        for (row, label) in targets.enumerated() {
          let numbers = features.elements[row * width..<(row + 1) * width].map { "\($0)" }
          text += "\(Int(label))," + numbers.joined(separator: ",") + "\n"
        }
        try writer.write(text)
      }
    }
    return width
  }
}

import ArgumentParser
import Foundation
import Ridgeline

struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a file of weights in another format, or under another library's names.",
    discussion: """
      The ends of the names say the formats: what `ridgeline inspect` reads is read; .safetensors, .npz and .npy are written. \
      Element types stay as they are, but for bfloat16, which NumPy does not have and gets as single precision.

      With --as the input is another library's weights of that network (torchvision's AlexNet and VGGs, timm's VGGs, Keras' \
      VGG16 and VGG19, Caffe's AlexNet and VGGs; alexnet-torchvision, alexnet-caffe, vgg11 to vgg19, vgg11-bn to vgg19-bn): \
      they get Ridgeline's names and layouts and the library's preparation of images, so that `ridgeline predict --weights OUT` takes them. Every tensor that is missing, \
      left over or of another shape is listed, and then nothing is written.

      With --names the output has another library's names and layouts; the input is a file of Ridgeline's, or one that --as \
      makes such.
      """)

  @Argument(help: "The file to read.")
  var input: String
  @Argument(help: "The file to write.")
  var output: String
  @Option(name: .customLong("as"), help: "The network whose weights the input holds under another library's names.")
  var network: String?
  @Option(
    help: "Whose names the output gets: torchvision, timm or keras; unless told they stay as they are.",
    transform: Self.convention)
  var names: WeightNames.Convention?

  private static func convention(_ text: String) throws -> WeightNames.Convention {
    guard let convention = WeightNames.Convention(rawValue: text), convention != .caffe else {
      throw ValidationError("--names is torchvision, timm or keras, found '\(text)'")
    }
    return convention
  }

  mutating func validate() throws {
    try requirePath(input, "IN")
    try requirePath(output, "OUT")
    try requireNetwork(network)
  }

  func run() throws {
    let target = URL(fileURLWithPath: output)
    try TensorFiles.checkWritable(target)
    var source = try TensorFiles.open(URL(fileURLWithPath: input))
    if let network { source = try MappedTensors(source, as: network) }
    if let names {
      let model: Model
      do {
        model = try Model(metadata: source.metadata)
      } catch {
        throw CommandError("\(input) does not say which of Ridgeline's networks it is for (\(error)); --as says it")
      }
      source = try ForeignTensors(source, of: model, convention: names)
    }
    try TensorFiles.write(source, to: target)
    let elements = source.entries.reduce(0) { $0 + $1.shape.count }
    try Output.line("\(output): \(source.entries.count) tensors, \(elements) elements")
  }
}

import ArgumentParser
import Foundation
import Ridgeline

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Save what a network has learned as pictures.", subcommands: [ShowFilters.self, ShowActivations.self])
}

struct ShowFilters: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "filters", abstract: "The filters of a first convolution as a PNG.",
    discussion: """
      Each filter has its own scale: 0 is mid-grey, its largest magnitude black or white. Filters of three channels are in \
      colour.
      """)

  @Option(help: "The weights to read (safetensors); the file says which network they are for.")
  var weights: String
  @Option(help: "The layer; the first convolution where not given.")
  var layer: String?
  @Option(help: "The PNG to write.")
  var output: String

  mutating func validate() throws {
    try requirePath(weights, "--weights")
    try requirePath(output, "--output")
  }

  func run() throws {
    let contents = try WeightsFile.read(URL(fileURLWithPath: weights), pool: .shared)
    let convolutions = contents.model.network.layers.compactMap { ($0 as? Conv2D)?.identity.name }
    let name = layer ?? convolutions.first ?? ""
    guard let kernel = contents.trainer.weights["\(name).kernel"], convolutions.contains(name) else {
      throw CommandError("no convolution is named '\(name)'; the network has \(convolutions.joined(separator: ", "))")
    }
    let picture: Image
    do {
      picture = try FeaturePictures.filters(kernel)
    } catch {
      throw CommandError("layer '\(name)': \(error)")
    }
    try picture.writePNG(to: URL(fileURLWithPath: output))
    try Output.line("\(kernel.shape[3]) filters of \(name) are in \(output)")
  }
}

struct ShowActivations: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "activations", abstract: "The maps that a layer makes of an image as a PNG.",
    discussion: """
      Each map has its own scale, from its smallest number in black to its largest in white. The image is prepared as those \
      that the weights were trained on.
      """)

  @Option(help: "The weights to read (safetensors); the file says which network they are for.")
  var weights: String
  @Argument(help: "The image, a PNG or JPEG file.")
  var image: String
  @Option(help: "The layer, as summary lists them; the first convolution where not given.")
  var layer: String?
  @Option(help: "The PNG to write.")
  var output: String
  @OptionGroup var threads: ThreadOptions

  mutating func validate() throws {
    try requirePath(weights, "--weights")
    try requirePath(image, "the image")
    try requirePath(output, "--output")
  }

  func run() throws {
    let contents = try WeightsFile.read(URL(fileURLWithPath: weights), pool: threads.pool())
    let names = contents.model.network.layerNames
    let name = layer ?? contents.model.network.layers.first { $0 is Conv2D }?.identity.name ?? ""
    guard names.contains(name) else {
      throw CommandError("no layer is named '\(name)'; the network has \(names.joined(separator: ", "))")
    }
    let example = try Image(contentsOf: URL(fileURLWithPath: image))
    let input: Tensor<Float>
    do {
      input = try contents.preparation().input(example, using: RandomGenerator(seed: 0))
    } catch let error as ImageTransformationError {
      throw CommandError("\(image): \(error)")
    }
    let maps = try contents.trainer.outputs(
      of: name, for: Tensor(Shape([1] + input.shape.dimensions), input.elements))
    let picture: Image
    do {
      picture = try FeaturePictures.maps(Tensor(Shape(Array(maps.shape.dimensions.dropFirst())), maps.elements))
    } catch {
      throw CommandError("layer '\(name)' makes no maps to show: \(error)")
    }
    try picture.writePNG(to: URL(fileURLWithPath: output))
    try Output.line("\(maps.shape[3]) maps of \(name) are in \(output)")
  }
}

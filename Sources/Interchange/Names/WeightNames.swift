public import Models
import Autodiff
import NeuralNetworks
import Tensors

/// How another library names and orders the weights of one of our networks.
///
/// | | torchvision | timm | Keras | Caffe |
/// |---|---|---|---|---|
/// | networks | AlexNet, VGG-11 to VGG-19 with and without batch normalization | the same VGGs | VGG-16, VGG-19 | `bvlc_alexnet`, VGG-16, VGG-19 |
/// | convolution | `features.0.weight` [filters, channels, rows, columns] | the same | `block1_conv1/kernel` as ours | `conv1_1/0` as torchvision's, of BGR |
/// | normalization | `features.1.weight`, `.bias`, `.running_mean`, `.running_var` | the same | - | - |
/// | dense | `classifier.0.weight` [units, inputs] | `pre_logits.fc1.weight` as a convolution's | `fc1/kernel` as ours | `fc6/0` [units, inputs] |
///
/// Behind an image that was flattened PyTorch and Caffe count channels first and we rows first, so that layer's inputs are reordered.
public struct WeightNames: Sendable {
  /// Whose names.
  public enum Convention: String, Sendable, CaseIterable {
    /// torchvision's `alexnet` and `vgg11` to `vgg19_bn`.
    case torchvision
    /// timm's `vgg11` to `vgg19_bn`.
    case timm
    /// Keras' `VGG16` and `VGG19`.
    case keras
    /// Caffe's `bvlc_alexnet` and the VGGs' own 16 and 19 layers, as ``CaffeFile`` names their blobs.
    case caffe
  }

  /// One of our variables and the tensor it comes from.
  struct Placement: Sendable {
    /// Our variable.
    let own: TensorEntry
    /// The other library's tensor.
    let foreign: String
    let foreignShape: Shape
    /// The other's extents as they are permuted: axis `i` of ours is axis `axes[i]` of `view`.
    let view: Shape
    let axes: [Int]
  }

  /// Whose names they are.
  public let convention: Convention
  /// Our network.
  public let model: Model
  /// Every variable, in the order of the layers.
  let placements: [Placement]
  /// Tensors that the other library keeps beside the weights, of which the network has no need.
  let counters: [String]

  /// Whose names there are for a network.
  public static func conventions(for model: Model) -> [Convention] {
    switch (model.architecture, model.variant) {
    case ("alexnet", "torchvision"): [.torchvision]
    case ("alexnet", "caffe"): [.caffe]
    case ("vgg16", "original"), ("vgg19", "original"): [.torchvision, .timm, .keras, .caffe]
    case ("vgg11", "original"), ("vgg13", "original"): [.torchvision, .timm]
    case ("vgg11", "bn"), ("vgg13", "bn"), ("vgg16", "bn"), ("vgg19", "bn"): [.torchvision, .timm]
    default: []
    }
  }

  /// The names of a network's weights in another library; nil where that library has no such network.
  public init?(_ convention: Convention, for model: Model) {
    guard Self.conventions(for: model).contains(convention) else { return nil }
    self.convention = convention
    self.model = model
    var builder = PlacementBuilder(convention, shapes: Self.shapes(of: model))
    for layer in model.network.layers { builder.add(layer) }
    (placements, counters) = (builder.placements, builder.counters)
  }

  /// The variables of a network.
  private static func shapes(of model: Model) -> [String: Shape] {
    let graph = Graph<Float>()
    let input = graph.input(SymbolicShape([.batch] + model.inputShape.dimensions.map { Dimension($0) }))
    _ = model.network(input, mode: .inference)
    return Dictionary(
      graph.variables.map { ($0.name, $0.node.shape.resolved(batch: 1)) }, uniquingKeysWith: { first, _ in first })
  }
}

/// Goes through the layers as the other library lists them.
private struct PlacementBuilder {
  let convention: WeightNames.Convention
  let shapes: [String: Shape]
  private(set) var placements: [WeightNames.Placement] = []
  private(set) var counters: [String] = []
  /// The index in torchvision's list of layers, which counts rectifiers, pooling and dropout.
  private var index = 0
  private var dense = 0
  /// The channels of the last convolution.
  private var maps = 1
  /// Whether the next dense layer sees a flattened image.
  private var isFlattened = false

  init(_ convention: WeightNames.Convention, shapes: [String: Shape]) {
    (self.convention, self.shapes) = (convention, shapes)
  }

  mutating func add(_ layer: any Layer) {
    let name = layer.identity.name ?? ""
    switch layer {
    case let layer as Conv2D:
      addConvolution(name)
      index += layer.activation == .linear ? 1 : 2
      maps = layer.filters
    case is BatchNormalization:
      let stem = "features.\(index)"
      add("\(name).scale", "\(stem).weight")
      add("\(name).shift", "\(stem).bias")
      add("\(name).runningMean", "\(stem).running_mean")
      add("\(name).runningVariance", "\(stem).running_var")
      counters.append("\(stem).num_batches_tracked")
      index += 1
    case is Flatten: (index, isFlattened) = (0, true)
    case let layer as Dense:
      addDense(name)
      index += layer.activation == .linear ? 1 : 2
      dense += 1
      isFlattened = false
    default: index += 1
    }
  }

  private mutating func addConvolution(_ name: String) {
    guard let shape = shapes["\(name).kernel"] else { return }
    guard convention != .keras else {
      // conv1_2 is block1_conv2.
      let parts = name.dropFirst("conv".count).split(separator: "_")
      let stem = "block\(parts[0])_conv\(parts[1])"
      add("\(name).kernel", "\(stem)/kernel")
      add("\(name).bias", "\(stem)/bias")
      return
    }
    let foreign = Shape([shape[3], shape[2], shape[0], shape[1]])
    guard convention != .caffe else {
      add("\(name).kernel", "\(name)/0", foreign, axes: [2, 3, 1, 0])
      add("\(name).bias", "\(name)/1")
      return
    }
    add("\(name).kernel", "features.\(index).weight", foreign, axes: [2, 3, 1, 0])
    add("\(name).bias", "features.\(index).bias")
  }

  private mutating func addDense(_ name: String) {
    guard let shape = shapes["\(name).kernel"] else { return }
    let stem: String
    switch convention {
    case .torchvision: stem = "classifier.\(index)"
    case .timm: stem = ["pre_logits.fc1", "pre_logits.fc2", "head.fc"][min(dense, 2)]
    case .caffe: stem = name
    case .keras:
      stem = ["fc1", "fc2", "predictions"][min(dense, 2)]
      add("\(name).kernel", "\(stem)/kernel")
      add("\(name).bias", "\(stem)/bias")
      return
    }
    let (weight, bias) = convention == .caffe ? ("\(stem)/0", "\(stem)/1") : ("\(stem).weight", "\(stem).bias")
    let (inputs, units) = (shape[0], shape[1])
    let side = Int(Double(inputs / maps).squareRoot().rounded())
    if isFlattened {
      let view: Shape = [units, maps, side, side]
      add(
        "\(name).kernel", weight, convention == .timm ? view : [units, inputs], view: view,
        axes: [2, 3, 1, 0])
    } else {
      let isConvolution = convention == .timm && dense < 2
      add(
        "\(name).kernel", weight, isConvolution ? [units, inputs, 1, 1] : [units, inputs],
        view: [units, inputs], axes: [1, 0])
    }
    add("\(name).bias", bias)
  }

  private mutating func add(
    _ own: String, _ foreign: String, _ foreignShape: Shape? = nil, view: Shape? = nil, axes: [Int]? = nil
  ) {
    guard let shape = shapes[own] else { return }
    let foreignShape = foreignShape ?? shape
    let view = view ?? foreignShape
    placements.append(
      WeightNames.Placement(
        own: TensorEntry(name: own, elementType: .float32, shape: shape), foreign: foreign, foreignShape: foreignShape,
        view: view, axes: axes ?? Array(0..<view.rank)))
  }
}

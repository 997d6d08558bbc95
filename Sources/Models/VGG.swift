import Autodiff
import Datasets
public import NeuralNetworks
public import Tensors

/// The networks of the Visual Geometry Group: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image
/// Recognition", arXiv 1409.1556 (2014), ICLR 2015.
///
/// | | parameters | convolutions' | multiply-adds | neurons |
/// |---|---|---|---|---|
/// | A, A-LRN (VGG-11) | 132,863,336 | 9,220,480 | 7,609,090,048 | 7,435,240 |
/// | B (VGG-13) | 133,047,848 | 9,404,992 | 11,308,466,176 | 12,252,136 |
/// | C | 133,638,952 | 9,996,096 | 11,770,888,192 | 13,556,712 |
/// | D (VGG-16) | 138,357,544 | 14,714,688 | 15,470,264,320 | 13,556,712 |
/// | E (VGG-19) | 143,667,240 | 20,024,384 | 19,632,062,464 | 14,861,288 |
///
/// Every convolution is 3x3, or 1x1 in C, with stride 1 and padding that keeps the size, and is followed by a rectifier.
public struct VGG: Sendable {
  /// A column of the paper's table 1.
  public enum Configuration: String, Sendable, CaseIterable {
    /// 11 layers with weights.
    case a = "A"
    /// A with local response normalization after the first convolution.
    case aLRN = "A-LRN"
    /// 13 layers.
    case b = "B"
    /// 16 layers, three of them 1x1 convolutions.
    case c = "C"
    /// 16 layers: VGG-16.
    case d = "D"
    /// 19 layers: VGG-19.
    case e = "E"

    /// The sizes of the convolutions' windows in the five blocks, between which the images are halved.
    public var windows: [[Int]] {
      switch self {
      case .a, .aLRN: [[3], [3], [3, 3], [3, 3], [3, 3]]
      case .b: [[3, 3], [3, 3], [3, 3], [3, 3], [3, 3]]
      case .c: [[3, 3], [3, 3], [3, 3, 1], [3, 3, 1], [3, 3, 1]]
      case .d: [[3, 3], [3, 3], [3, 3, 3], [3, 3, 3], [3, 3, 3]]
      case .e: [[3, 3], [3, 3], [3, 3, 3, 3], [3, 3, 3, 3], [3, 3, 3, 3]]
      }
    }

    /// The name that the network is known by: `vgg11`, `vgg13`, `vgg16c`, `vgg16` or `vgg19`.
    public var architecture: String {
      switch self {
      case .a, .aLRN: "vgg11"
      case .b: "vgg13"
      case .c: "vgg16c"
      case .d: "vgg16"
      case .e: "vgg19"
      }
    }
  }

  /// The maps of the five blocks.
  static let maps = [64, 128, 256, 512, 512]

  /// The column of table 1.
  public let configuration: Configuration
  /// Whether every convolution is followed by batch normalization, as in torchvision's `_bn` networks.
  public let hasBatchNormalization: Bool
  /// Rows and columns of an image.
  public let input: Int
  /// The number of outputs.
  public let classes: Int
  /// Fills the kernels; biases are 0.
  public let initializer: Initializer

  /// A network of the paper's table 1.
  ///
  /// - Parameters:
  ///   - batchNormalization: between every convolution and its rectifier, which the paper does not have.
  ///   - input: rows and columns of an image, 32 at least.
  ///   - initializer: of the kernels. The paper's N(0, 0.1²) makes A diverge, which is why it is not the default.
  public init(
    _ configuration: Configuration, batchNormalization: Bool = false, input: Int = 224, classes: Int = 1000,
    initializer: Initializer = .glorotUniform
  ) {
    self.configuration = configuration
    hasBatchNormalization = batchNormalization
    self.input = input
    self.classes = classes
    self.initializer = initializer
  }

  /// The layers: `conv1_1` to `conv5_4`, `pool1` to `pool5`, `fc6` to `fc8`.
  public var network: Sequential {
    Sequential {
      for (block, windows) in configuration.windows.enumerated() {
        for (position, window) in windows.enumerated() {
          convolution(Self.maps[block], window, name: "\(block + 1)_\(position + 1)")
        }
        if configuration == .aLRN, block == 0 { LocalResponseNormalization(name: "norm1") }
        MaxPooling2D(2, name: "pool\(block + 1)")
      }
      Flatten()
      Dense(4096, activation: .relu, kernelInitializer: initializer, name: "fc6")
      Dropout(0.5, name: "drop6")
      Dense(4096, activation: .relu, kernelInitializer: initializer, name: "fc7")
      Dropout(0.5, name: "drop7")
      Dense(classes, kernelInitializer: initializer, name: "fc8")
    }
  }

  @LayerBuilder
  private func convolution(_ maps: Int, _ window: Int, name: String) -> [any Layer] {
    Conv2D(
      maps, kernel: Size2D(window, window), padding: .symmetric(window / 2),
      activation: hasBatchNormalization ? .linear : .relu, kernelInitializer: initializer, name: "conv\(name)")
    if hasBatchNormalization {
      BatchNormalization(momentum: 0.9, epsilon: 1e-5, runningVariance: .sample, name: "bn\(name)")
      Activation(.relu, name: "relu\(name)")
    }
  }

  /// The network with what it takes, its recipe and where it departs from the paper.
  public var model: Model {
    let parts = [configuration == .aLRN ? "lrn" : nil, hasBatchNormalization ? "bn" : nil].compactMap { $0 }
    return Model(
      architecture: configuration.architecture, variant: parts.isEmpty ? "original" : parts.joined(separator: "-"),
      citation: Self.citation, inputShape: [input, input, 3], classes: classes,
      preprocessing: .init(scaling: .unit, padding: 0), recipe: recipe, departures: departures, network: network)
  }

  /// Section 3.1: 370,000 steps of 256 examples are 74 passes over 1.28 million images.
  private var recipe: Recipe {
    let isShallow = configuration == .a || configuration == .aLRN
    return Recipe(
      loss: .softmaxCrossEntropy,
      optimizer: SGD(learningRate: 0.01, momentum: 0.9, velocity: .ofSteps, weightDecay: .inLoss(5e-4)),
      annealing: .fixed(.plateau(factor: 0.1, patience: 5)), batch: 256, epochs: 74,
      start: isShallow ? .drawn : .trained(architecture: "vgg11", layers: Self.layersFromA),
      augmentation: .vgg)
  }

  /// The layers that the paper's deeper networks take from a trained A: its first four convolutions and its dense layers.
  ///
  /// They are found by name. Where a deeper block has more convolutions than A's, the first ones are A's.
  public static let layersFromA = ["conv1_1", "conv2_1", "conv3_1", "conv3_2", "fc6", "fc7", "fc8"]

  private var departures: [String] {
    var list = [
      "Weights are drawn from \(initializer == .glorotUniform ? "Glorot's uniform distribution" : "\(initializer)"): with "
        + "the N(0, variance 0.01) of section 3.1 the loss of A is not finite after two steps. The paper itself found "
        + "afterwards that Glorot's way needs no pre-training.",
      "The mean RGB value that is subtracted is that of the training images; the paper's is ImageNet's.",
      "Images are resized to one scale, 256/224 of the input's side; the paper's last networks draw theirs from 256 to 512.",
      "Dropout scales what it keeps while training, which predicts the same as scaling when testing.",
      "The rate is divided by 10 after 5 epochs without a smaller validation loss, however often; the paper did so three "
        + "times, when the validation accuracy stopped improving.",
      "Weight decay leaves biases alone; the paper does not say.",
    ]
    if configuration != .a, configuration != .aLRN {
      list.append(
        "Training starts from drawn weights unless those of a trained A are given; the paper's deeper networks start from "
          + "A's first four convolutions and dense layers.")
    }
    if hasBatchNormalization {
      list.append(
        "Batch normalization (ε 1e-5, averages that keep 0.9) stands between each convolution, whose bias stays, and its "
          + "rectifier, as in torchvision; the paper has none.")
    }
    return list
      + Model.sizeDepartures(input: input, published: 224, classes: classes, publishedClasses: 1000)
  }

  static let citation =
    "Simonyan, Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition, arXiv:1409.1556 (2014)"
}

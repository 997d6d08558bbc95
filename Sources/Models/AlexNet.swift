import Autodiff
import Datasets
public import NeuralNetworks
import Tensors

/// AlexNet: Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012.
///
/// | layer | output | parameters | multiply-adds |
/// |---|---|---|---|
/// | conv1 11x11, stride 4 | 96@55x55 | 34,944 | 105,415,200 |
/// | conv2 5x5, 2 groups | 256@27x27 | 307,456 | 223,948,800 |
/// | conv3 3x3 | 384@13x13 | 885,120 | 149,520,384 |
/// | conv4 3x3, 2 groups | 384@13x13 | 663,936 | 112,140,288 |
/// | conv5 3x3, 2 groups | 256@13x13 | 442,624 | 74,760,192 |
/// | fc6 | 4096 | 37,752,832 | 37,748,736 |
/// | fc7 | 4096 | 16,781,312 | 16,777,216 |
/// | fc8 | 1000 | 4,097,000 | 4,096,000 |
/// | all, 659,272 neurons | | 60,965,224 | 724,406,816 |
///
/// conv1 and conv2 are followed by local response normalization and by overlapping max pooling, conv5 by pooling alone.
public struct AlexNet: Sendable {
  /// Whose AlexNet it is.
  public enum Variant: String, Sendable, CaseIterable {
    /// The paper's: two halves as groups, normalization by the sum with k = 2, biases of 1.
    case original
    /// Caffe's `bvlc_alexnet`: normalization by the mean with k = 1, biases of 0.1, narrower draws of fc6 and fc7.
    case caffe
    /// The paper's in one piece: no groups, 62,378,344 parameters.
    case ungrouped
    /// torchvision's single tower (Krizhevsky's "One weird trick", 2014): fewer maps, no normalization, 61,100,840
    /// parameters, 224x224 inputs.
    case torchvision
  }

  /// Whose AlexNet it is.
  public let variant: Variant
  /// Rows and columns of an image.
  public let input: Int
  /// The number of outputs.
  public let classes: Int

  /// An AlexNet.
  ///
  /// - Parameter input: rows and columns of an image, 67 at least (torchvision's 63); 227 (224) where none is given.
  public init(_ variant: Variant = .original, input: Int? = nil, classes: Int = 1000) {
    self.variant = variant
    self.input = input ?? Self.publishedInput(variant)
    self.classes = classes
  }

  static func publishedInput(_ variant: Variant) -> Int { variant == .torchvision ? 224 : 227 }

  /// The layers.
  public var network: Sequential { variant == .torchvision ? singleTower : towers }

  /// The network with what it takes, its recipe and where it departs from the paper.
  public var model: Model {
    Model(
      architecture: "alexnet", variant: variant.rawValue, citation: Self.citation, inputShape: [input, input, 3],
      classes: classes, preprocessing: .init(scaling: .unit, padding: 0), recipe: recipe, departures: departures,
      network: network)
  }

  /// Section 3 of the paper; both towers are one network whose convolutions have two groups.
  private var towers: Sequential {
    let groups = variant == .ungrouped ? 1 : 2
    let isCaffe = variant == .caffe
    let (gaussian, bias) = (Initializer.randomNormal(standardDeviation: 0.01), Initializer.constant(isCaffe ? 0.1 : 1))
    let wide = isCaffe ? Initializer.randomNormal(standardDeviation: 0.005) : gaussian
    let convention: LocalResponseNormalization.Convention = isCaffe ? .caffe : .paper
    let scaling: Dropout.Scaling = isCaffe ? .inverted : .atInference
    return Sequential {
      Conv2D(96, kernel: 11, stride: 4, activation: .relu, kernelInitializer: gaussian, name: "conv1")
      LocalResponseNormalization(convention, name: "norm1")
      MaxPooling2D(3, stride: 2, name: "pool1")
      Conv2D(
        256, kernel: 5, padding: .symmetric(2), groups: groups, activation: .relu, kernelInitializer: gaussian,
        biasInitializer: bias, name: "conv2")
      LocalResponseNormalization(convention, name: "norm2")
      MaxPooling2D(3, stride: 2, name: "pool2")
      Conv2D(
        384, kernel: 3, padding: .symmetric(1), activation: .relu, kernelInitializer: gaussian, name: "conv3")
      Conv2D(
        384, kernel: 3, padding: .symmetric(1), groups: groups, activation: .relu, kernelInitializer: gaussian,
        biasInitializer: bias, name: "conv4")
      Conv2D(
        256, kernel: 3, padding: .symmetric(1), groups: groups, activation: .relu, kernelInitializer: gaussian,
        biasInitializer: bias, name: "conv5")
      MaxPooling2D(3, stride: 2, name: "pool5")
      Flatten()
      Dense(4096, activation: .relu, kernelInitializer: wide, biasInitializer: bias, name: "fc6")
      Dropout(0.5, scaling: scaling, name: "drop6")
      Dense(4096, activation: .relu, kernelInitializer: wide, biasInitializer: bias, name: "fc7")
      Dropout(0.5, scaling: scaling, name: "drop7")
      Dense(classes, kernelInitializer: gaussian, name: "fc8")
    }
  }

  /// torchvision's: `features` and `classifier`, with PyTorch's initialization of weights and biases.
  private var singleTower: Sequential {
    func convolution(
      _ filters: Int, kernel: Size2D, stride: Size2D = 1, padding: Int, name: String
    ) -> Conv2D {
      Conv2D(
        filters, kernel: kernel, stride: stride, padding: .symmetric(padding), activation: .relu,
        kernelInitializer: .standard, biasInitializer: .standard, name: name)
    }
    func dense(_ units: Int, _ activation: ActivationFunction, name: String) -> Dense {
      Dense(
        units, activation: activation, kernelInitializer: .standard, biasInitializer: .standard, name: name)
    }
    return Sequential {
      convolution(64, kernel: 11, stride: 4, padding: 2, name: "conv1")
      MaxPooling2D(3, stride: 2, name: "pool1")
      convolution(192, kernel: 5, padding: 2, name: "conv2")
      MaxPooling2D(3, stride: 2, name: "pool2")
      convolution(384, kernel: 3, padding: 1, name: "conv3")
      convolution(256, kernel: 3, padding: 1, name: "conv4")
      convolution(256, kernel: 3, padding: 1, name: "conv5")
      MaxPooling2D(3, stride: 2, name: "pool5")
      Flatten()
      Dropout(0.5, name: "drop6")
      dense(4096, .relu, name: "fc6")
      Dropout(0.5, name: "drop7")
      dense(4096, .relu, name: "fc7")
      dense(classes, .linear, name: "fc8")
    }
  }

  /// Section 5; Caffe's biases learn twice as fast.
  private var recipe: Recipe {
    let biases = ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"].map { ("\($0).bias", 2.0) }
    return Recipe(
      loss: .softmaxCrossEntropy,
      optimizer: SGD(learningRate: 0.01, momentum: 0.9, velocity: .ofSteps, weightDecay: .inLoss(5e-4)),
      annealing: .fixed(.plateau(factor: 0.1, patience: 5)), batch: 128, epochs: 90,
      rateFactors: variant == .caffe ? Dictionary(uniqueKeysWithValues: biases) : [:], augmentation: augmentation)
  }

  /// Section 4.1; Caffe's takes blue first, and torchvision's is its training script's, with ImageNet's statistics.
  private var augmentation: Augmentation {
    switch variant {
    case .original, .ungrouped: return .alexNet
    case .caffe:
      var caffe = Augmentation.alexNet
      (caffe.order, caffe.principalColours) = (.bgr, 0)
      return caffe
    case .torchvision:
      return Augmentation(
        resizing: 256.0 / 224, crop: .resized(smallestArea: 0.08), flips: true, mean: .given([0.485, 0.456, 0.406]),
        deviation: .given([0.229, 0.224, 0.225]))
    }
  }

  private var departures: [String] {
    var list: [String] = []
    switch variant {
    case .original, .ungrouped:
      list.append("Inputs are 227x227 where the paper says 224x224: only 227 gives its 55x55 maps.")
      list.append(
        variant == .original
          ? "The halves on the paper's two GPUs are two groups of one network; normalization reaches across their border."
          : "The paper cuts conv2, conv4 and conv5 into two groups; here every map sees all.")
    case .caffe:
      list += [
        "Inputs are 227x227 where the paper says 224x224: only 227 gives its 55x55 maps.",
        "The halves on the paper's two GPUs are two groups of one network; normalization reaches across their border.",
        "Normalization divides alpha by n = 5 and has k = 1, as Caffe's does; the paper's alpha multiplies the sum, and "
          + "its k is 2.",
        "Biases that are 1 in the paper start at 0.1: Caffe's authors found that 1 gave a flat loss.",
        "fc6 and fc7 are drawn with a deviation of 0.005, not 0.01.",
        "Dropout scales what it keeps while training; the paper halves the outputs when testing.",
        "Biases learn at twice the rate.",
      ]
    case .torchvision:
      list += [
        "The maps are 64, 192, 384, 256, 256 in one tower, as in Krizhevsky's paper of 2014; the paper of 2012 has 96, "
          + "256, 384, 384, 256 in two groups.",
        "There is no local response normalization.",
        "Inputs are 224x224 and padded by 2 in conv1.",
        "Weights and biases are drawn from U(±1/√fan-in), PyTorch's default; the paper has N(0, 0.01²) and biases of 0 "
          + "and 1.",
        "Dropout stands before fc6 and fc7, not after them, and scales what it keeps while training.",
        "torchvision averages conv5's pooled maps to 6x6 at any input; here fc6 takes them as they are.",
      ]
    }
    return list + sizeDepartures + [
      "The rate is divided by 10 after 5 epochs without a smaller validation loss, however often; the paper's authors did "
        + "so by hand, three times, when the validation error stopped improving.",
      "Weight decay leaves biases alone; the paper does not say.",
    ] + imageDepartures
  }

  private var imageDepartures: [String] {
    guard variant != .torchvision else {
      return [
        "Images are parts of 8 % of the area or more, resized, with ImageNet's mean and deviation; the paper cuts 224x224 out "
          + "of 256x256 and subtracts the mean image."
      ]
    }
    return [
      "The mean that is subtracted is one for each channel, of the training images; the paper's is one for each pixel.",
      "Images are resized to 256/224 of the input's side; of the paper's 256 its crop of 227 would be a little more.",
      variant == .caffe
        ? "Colours are blue first and not shifted."
        : "Colours are shifted on the scale 0...1, on which the paper's N(0, 0.1) makes shifts of a few levels.",
    ]
  }

  private var sizeDepartures: [String] {
    Model.sizeDepartures(
      input: input, published: Self.publishedInput(variant), classes: classes, publishedClasses: 1000)
  }

  static let citation =
    "Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep Convolutional Neural Networks, NIPS 25 (2012)"
}

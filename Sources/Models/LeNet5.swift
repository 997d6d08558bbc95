public import BLAS
import Autodiff
import Datasets
public import NeuralNetworks
public import Tensors

/// LeNet-5: LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition",
/// Proceedings of the IEEE 86 (1998), section II.B.
public enum LeNet5 {
  /// The network of 1998: connection table, trainable subsampling, scaled tanh, radial basis outputs, 60,000 parameters.
  ///
  /// | layer | maps | parameters | connections |
  /// |---|---|---|---|
  /// | C1 5x5 | 6@28x28 | 156 | 122,304 |
  /// | S2 | 6@14x14 | 12 | 5,880 |
  /// | C3 5x5 | 16@10x10 | 1,516 | 151,600 |
  /// | S4 | 16@5x5 | 32 | 2,000 |
  /// | C5 5x5 | 120@1x1 | 48,120 | 48,120 |
  /// | F6 | 84 | 10,164 | 10,164 |
  /// | output | 10 | (840 fixed) | 840 |
  public static let original = Model(
    architecture: "lenet5", variant: "original", citation: citation, inputShape: [32, 32, 1], classes: 10,
    preprocessing: .init(scaling: .lecun1998, padding: 2),
    recipe: Recipe(
      loss: .maximumAPosteriori(j: 0.1), optimizer: DiagonalLevenbergMarquardt(learningRate: 5e-4, mu: 0.2),
      annealing: .fixed(
        .table([
          .init(epochs: 2, rate: 5e-4), .init(epochs: 3, rate: 2e-4), .init(epochs: 3, rate: 1e-4),
          .init(epochs: 4, rate: 5e-5), .init(epochs: 8, rate: 1e-5),
        ])),
      batch: 1, epochs: 20),
    departures: [
      "The paper gives no value for the j of equation 9; it is 0.1 here.",
      "The damping μ is 0.2; with the paper's 0.02 the first steps saturate the units (its loss may be scaled otherwise).",
      "In the first pass the second derivatives are estimated again after 1, 2, 4, 8, ... patterns.",
      "The examples of each pass come in an order drawn anew; the paper does not say in which order they came.",
      "The second derivatives are a mean over 500 examples drawn anew each pass; the paper says 500 samples.",
    ],
    network: Sequential {
      Conv2D(
        6, kernel: 5, activation: .scaledTanh, kernelInitializer: .lecun1998, biasInitializer: .lecun1998, name: "c1")
      Subsampling2D(2, activation: .scaledTanh, biasInitializer: .lecun1998, name: "s2")
      Conv2D(
        16, kernel: 5, connections: connections, activation: .scaledTanh, kernelInitializer: .lecun1998,
        biasInitializer: .lecun1998, name: "c3")
      Subsampling2D(2, activation: .scaledTanh, biasInitializer: .lecun1998, name: "s4")
      Conv2D(
        120, kernel: 5, activation: .scaledTanh, kernelInitializer: .lecun1998, biasInitializer: .lecun1998,
        name: "c5")
      Flatten()
      Dense(
        84, activation: .scaledTanh, kernelInitializer: .lecun1998, biasInitializer: .lecun1998, name: "f6")
      RadialBasis(centres: codes, name: "output")
    })

  /// LeNet-5 as it is taught today: tanh, average pooling, every map connected, softmax.
  public static let modern = modern()

  /// LeNet-5 as it is taught today, for images of another size or another number of classes.
  ///
  /// - Parameter input: rows and columns of an image, 12 at least.
  public static func modern(input: Int = 28, classes: Int = 10) -> Model {
    Model(
      architecture: "lenet5", variant: "modern", citation: citation, inputShape: [input, input, 1], classes: classes,
      preprocessing: .init(scaling: .unit, padding: 0),
      recipe: Recipe(
        loss: .softmaxCrossEntropy, optimizer: SGD(learningRate: 0.04, momentum: 0.9), annealing: .cosine, batch: 64,
        epochs: 10),
      departures: [
        "Images are \(input)x\(input), padded by zeros in the first convolution, not 32x32.",
        "Pixels are 0 to 1, not -0.1 to 1.175.",
        "Every map of the second convolution sees all 6 maps; the paper's table leaves some out.",
        "Subsampling is a plain mean without trainable coefficients, and is not squashed.",
        "The squashing function is tanh x, not 1.7159 tanh(2x/3).",
        "The outputs are \(classes) linear units under softmax and cross-entropy, not radial basis units.",
        "Weights are drawn by Glorot's rule, biases are 0.",
        "It is trained by stochastic gradient descent with momentum on batches of 64, at a rate that falls along a cosine.",
      ],
      network: modernNetwork(classes: classes))
  }

  /// The modern network with another initializer or another squashing function, for studies.
  public static func modernNetwork(
    kernelInitializer: Initializer = .glorotUniform, activation: ActivationFunction = .tanh, classes: Int = 10
  ) -> Sequential {
    Sequential {
      Conv2D(
        6, kernel: 5, padding: .same, activation: activation, kernelInitializer: kernelInitializer, name: "c1")
      AveragePooling2D(2, name: "s2")
      Conv2D(16, kernel: 5, activation: activation, kernelInitializer: kernelInitializer, name: "c3")
      AveragePooling2D(2, name: "s4")
      Flatten()
      Dense(120, activation: activation, kernelInitializer: kernelInitializer, name: "c5")
      Dense(84, activation: activation, kernelInitializer: kernelInitializer, name: "f6")
      Dense(classes, kernelInitializer: kernelInitializer, name: "output")
    }
  }

  static let citation =
    "LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document Recognition, Proc. IEEE 86 (1998)"

  /// Table I: the S2 maps that each C3 map is connected to.
  public static let connections: [[Int]] = [
    [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5],
    [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5],
    [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5], [0, 1, 2, 3, 4, 5],
  ]

  /// Figure 3: a 7x12 bitmap a digit, ink +1 and paper -1, as the fixed centres of the output units [10, 84].
  public static let codes: Tensor<Double> = {
    let bitmaps: [[UInt8]] = [
      [0x3e, 0x00, 0x1c, 0x36, 0x63, 0x63, 0x63, 0x63, 0x36, 0x1c, 0x00, 0x00],
      [0x0c, 0x1c, 0x3c, 0x0c, 0x0c, 0x0c, 0x0c, 0x0c, 0x0c, 0x3f, 0x00, 0x00],
      [0x3e, 0x00, 0x3e, 0x63, 0x43, 0x06, 0x1c, 0x30, 0x60, 0x7f, 0x00, 0x00],
      [0x7f, 0x03, 0x06, 0x0c, 0x1e, 0x03, 0x03, 0x03, 0x63, 0x3e, 0x00, 0x00],
      [0x3e, 0x00, 0x00, 0x33, 0x33, 0x73, 0x63, 0x63, 0x67, 0x3f, 0x03, 0x03],
      [0x3e, 0x00, 0x7f, 0x60, 0x60, 0x3c, 0x1e, 0x03, 0x63, 0x3e, 0x00, 0x00],
      [0x1e, 0x30, 0x60, 0x60, 0x7e, 0x73, 0x63, 0x63, 0x73, 0x3e, 0x00, 0x00],
      [0x7f, 0x03, 0x03, 0x06, 0x0c, 0x0c, 0x18, 0x18, 0x18, 0x18, 0x00, 0x00],
      [0x3e, 0x63, 0x63, 0x63, 0x3e, 0x63, 0x63, 0x63, 0x63, 0x3e, 0x00, 0x00],
      [0x3e, 0x67, 0x63, 0x63, 0x67, 0x3f, 0x03, 0x03, 0x06, 0x3c, 0x00, 0x00],
    ]
    let bits: [Double] = bitmaps.joined().flatMap { (row: UInt8) -> [Double] in
      (0..<7).map { (column: Int) -> Double in (row >> UInt8(6 - column)) & 1 == 1 ? 1 : -1 }
    }
    return Tensor([10, 84], bits)
  }()
}

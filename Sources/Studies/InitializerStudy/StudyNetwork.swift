import BLAS
import Models
import NeuralNetworks
import Tensors

/// A network of the study: its layers, its cost and the question that it answers.
struct StudyNetwork: Sendable {
  let network: Sequential
  let loss: Loss
  let question: StudyData.Question
  let activation: ActivationFunction

  /// Hidden layers of one width, biases 0, softmax: section 2.2 of Glorot and Bengio (2010).
  static func multilayerPerceptron(
    depth: Int, width: Int, classes: Int, activation: ActivationFunction, initializer: StudyInitializer
  ) -> StudyNetwork {
    let network = Sequential {
      Flatten()
      for layer in 1...depth {
        Dense(width, activation: activation, kernelInitializer: initializer.dense, name: "hidden\(layer)")
      }
      Dense(classes, kernelInitializer: initializer.dense, name: "output")
    }
    return StudyNetwork(
      network: network, loss: .softmaxCrossEntropy, question: .classIndex, activation: activation)
  }

  /// `LeNet5.modern` with all of its weights drawn by `initializer` and an output a class.
  static func leNet5(classes: Int, initializer: StudyInitializer) -> StudyNetwork {
    let layers = LeNet5.modern.network.layers.map { layer -> any Layer in
      switch layer {
      case let layer as Conv2D:
        Conv2D(
          layer.filters, kernel: layer.kernel, stride: layer.stride, padding: layer.padding,
          activation: layer.activation, kernelInitializer: initializer.convolution, name: layer.identity.name)
      case let layer as Dense:
        Dense(
          layer.activation == .linear ? classes : layer.units, activation: layer.activation,
          kernelInitializer: initializer.dense, name: layer.identity.name)
      default: layer
      }
    }
    return StudyNetwork(
      network: Sequential(layers), loss: .softmaxCrossEntropy, question: .classIndex, activation: .tanh)
  }

  /// 20 and 10 units with ReLU and one sigmoid output, on a balanced yes-or-no question.
  static func threeLayers(activation: ActivationFunction, initializer: StudyInitializer) -> StudyNetwork {
    let network = Sequential {
      Flatten()
      Dense(20, activation: activation, kernelInitializer: initializer.dense, name: "hidden1")
      Dense(10, activation: activation, kernelInitializer: initializer.dense, name: "hidden2")
      Dense(1, kernelInitializer: initializer.dense, name: "output")
    }
    return StudyNetwork(
      network: network, loss: .sigmoidCrossEntropy, question: .balancedBinary, activation: activation)
  }
}

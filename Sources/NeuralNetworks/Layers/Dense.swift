public import Autodiff
public import BLAS
public import Tensors

/// y = f(x·W + b) with W [inputs, units].
public struct Dense: Layer {
  /// The stem of the layer's name: `dense`.
  public let kind = "dense"
  /// The layer's name, where it was written and its penalties.
  public var identity: LayerIdentity
  /// The number of outputs.
  public let units: Int
  /// f.
  public let activation: ActivationFunction
  /// Fills W; the fans are the numbers of inputs and units.
  public let kernelInitializer: Initializer
  /// Fills b, or `nil` for a layer without one.
  public let biasInitializer: Initializer?

  /// A fully connected layer; Glorot's uniform weights and zero biases unless told otherwise, as in Keras.
  ///
  /// - Parameters:
  ///   - kernelPenalty: what training adds to the loss for W.
  ///   - biasPenalty: what training adds for b.
  ///   - activityPenalty: what training adds for the mean example's y.
  public init(
    _ units: Int, activation: ActivationFunction = .linear, kernelInitializer: Initializer = .glorotUniform,
    biasInitializer: Initializer? = .zeros, kernelPenalty: Penalty = .none, biasPenalty: Penalty = .none,
    activityPenalty: Penalty = .none, name: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    self.units = units
    self.activation = activation
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
    identity = LayerIdentity(
      name: name, file: file, line: line,
      penalties: LayerPenalties(kernel: kernelPenalty, bias: biasPenalty, activity: activityPenalty))
  }

  /// Records the layer's function of `input`; shapes that do not fit are kept for `compile` to report.
  public func record<S: Scalar>(_ input: Node<S>, in context: NetworkContext<S>) -> Node<S> {
    guard input.rank == 2, let inputs = input.shape[1].fixedSize, units > 0 else {
      return context.refuse(
        input, self, expected: "at least one unit and rows [batch, inputs] (a Flatten before it makes them)")
    }
    let fans = Fans(fanIn: inputs, fanOut: units)
    let kernel = context.parameter(
      "kernel", [inputs, units], .initializer(kernelInitializer, fans: fans), isWeight: true)
    var result = input • kernel
    if let biasInitializer {
      let bias = context.parameter("bias", [units], .initializer(biasInitializer, fans: fans), isWeight: false)
      result = result + bias
    }
    return context.activate(result, activation)
  }

  /// Multiply-adds, connections and neurons for one example.
  public func cost(input: Shape, output: Shape) -> LayerCost {
    LayerCost(
      multiplyAdds: input.count * units, connections: (input.count + (biasInitializer == nil ? 0 : 1)) * units,
      neurons: units)
  }
}

extension NetworkContext {
  /// Keeps a mistake of the layer that is being recorded for `compile`, and gives a node to go on with.
  public func refuse(_ input: Node<S>, _ layer: any Layer, expected: String) -> Node<S> {
    graph.fail(
      .shape(operation: layer.kind, operands: [input.shape], expectation: expected, scope: graph.currentScope))
    return input
  }

  /// Applies a layer's activation function.
  func activate(_ x: Node<S>, _ function: ActivationFunction) -> Node<S> {
    if function != .linear { notePreActivation(x) }
    return function(x)
  }
}

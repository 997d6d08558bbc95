import Tensors
public import Autodiff
public import BLAS

/// A rule that changes parameters by their gradients, recorded in the graph so that it is part of the compiled step.
public protocol Optimizer: Sendable {
  /// The rate at the first step, before any schedule.
  var learningRate: Double { get set }

  /// Records updates of every parameter and of what the rule remembers.
  ///
  /// - Parameter context: the parameters, their gradients and the scalars of the step.
  func record<S: Scalar>(_ context: OptimizerContext<S>)
}

/// One parameter as an optimizer sees it.
public struct OptimizedParameter<S: Scalar> {
  /// The variable.
  public let variable: Node<S>
  /// The derivative of the loss, clipped where the trainer clips.
  public let gradient: Node<S>
  /// The variable's name; what a rule remembers is stored under names that start with it.
  public let name: String
  /// False for biases, scales and shifts.
  public let isWeight: Bool
  /// A factor for the learning rate of this parameter.
  public let rateFactor: Double

  /// A parameter with its gradient.
  public init(variable: Node<S>, gradient: Node<S>, name: String, isWeight: Bool, rateFactor: Double = 1) {
    self.variable = variable
    self.gradient = gradient
    self.name = name
    self.isWeight = isWeight
    self.rateFactor = rateFactor
  }
}

/// What an optimizer records into.
public struct OptimizerContext<S: Scalar> {
  /// The graph of the step.
  public let graph: Graph<S>
  /// What is to be changed.
  public let parameters: [OptimizedParameter<S>]
  /// The learning rate of the step: a scalar input.
  public let learningRate: Node<S>

  /// The surroundings of an optimizer.
  public init(graph: Graph<S>, parameters: [OptimizedParameter<S>], learningRate: Node<S>) {
    self.graph = graph
    self.parameters = parameters
    self.learningRate = learningRate
  }

  /// The learning rate for `parameter`.
  public func rate(for parameter: OptimizedParameter<S>) -> Node<S> {
    parameter.rateFactor == 1 ? learningRate : learningRate * parameter.rateFactor
  }

  /// Something remembered for `parameter` from step to step, of its shape, `start` everywhere at first.
  public func memory(
    _ name: String, for parameter: OptimizedParameter<S>, startingAt start: Double = 0
  ) -> Node<S> {
    let shape = parameter.variable.shape.resolved(batch: 1)
    return graph.variable(
      "\(parameter.name)/\(name)", shape, .initializer(.constant(start), fans: nil), isTrainable: false)
  }

  /// How many steps were made, this one included, remembered in the state.
  public func stepCount(_ rule: String) -> Node<S> {
    let count = graph.variable("\(rule)/steps", [], .initializer(.zeros, fans: nil), isTrainable: false)
    graph.update(count, to: count + 1)
    return count + 1
  }
}

/// How weights are pulled towards zero, and which.
public struct WeightDecay: Hashable, Sendable {
  /// Where the pull enters.
  public enum Kind: Hashable, Sendable {
    /// λ/2·‖w‖² in the loss: λ·w is added to the gradient, before momentum and before any scaling by the rule.
    case inLoss
    /// w shrinks by learningRate·λ·w beside the rule's own step (Loshchilov and Hutter 2019).
    case decoupled
  }

  /// Where the pull enters.
  public let kind: Kind
  /// λ.
  public let rate: Double
  /// Whether biases, scales and shifts are pulled too.
  public let includesBiases: Bool

  /// No pull.
  public static let none = WeightDecay(kind: .inLoss, rate: 0, includesBiases: false)

  /// λ/2·‖w‖² in the loss.
  public static func inLoss(_ rate: Double, includingBiases: Bool = false) -> WeightDecay {
    WeightDecay(kind: .inLoss, rate: rate, includesBiases: includingBiases)
  }

  /// A pull beside the rule's own step.
  public static func decoupled(_ rate: Double, includingBiases: Bool = false) -> WeightDecay {
    WeightDecay(kind: .decoupled, rate: rate, includesBiases: includingBiases)
  }

  private func applies<S>(to parameter: OptimizedParameter<S>) -> Bool {
    rate != 0 && (parameter.isWeight || includesBiases)
  }

  /// The gradient with the loss's share added.
  func gradient<S: Scalar>(_ parameter: OptimizedParameter<S>) -> Node<S> {
    kind == .inLoss && applies(to: parameter)
      ? parameter.gradient + rate * parameter.variable : parameter.gradient
  }

  /// The variable after the decoupled share.
  func shrunk<S: Scalar>(_ parameter: OptimizedParameter<S>, rate learningRate: Node<S>) -> Node<S> {
    kind == .decoupled && applies(to: parameter)
      ? parameter.variable - learningRate * rate * parameter.variable : parameter.variable
  }
}

extension WeightDecay: CustomStringConvertible {
  /// As in `weight decay 0.0005 in the loss`.
  public var description: String {
    if rate == 0 { return "no weight decay" }
    return "weight decay \(rate) \(kind == .inLoss ? "in the loss" : "beside the step")"
      + (includesBiases ? ", of biases too" : "")
  }
}

import Autodiff
import BLAS
import NeuralNetworks
import Tensors

/// The step of an optimizer by gradients that were summed over the parts of a batch; it leaves the sums at zero.
final class GradientSums {
  private let graph = Graph<Float>()
  private let rate: Node<Float>
  private let state: State<Float>
  private let pool: ThreadPool
  private var compiled: Plan<Float>?

  private static let suffix = "/gradient sum"

  /// The sum that belongs to a trainable variable; zero before the first part.
  static func variable(of variable: Node<Float>, in graph: Graph<Float>) -> Node<Float> {
    graph.variable(
      (graph.name(of: variable) ?? "") + suffix, variable.shape.resolved(batch: 1), .initializer(.zeros, fans: nil),
      isTrainable: false)
  }

  /// Whether a variable is such a sum, which means nothing between steps.
  static func isSum(_ name: String) -> Bool { name.hasSuffix(suffix) }

  init(
    of parts: StepGraph, optimizer: any Optimizer, clipping: GradientClipping, rateFactors: [String: Double],
    state: State<Float>, pool: ThreadPool
  ) throws(GraphError) {
    self.state = state
    self.pool = pool
    rate = graph.input([], name: "rate")
    let variables = parts.graph.trainableVariables.map { variable in
      // Drawn already, for the parts; only the name and the shape matter here.
      graph.variable(
        parts.graph.name(of: variable) ?? "", variable.shape.resolved(batch: 1), .initializer(.zeros, fans: nil),
        isTrainable: true)
    }
    let sums = variables.map { Self.variable(of: $0, in: graph) }
    optimizer.record(
      StepGraph.optimizerContext(
        graph, parts.context.unpenalizedNames, variables, clipping(sums), rate, rateFactors))
    for sum in sums { graph.update(sum, to: graph.constant(0, shape: sum.shape)) }
    try graph.validate()
  }

  /// The plan, which does not depend on the batch.
  func plan() throws(GraphError) -> Plan<Float> {
    if let compiled { return compiled }
    let plan = try graph.compile([], state: state, pool: pool)
    compiled = plan
    return plan
  }

  /// The memory of the plan.
  func requirement() throws(GraphError) -> PlanRequirement { try graph.requirement([], state: state) }

  /// Changes the parameters by the sums.
  func apply(rate value: Double) throws {
    let plan = try plan()
    try plan.set(rate, to: value)
    plan.run()
  }
}

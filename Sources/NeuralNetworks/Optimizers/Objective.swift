import Autodiff
import BLAS
import Tensors

/// A scalar node as a function of some variables laid end to end, with its gradient.
final class Objective<S: Scalar> {
  private let loss: Node<S>
  private let gradients: [Node<S>]
  private let plan: Plan<S>
  private let state: State<S>
  private let names: [String]
  private let shapes: [Shape]
  /// How often the plan was run.
  private(set) var evaluations = 0

  init(
    _ loss: Node<S>, _ variables: [Node<S>], _ inputs: [(node: Node<S>, value: Tensor<S>)], _ state: State<S>,
    _ batch: Int, _ pool: ThreadPool
  ) throws {
    let known = Dictionary(uniqueKeysWithValues: loss.graph.variables.map { ($0.name, $0.node) })
    names = try variables.map { node in
      guard let name = loss.graph.name(of: node), known[name] == node else {
        throw MinimizationError.notAVariable("\(node)")
      }
      return name
    }
    self.loss = loss
    self.state = state
    shapes = variables.map { $0.shape.resolved(batch: batch) }
    gradients = loss.graph.gradients(of: loss, withRespectTo: variables)
    // The variables are outputs too, so that one which the loss does not depend on exists all the same.
    plan = try loss.graph.compile(
      [loss] + gradients + variables, batch: batch, state: state, pool: pool, updating: false)
    for input in inputs { try plan.set(input.node, to: input.value) }
  }

  /// The point at which the variables are now.
  func start() throws -> Point {
    try evaluate(names.flatMap { name in (state[name]?.elements ?? []).map { Double($0) } })
  }

  /// The point at a position.
  func evaluate(_ position: [Double]) throws -> Point {
    try place(position)
    plan.run()
    evaluations += 1
    let gradient = try gradients.flatMap { node in try plan.withValue(of: node) { $0.map { Double($0) } } }
    return Point(position: position, value: try plan.scalar(loss), gradient: gradient)
  }

  /// Gives the variables the values of a position.
  func place(_ position: [Double]) throws {
    var start = 0
    for (name, shape) in zip(names, shapes) {
      state[name] = Tensor(shape, position[start..<(start + shape.count)].map { S($0) })
      start += shape.count
    }
  }
}

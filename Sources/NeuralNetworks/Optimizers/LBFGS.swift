public import Autodiff
public import BLAS
public import Tensors

/// Limited-memory BFGS for a scalar node over all data at once: no batches, no learning rate.
///
/// The step's direction is -H·g, where H is built from the last changes of the variables and of the gradient by the two-loop
/// recursion; its length satisfies the strong Wolfe conditions. Source: Nocedal and Wright (2006), algorithms 7.4, 7.5, 3.5
/// and 3.6.
///
/// ```swift
/// let result = try LBFGS().minimize(loss, over: graph.trainableVariables, inputs: [(x, data)], state: state, batch: 100)
/// ```
public struct LBFGS: Sendable, Hashable {
  /// How many changes are remembered.
  public let memory: Int
  /// After how many steps it stops in any case.
  public let maximumIterations: Int
  /// It has converged where no derivative is larger in magnitude than this.
  public let gradientTolerance: Double

  /// Ten changes and 500 steps unless told otherwise.
  public init(memory: Int = 10, maximumIterations: Int = 500, gradientTolerance: Double = 1e-6) {
    self.memory = memory
    self.maximumIterations = maximumIterations
    self.gradientTolerance = gradientTolerance
  }

  /// Where a minimization ended.
  public struct Minimization: Sendable, Hashable {
    /// The node's value.
    public let value: Double
    /// The largest magnitude among the derivatives.
    public let gradientNorm: Double
    /// How many steps were made.
    public let iterations: Int
    /// How often value and gradient were computed.
    public let evaluations: Int
    /// Whether the gradient is within the tolerance.
    public let converged: Bool
  }

  /// Changes `variables` until `loss` is at a minimum.
  ///
  /// - Parameters:
  ///   - loss: a scalar node.
  ///   - variables: variables of its graph; their values are read from `state` and the result is left there.
  ///   - inputs: a value for each input that the loss depends on.
  ///   - batch: the size of the batch axis.
  /// - Returns: where it ended; `converged` is false after `maximumIterations`, and where rounding leaves no step that lowers
  ///   the value.
  /// - Throws: `GraphError` where the graph cannot be compiled or an input does not fit, ``MinimizationError`` where the value
  ///   is not finite at the start or a node is not a variable.
  public func minimize<S: Scalar>(
    _ loss: Node<S>, over variables: [Node<S>], inputs: [(node: Node<S>, value: Tensor<S>)] = [], state: State<S>,
    batch: Int = 1, pool: ThreadPool = .shared
  ) throws -> Minimization {
    let objective = try Objective(loss, variables, inputs, state, batch, pool)
    var point = try objective.start()
    guard point.isFinite else { throw MinimizationError.notFinite(value: point.value) }
    var history = InverseHessian(capacity: max(memory, 1))
    var iterations = 0
    while !isConverged(point), iterations < maximumIterations {
      var direction = history.descentDirection(point.gradient)
      var slope = dot(direction, point.gradient)
      if !(slope < 0) {
        // Rounding has spoiled what is remembered; steepest descent starts anew.
        history = InverseHessian(capacity: max(memory, 1))
        direction = point.gradient.map { -$0 }
        slope = dot(direction, point.gradient)
      }
      let first = history.isEmpty ? min(1, 1 / point.gradient.reduce(0) { $0 + abs($1) }) : 1
      let search = WolfeLineSearch(resolution: 16 * Double(S.ulpOfOne))
      guard let next = try search.run(from: point, direction, slope, firstStep: first, objective.evaluate) else {
        guard !history.isEmpty else { break }
        history = InverseHessian(capacity: max(memory, 1))
        iterations += 1
        continue
      }
      history.remember(from: point, to: next)
      point = next
      iterations += 1
    }
    // The line search may have tried a point after the one that it chose.
    try objective.place(point.position)
    return Minimization(
      value: point.value, gradientNorm: point.gradientNorm, iterations: iterations, evaluations: objective.evaluations,
      converged: isConverged(point))
  }

  private func isConverged(_ point: Point) -> Bool { point.gradientNorm <= gradientTolerance }
}

/// Why a minimization cannot start.
public enum MinimizationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The value, or a derivative, is not finite at the start.
  case notFinite(value: Double)
  /// What is to be changed is not a variable of the graph.
  case notAVariable(String)

  /// What was found.
  public var description: String {
    switch self {
    case .notFinite(let value): "minimization starts where value and gradient are finite, found the value \(value)"
    case .notAVariable(let node): "only variables can be minimized over, found \(node)"
    }
  }
}

/// A place, the value there and its gradient, in Double whatever the graph computes in.
struct Point {
  var position: [Double]
  var value: Double
  var gradient: [Double]

  var gradientNorm: Double { gradient.reduce(0) { max($0, abs($1)) } }
  var isFinite: Bool { value.isFinite && gradient.allSatisfy(\.isFinite) }
}

/// Σ a_i·b_i.
func dot(_ a: [Double], _ b: [Double]) -> Double {
  var total = 0.0
  for index in a.indices { total += a[index] * b[index] }
  return total
}

/// H of the last few steps, as pairs of changes.
struct InverseHessian {
  let capacity: Int
  private var pairs: [(change: [Double], gradientChange: [Double], curvature: Double)] = []

  init(capacity: Int) { self.capacity = capacity }

  var isEmpty: Bool { pairs.isEmpty }

  /// Keeps a step, unless the curvature along it is not positive beyond rounding.
  mutating func remember(from old: Point, to new: Point) {
    let change = zip(new.position, old.position).map { $0 - $1 }
    let gradientChange = zip(new.gradient, old.gradient).map { $0 - $1 }
    let curvature = dot(change, gradientChange)
    guard curvature > 1e-14 * dot(gradientChange, gradientChange).squareRoot() * dot(change, change).squareRoot() else {
      return
    }
    if pairs.count == capacity { pairs.removeFirst() }
    pairs.append((change, gradientChange, curvature))
  }

  /// -H·g by the two-loop recursion, algorithm 7.4, started from equation 7.20's multiple of the identity.
  func descentDirection(_ gradient: [Double]) -> [Double] {
    var q = gradient
    var factors: [Double] = []
    for pair in pairs.reversed() {
      let factor = dot(pair.change, q) / pair.curvature
      for index in q.indices { q[index] -= factor * pair.gradientChange[index] }
      factors.append(factor)
    }
    if let last = pairs.last {
      let scale = last.curvature / dot(last.gradientChange, last.gradientChange)
      for index in q.indices { q[index] *= scale }
    }
    for (pair, factor) in zip(pairs, factors.reversed()) {
      let correction = factor - dot(pair.gradientChange, q) / pair.curvature
      for index in q.indices { q[index] += correction * pair.change[index] }
    }
    return q.map { -$0 }
  }
}

public import BLAS
public import Tensors

/// Compares a graph's gradients with central differences in Double.
public struct GradientCheck: Sendable {
  /// One element whose two derivatives were compared.
  public struct Element: Sendable {
    /// The name of the variable or input.
    public let name: String
    /// Row-major index of the element.
    public let index: Int
    /// The gradient node's value.
    public let analytic: Double
    /// (f(x + h) - f(x - h)) / 2h.
    public let numeric: Double
    /// |analytic - numeric| / max(|analytic|, |numeric|, 1).
    public let error: Double
  }

  /// The element with the largest error among the smooth ones, or `nil` where nothing was compared.
  public let worst: Element?
  /// Elements at which the slopes on both sides disagree: kinks, where no derivative exists to compare with.
  public let kinks: [Element]
  /// How many elements were compared.
  public let count: Int

  /// The largest error, 0 where nothing was compared.
  public var largestError: Double { worst?.error ?? 0 }

  /// Checks the gradient of `scalar` with respect to each node of `leaves` at their present values.
  ///
  /// - Parameters:
  ///   - scalar: a node without axes.
  ///   - leaves: inputs, with their values, and variables, whose values are taken from `state`.
  ///   - inputs: values of all inputs that the graph needs.
  ///   - step: h, scaled by max(|x|, 1).
  ///   - kinkTolerance: how far the slopes on both sides may lie apart, relative to max(|slope|, 1), before the element is
  ///     called a kink.
  /// - Throws: ``GraphError`` where the graph cannot be compiled or a leaf has no value.
  public init(
    of scalar: Node<Double>, withRespectTo leaves: [Node<Double>],
    inputs: [(node: Node<Double>, value: Tensor<Double>)] = [], state: State<Double> = State(), batch: Int = 1,
    step: Double = 1e-5, kinkTolerance: Double = 1e-2
  ) throws {
    let graph = scalar.graph
    let gradients = graph.gradients(of: scalar, withRespectTo: leaves)
    // With the leaves among the outputs, one that the scalar does not depend on is there too.
    let plan = try graph.compile([scalar] + gradients + leaves, batch: batch, state: state, updating: false)
    for input in inputs where plan.takes(input.node) { try plan.set(input.node, to: input.value) }
    plan.run()
    let analytic = try gradients.map { try plan.value(of: $0) }
    let base = try plan.scalar(scalar)

    func evaluate() throws -> Double {
      plan.run()
      return try plan.scalar(scalar)
    }
    var (worst, kinks, count): (Element?, [Element], Int) = (nil, [], 0)
    for (leaf, gradient) in zip(leaves, analytic) {
      let name = graph.name(of: leaf) ?? "\(leaf)"
      let given = inputs.first { $0.node == leaf }?.value
      guard let value = given ?? state[name] else { throw GraphError.notAnInput(name) }
      func set(_ tensor: Tensor<Double>) throws {
        if given == nil { state[name] = tensor } else if plan.takes(leaf) { try plan.set(leaf, to: tensor) }
      }
      for index in 0..<value.shape.count {
        let h = step * Swift.max(Swift.abs(value.elements[index]), 1)
        var moved = value
        moved.elements[index] = value.elements[index] + h
        try set(moved)
        let above = try evaluate()
        moved.elements[index] = value.elements[index] - h
        try set(moved)
        let below = try evaluate()
        let numeric = (above - below) / (2 * h)
        let (right, left) = ((above - base) / h, (base - below) / h)
        let exact = gradient.elements[index]
        let scale = Swift.max(Swift.abs(exact), Swift.abs(numeric), 1)
        let element = Element(
          name: name, index: index, analytic: exact, numeric: numeric, error: Swift.abs(exact - numeric) / scale)
        count += 1
        if Swift.abs(right - left) > kinkTolerance * Swift.max(Swift.abs(right), Swift.abs(left), 1) {
          kinks.append(element)
        } else if element.error > (worst?.error ?? -1) || element.error.isNaN {
          worst = element
        }
      }
      try set(value)
    }
    self.worst = worst
    self.kinks = kinks
    self.count = count
  }
}

extension GradientCheck: CustomStringConvertible {
  /// One sentence with the worst element.
  public var description: String {
    guard let worst else { return "no smooth element was compared (\(kinks.count) kinks)" }
    return "worst of \(count) elements: \(worst.name)[\(worst.index)] analytic \(worst.analytic), numeric "
      + "\(worst.numeric), error \(worst.error); \(kinks.count) kinks"
  }
}

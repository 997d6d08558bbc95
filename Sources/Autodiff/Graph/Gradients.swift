import Tensors
import BLAS

extension Graph {
  /// The gradient of a scalar with respect to each of `variables`, as nodes like any other.
  ///
  /// Reverse accumulation: each operation's rule is asked once, from the last node to the first. A variable that the scalar
  /// does not depend on gets zeros.
  public func gradients(of scalar: Node<S>, withRespectTo variables: [Node<S>]) -> [Node<S>] {
    guard scalar.graph === self, scalar.shape.rank == 0 else { return refusingNonScalar(scalar, variables) }
    return backward(from: scalar, seed: constant(1), to: variables) { operation, context in
      operation.gradients(context)
    }
  }

  /// The vector-Jacobian product of a node with any shape: `seed` has the shape of `node`.
  public func gradients(of node: Node<S>, seed: Node<S>, withRespectTo variables: [Node<S>]) -> [Node<S>] {
    guard seed.graph === self, node.graph === self, seed.shape == node.shape else {
      fail(
        seed.graph === self && node.graph === self
          ? .seedShape(expected: node.shape, found: seed.shape) : .foreignNode(operation: "gradients"))
      return variables
    }
    return backward(from: node, seed: seed, to: variables) { operation, context in operation.gradients(context) }
  }

  private func refusingNonScalar(_ node: Node<S>, _ variables: [Node<S>]) -> [Node<S>] {
    fail(node.graph === self ? .gradientOfNonScalar(shape: node.shape) : .foreignNode(operation: "gradients"))
    return variables
  }

  /// The diagonal of the Hessian under LeCun's approximation: for each operation with result y and operand x,
  /// `∂²E/∂x_i² = Σ_k (∂y_k/∂x_i)² ∂²E/∂y_k²`, dropping the terms that may be negative.
  ///
  /// Source: LeCun, Bottou, Bengio and Haffner (1998), appendix C. It is the exact diagonal of the Gauss-Newton matrix
  /// wherever every result of a layer reaches the loss through a diagonal path. A node whose curvature starts the walk is a
  /// loss; operations with a curvature of their own (a squared distance, a log-sum-exp) add it.
  public func diagonalCurvatures(of scalar: Node<S>, withRespectTo variables: [Node<S>]) -> [Node<S>] {
    guard scalar.graph === self, scalar.shape.rank == 0 else { return refusingNonScalar(scalar, variables) }
    guard variables.allSatisfy({ $0.graph === self }) else {
      fail(.foreignNode(operation: "diagonalCurvatures"))
      return variables
    }
    let reached = indicesReaching(variables)
    let inner = records.indices.filter { reached[$0] && $0 <= scalar.index }.map { Node(graph: self, index: $0) }
    let first = gradients(of: scalar, withRespectTo: inner)
    let firstGradients = Dictionary(zip(inner.map(\.index), first), uniquingKeysWith: { old, _ in old })
    return backward(from: scalar, seed: constant(0), to: variables, firstGradients: firstGradients) {
      operation, context in operation.curvatures(context)
    }
  }

  private func indicesReaching(_ variables: [Node<S>]) -> [Bool] {
    var reached = [Bool](repeating: false, count: records.count)
    for variable in variables { reached[variable.index] = true }
    for index in records.indices where !reached[index] {
      reached[index] = records[index].operands.contains { reached[$0] }
    }
    return reached
  }

  private func backward(
    from scalar: Node<S>, seed: Node<S>, to variables: [Node<S>], firstGradients: [Int: Node<S>] = [:],
    rule: (any Operation, GradientContext<S>) -> [Node<S>?]
  ) -> [Node<S>] {
    // After a mistake the shapes that the rules rely on are guesses.
    guard failure == nil else { return variables }
    guard variables.allSatisfy({ $0.graph === self }) else {
      fail(.foreignNode(operation: "gradients"))
      return variables
    }
    let reached = indicesReaching(variables)
    var accumulated: [Int: Node<S>] = [scalar.index: seed]
    for index in stride(from: scalar.index, through: 0, by: -1) {
      guard reached[index], let gradient = accumulated[index], !records[index].operands.isEmpty else { continue }
      let record = records[index]
      let context = GradientContext(
        operands: record.operands.map { Node(graph: self, index: $0) }, result: Node(graph: self, index: index),
        gradient: gradient, firstGradient: firstGradients[index], isNeeded: record.operands.map { reached[$0] })
      // Derivatives are recorded under the layer that they belong to.
      withScope(record.scope) {
        for (operand, contribution) in zip(record.operands, rule(record.operation, context)) where reached[operand] {
          guard let contribution else { continue }
          accumulated[operand] = accumulated[operand].map { $0 + contribution } ?? contribution
        }
      }
    }
    return variables.map { accumulated[$0.index] ?? constant(0, shape: $0.shape) }
  }
}

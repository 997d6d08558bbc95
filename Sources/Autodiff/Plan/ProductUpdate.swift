import BLAS
import Tensors

/// An update variable ← variable + factor·scale·op(A)·op(B) that the product carries out itself.
///
/// The gradient of a dense layer's weights is as large as the weights; added to them while it is computed, it is neither
/// written nor read again. Plain gradient descent has this form, with the learning rate as the scale.
struct ProductUpdate {
  /// A velocity that takes the product, velocity ← μ·velocity + factor·scale·op(A)·op(B) + λ·variable, and that the variable
  /// follows: variable ← variable + β·velocity.
  struct Momentum {
    /// Which of the graph's updates is the velocity's.
    let update: Int
    /// μ.
    let factor: Double
    /// λ, and whether the product's scale multiplies it as well.
    let decay: Double
    let scalesDecay: Bool
    /// β, and a node of one element that is known before the step, by which it is multiplied.
    let step: Double
    let scale: Int?
  }

  /// Which of the graph's updates it is.
  let update: Int
  /// The product, then the elementwise nodes between it and the updates, in recording order.
  let members: [Int]
  /// A number known when compiling.
  let factor: Double
  /// A node of one element that is known before the step.
  let scale: Int?
  /// The velocity that takes the product in the variable's place, if there is one.
  var momentum: Momentum?
  /// The gradient of the layer's input, G·Wᵀ, where the same pass over the old weights makes it.
  var inputGradient: Int?

  /// The product that is added.
  var product: Int { members[0] }
  /// The nodes of one element that are read, the product's first.
  var scales: [Int] { [scale, momentum?.scale].compactMap { $0 } }
  /// The updates that are carried out, the variable's first.
  var updates: [Int] { [update] + (momentum.map { [$0.update] } ?? []) }
}

/// Finds the updates that products can carry out.
struct ProductUpdateFinder<S: Scalar> {
  let graph: Graph<S>
  let shapes: [Int: Shape]
  let updates: [Graph<S>.Update]
  /// How often each node is read, by nodes, updates and as an output.
  let uses: [Int: Int]
  private let updated: Set<Int>

  init(graph: Graph<S>, shapes: [Int: Shape], updates: [Graph<S>.Update], uses: [Int: Int]) {
    (self.graph, self.shapes, self.updates, self.uses) = (graph, shapes, updates, uses)
    updated = Set(updates.map(\.variable))
  }

  /// The updates without a velocity.
  func run() -> [ProductUpdate] {
    updates.indices.compactMap { number in
      let (variable, value) = (updates[number].variable, updates[number].value)
      guard uses[value] == 1,
        let form = form(of: value, variable, isTerm: { $0 == variable || isProduct($0, variable) }),
        form.terms.count == 2, form.coefficient(of: variable) == 1,
        let product = form.terms.first(where: { $0.node != variable })
      else { return nil }
      return ProductUpdate(
        update: number, members: [product.node] + form.members.sorted(), factor: product.factor, scale: product.scale)
    }
  }

  /// The update of a variable that follows a velocity, and of that velocity, if `numbers` are the two.
  func momentumUpdate(_ numbers: [Int]) -> ProductUpdate? {
    guard numbers.count == 2 else { return nil }
    return momentumUpdate(numbers[0], following: numbers[1]) ?? momentumUpdate(numbers[1], following: numbers[0])
  }

  private func momentumUpdate(_ number: Int, following other: Int) -> ProductUpdate? {
    let (variable, value) = (updates[number].variable, updates[number].value)
    let (velocity, next) = (updates[other].variable, updates[other].value)
    guard variable != velocity, uses[value] == 1, uses[next] == 2,
      let follows = form(of: value, variable, isTerm: { $0 == variable || $0 == next }), follows.terms.count == 2,
      follows.coefficient(of: variable) == 1, let step = follows.terms.first(where: { $0.node == next }),
      let takes = form(
        of: next, variable, isTerm: { $0 == variable || $0 == velocity || isProduct($0, variable) }),
      let factor = takes.coefficient(of: velocity),
      let product = takes.terms.first(where: { $0.node != variable && $0.node != velocity })
    else { return nil }
    let decay = takes.term(of: variable)
    guard takes.terms.count == (decay == nil ? 2 : 3) else { return nil }
    // A weight that is not finite leaves 0 times itself, which no kernel adds.
    if let decay, decay.factor == 0 || decay.scale != nil && decay.scale != product.scale { return nil }
    return ProductUpdate(
      update: number, members: [product.node] + (takes.members + follows.members).sorted(), factor: product.factor,
      scale: product.scale,
      momentum: ProductUpdate.Momentum(
        update: other, factor: factor, decay: decay?.factor ?? 0, scalesDecay: decay?.scale != nil, step: step.factor,
        scale: step.scale))
  }

  private func form(of node: Int, _ variable: Int, isTerm: (Int) -> Bool) -> LinearForm? {
    guard let shape = shapes[variable] else { return nil }
    var form = LinearForm()
    return add(node, to: &form, LinearForm.Term(node: node, factor: 1), shape, isRoot: true, isTerm) ? form : nil
  }

  /// Adds what a node is the sum of, `times` the factor and the scale that it has; false if it is none of `isTerm`.
  private func add(
    _ node: Int, to form: inout LinearForm, _ times: LinearForm.Term, _ shape: Shape, isRoot: Bool,
    _ isTerm: (Int) -> Bool
  ) -> Bool {
    guard shapes[node] == shape else { return false }
    if !isRoot && isTerm(node) {
      form.terms.append(LinearForm.Term(node: node, factor: times.factor, scale: times.scale))
      return true
    }
    guard isRoot || uses[node] == 1 else { return false }
    let record = graph.records[node]
    form.members.append(node)
    func go(_ operand: Int, _ factor: Double, _ scale: Int? = nil) -> Bool {
      add(
        operand, to: &form,
        LinearForm.Term(node: operand, factor: times.factor * factor, scale: scale ?? times.scale), shape,
        isRoot: false,
        isTerm)
    }
    switch record.operation {
    case let operation as Affine where operation.offset == 0: return go(record.operands[0], operation.scale)
    case is Addition: return go(record.operands[0], 1) && go(record.operands[1], 1)
    case is Subtraction: return go(record.operands[0], 1) && go(record.operands[1], -1)
    case is Multiplication where times.scale == nil:
      let (first, second) = (record.operands[0], record.operands[1])
      if isKnownScale(first) { return go(second, 1, first) }
      return isKnownScale(second) && go(first, 1, second)
    default: return false
    }
  }

  /// A product for the update of `variable` that nothing else reads.
  private func isProduct(_ node: Int, _ variable: Int) -> Bool {
    // A variable that changes in the same step could be read too late.
    graph.records[node].operation is MatrixMultiplication && shapes[node]?.rank == 2 && uses[node] == 1
      && graph.records[node].operands.allSatisfy { !updated.contains(graph.source(of: $0)) }
  }

  private func isKnownScale(_ node: Int) -> Bool {
    graph.records[node].operation is Leaf && shapes[node]?.count == 1 && !updated.contains(node)
  }
}

/// A node as a sum of others, each times a number and at most one scale.
private struct LinearForm {
  struct Term {
    let node: Int
    let factor: Double
    var scale: Int?
  }

  var terms: [Term] = []
  /// The elementwise nodes that make it of them.
  var members: [Int] = []

  /// The term of a node that appears once.
  func term(of node: Int) -> Term? {
    let own = terms.filter { $0.node == node }
    return own.count == 1 ? own[0] : nil
  }

  /// The number that a node which appears once is multiplied by; `nil` where there is a scale besides.
  func coefficient(of node: Int) -> Double? {
    term(of: node).flatMap { $0.scale == nil ? $0.factor : nil }
  }
}

import BLAS
import Tensors

/// An update variable ← variable + factor·scale·op(A)·op(B) that the product carries out itself.
///
/// The gradient of a dense layer's weights is as large as the weights; added to them while it is computed, it is neither
/// written nor read again. Plain gradient descent has this form, with the learning rate as the scale.
struct ProductUpdate {
  /// Which of the graph's updates it is.
  let update: Int
  /// The product and the elementwise nodes between it and the update, in recording order.
  let members: [Int]
  /// A number known when compiling.
  let factor: Double
  /// A node of one element that is known before the step.
  let scale: Int?
  /// The gradient of the layer's input, G·Wᵀ, where the same pass over the old weights makes it.
  var inputGradient: Int?

  /// The product that is added.
  var product: Int { members[0] }
}

/// Finds the updates that products can carry out.
struct ProductUpdateFinder<S: Scalar> {
  let graph: Graph<S>
  let shapes: [Int: Shape]
  let updates: [Graph<S>.Update]
  /// How often each node is read, by nodes, updates and as an output.
  let uses: [Int: Int]

  private var updated: Set<Int> { Set(updates.map(\.variable)) }

  func run() -> [ProductUpdate] {
    updates.indices.compactMap { number in
      let (variable, value) = (updates[number].variable, updates[number].value)
      let operands = graph.records[value].operands
      guard uses[value] == 1, shapes[value] == shapes[variable], operands.count == 2, operands[0] != operands[1] else {
        return nil
      }
      switch graph.records[value].operation {
      case is Subtraction where operands[0] == variable: return term(operands[1], number, -1, [value])
      case is Addition where operands[0] == variable: return term(operands[1], number, 1, [value])
      case is Addition where operands[1] == variable: return term(operands[0], number, 1, [value])
      default: return nil
      }
    }
  }

  /// What is added to the variable, if it is a product with at most one scale.
  private func term(
    _ node: Int, _ number: Int, _ factor: Double, _ members: [Int], scale: Int? = nil
  ) -> ProductUpdate? {
    guard uses[node] == 1, shapes[node] == shapes[updates[number].variable] else { return nil }
    let record = graph.records[node]
    let members = [node] + members
    switch record.operation {
    case let operation as Affine where operation.offset == 0:
      return term(record.operands[0], number, factor * operation.scale, members, scale: scale)
    case is Multiplication where scale == nil:
      let (first, second) = (record.operands[0], record.operands[1])
      if isKnownScale(first) { return term(second, number, factor, members, scale: first) }
      if isKnownScale(second) { return term(first, number, factor, members, scale: second) }
      return nil
    case is MatrixMultiplication where shapes[node]?.rank == 2:
      // A variable that changes in the same step could be read too late.
      guard record.operands.allSatisfy({ !updated.contains(graph.source(of: $0)) }) else { return nil }
      return ProductUpdate(update: number, members: members, factor: factor, scale: scale)
    default:
      return nil
    }
  }

  private func isKnownScale(_ node: Int) -> Bool {
    graph.records[node].operation is Leaf && shapes[node]?.count == 1 && !updated.contains(node)
  }
}

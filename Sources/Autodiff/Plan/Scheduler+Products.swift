import BLAS
import Tensors

/// Products that updates take over, when all nodes and updates have been placed.
extension Scheduler {
  /// Lets products that are added to a dense layer's weights make the gradient of the layer's input as well: it is the last to
  /// read the old weights, and both go over them row by row.
  mutating func takeInputGradients() {
    for home in drafts.indices {
      guard let update = drafts[home].productUpdate, let (node, made) = inputGradient(of: update) else { continue }
      let needs = drafts[home].after.union(drafts[made].after).subtracting([home, made])
      guard !needs.contains(where: { reaches(made, from: $0) || reaches(home, from: $0) }) else { continue }
      drafts[home].members.insert(node, at: 0)
      drafts[home].productUpdate?.inputGradient = node
      drafts[home].position = drafts[made].position
      drafts[home].after = needs
      for later in drafts.indices where drafts[later].after.contains(made) {
        drafts[later].after.remove(made)
        drafts[later].after.insert(home)
      }
      drafts[made].members = []
      draftOfNode[node] = home
    }
  }

  /// The product G·Wᵀ beside an update W ← W + α·Xᵀ·G, and the draft that makes it, if one pass over W is worth it.
  private func inputGradient(of update: ProductUpdate) -> (node: Int, draft: Int)? {
    let variable = updates[update.update].variable
    let product = graph.records[update.members[0]]
    guard let own = product.operation as? MatrixMultiplication, own.transposesA, !own.transposesB,
      let weights = shapes[variable], let batch = shapes[product.operands[1]]?[0],
      BackwardProduct<S>(batch: batch, inputs: weights[0], outputs: weights[1]) != nil
    else { return nil }
    let found = live.filter { node in
      let record = graph.records[node]
      guard let operation = record.operation as? MatrixMultiplication, operation.transposesB, !operation.transposesA
      else { return false }
      return record.operands == [product.operands[1], variable] && !outputs.contains(node)
    }
    // What is added may be made of that very product, as where weights are stored transposed.
    guard found.count == 1, let node = found.first, graph.source(of: product.operands[0]) != node,
      let draft = draftOfNode[node], drafts[draft].members == [node]
    else { return nil }
    return (node, draft)
  }

  /// Lets updates take the gradients of large matrices, and of any under short sums or in a cache, block by block, as soon as the
  /// outputs are known.
  mutating func takeProducts(_ uses: [Int: Int]) {
    let finder = BlockedProductFinder(graph: graph, shapes: shapes, uses: uses)
    for home in drafts.indices where drafts[home].isElementwise && !drafts[home].updates.isEmpty {
      let variables = Set(drafts[home].updates.map { updates[$0].variable })
      guard
        let product = finder.product(
          readBy: drafts[home].members, shape: drafts[home].shape, updating: variables),
        let made = draftOfNode[product], drafts[made].members == [product]
      else { continue }
      let needs = drafts[made].after.union(outputs.compactMap { producer(of: $0) }).subtracting([made, home])
      guard !needs.contains(where: { reaches(home, from: $0) }) else { continue }
      // What waits for the product, since it reads a variable that is updated, waits for the update from here on.
      let waiting = drafts.indices.filter { $0 != home && $0 != made && drafts[$0].after.contains(made) }
      guard
        !waiting.contains(where: { later in (needs.union([home])).contains { $0 == later || reaches(later, from: $0) } }
        )
      else { continue }
      for later in waiting {
        drafts[later].after.remove(made)
        drafts[later].after.insert(home)
      }
      drafts[home].members.insert(product, at: 0)
      drafts[home].product = product
      drafts[home].position = product
      drafts[home].after.formUnion(needs)
      drafts[home].after.remove(made)
      drafts[made].members = []
      draftOfNode[product] = home
    }
  }
}

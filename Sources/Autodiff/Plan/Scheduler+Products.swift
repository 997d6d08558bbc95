import BLAS
import Tensors

/// Products that updates take over, when all nodes and updates have been placed.
extension Scheduler {
  /// Lets products that are added to a dense layer's weights make the gradient of the layer's input as well: it is the last to
  /// read the old weights, and both go over them row by row.
  mutating func takeInputGradients() {
    for home in drafts.indices {
      guard let update = drafts[home].productUpdate, let (node, made) = inputGradient(of: update),
        absorb([made], into: home)
      else { continue }
      make(update, with: node, in: home, at: drafts[made].position)
    }
  }

  /// Lets the same pass over the weights carry out updates with momentum, which are elementwise otherwise.
  mutating func takeMomentum(_ finder: ProductUpdateFinder<S>) {
    for home in drafts.indices where drafts[home].isElementwise {
      guard let update = finder.momentumUpdate(drafts[home].updates), onePass(update) != nil,
        Set(drafts[home].members + [update.product]) == Set(update.members),
        let product = draftOfNode[update.product], drafts[product].members == [update.product]
      else { continue }
      let known = Set(outputs.compactMap { producer(of: $0) })
      var gradient = inputGradient(of: update)
      // Something that the update needs may wait for the gradient, which is then made before.
      if let made = gradient?.draft, !absorb([product, made], into: home, waitingFor: known) { gradient = nil }
      guard gradient != nil || absorb([product], into: home, waitingFor: known) else { continue }
      let position = drafts[gradient?.draft ?? product].position
      drafts[home].members = update.members
      drafts[home].isElementwise = false
      draftOfNode[update.product] = home
      make(update, with: gradient?.node, in: home, at: position)
    }
  }

  /// Makes a draft carry out an update, and make an input gradient with it, if there is one.
  private mutating func make(_ update: ProductUpdate, with node: Int?, in home: Int, at position: Int) {
    drafts[home].productUpdate = update
    drafts[home].productUpdate?.inputGradient = node
    drafts[home].position = position
    guard let node else { return }
    drafts[home].members.insert(node, at: 0)
    draftOfNode[node] = home
  }

  /// Lets `home` take the place of other drafts, unless something that they need waits for one of them.
  private mutating func absorb(_ others: [Int], into home: Int, waitingFor more: Set<Int> = []) -> Bool {
    let all = others + [home]
    let needs = all.reduce(into: more) { $0.formUnion(drafts[$1].after) }.subtracting(all)
    guard !needs.contains(where: { need in all.contains { reaches($0, from: need) } }) else { return false }
    drafts[home].after = needs
    for later in drafts.indices where !drafts[later].after.isDisjoint(with: others) {
      drafts[later].after.subtract(others)
      drafts[later].after.insert(home)
    }
    for other in others { drafts[other].members = [] }
    return true
  }

  /// The pass over W that carries out an update W ← W + α·Xᵀ·G, if one is worth it.
  private func onePass(_ update: ProductUpdate) -> BackwardProduct<S>? {
    let product = graph.records[update.product]
    guard let operation = product.operation as? MatrixMultiplication, let weights = shapes[update.product] else {
      return nil
    }
    return BackwardProduct(of: operation, product.operands.map { shapes[$0] ?? [] }, weights)
  }

  /// The product G·Wᵀ beside an update W ← W + α·Xᵀ·G, and the draft that makes it, if one pass over W is worth it.
  private func inputGradient(of update: ProductUpdate) -> (node: Int, draft: Int)? {
    guard onePass(update) != nil else { return nil }
    let variable = updates[update.update].variable
    let product = graph.records[update.product]
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
      // What waits for the product, since it reads a variable that is updated, waits for the update from here on.
      guard
        let product = finder.product(
          readBy: drafts[home].members, shape: drafts[home].shape, updating: variables),
        let made = draftOfNode[product], drafts[made].members == [product],
        absorb([made], into: home, waitingFor: Set(outputs.compactMap { producer(of: $0) }))
      else { continue }
      drafts[home].members.insert(product, at: 0)
      drafts[home].product = product
      drafts[home].position = product
      draftOfNode[product] = home
    }
  }
}

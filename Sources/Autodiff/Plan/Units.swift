import BLAS
import Tensors

/// What the plan executes at one point of its schedule: a single operation, or a group of elementwise ones in one pass.
struct Unit {
  /// Node indices in recording order, but first what a kernel makes beside an update.
  var members: [Int]
  var isElementwise: Bool
  /// The update that the unit's product carries out, if it is one, and that of the velocity.
  var productUpdate: ProductUpdate?
  /// The product, the first of the members, that an elementwise unit makes and reads block by block.
  var product: Int?

  /// The node whose values a kernel makes; nil where it adds a product to a variable and makes nothing else.
  var kernelResult: Int? {
    guard let productUpdate else { return members.first }
    return productUpdate.inputGradient
  }
}

/// An update is scheduled like an elementwise copy of its value into the variable.
struct Schedule {
  /// Units in an order in which every operand stands before its use.
  var units: [Unit] = []
  /// The unit that computes each node.
  var unitOfNode: [Int: Int] = [:]
  /// For each update (in the graph's order) the unit that writes it.
  var unitOfUpdate: [Int] = []
  /// For each unit those that must be done before it, as far as nothing between them says so.
  var after: [Set<Int>] = []
}

/// Groups elementwise nodes of one shape and orders all units.
struct Scheduler<S: Scalar> {
  let graph: Graph<S>
  let shapes: [Int: Shape]
  let live: [Int]
  let outputs: [Int]
  let updates: [Graph<S>.Update]

  struct Draft {
    var members: [Int] = []
    var updates: [Int] = []
    var productUpdate: ProductUpdate?
    var product: Int?
    var isElementwise: Bool
    var shape: Shape
    /// Drafts that must run before this one.
    var after: Set<Int> = []
    /// Where it was last added to; the order among units that are free to move.
    var position: Int
  }

  var drafts: [Draft] = []
  var draftOfNode: [Int: Int] = [:]
  /// The drafts whose members or updates read each source node.
  private var readersOfNode: [Int: Set<Int>] = [:]

  init(graph: Graph<S>, shapes: [Int: Shape], live: [Int], outputs: [Int], updates: [Graph<S>.Update]) {
    self.graph = graph
    self.shapes = shapes
    self.live = live
    self.outputs = outputs
    self.updates = updates
  }

  mutating func run() -> Schedule {
    let uses = self.uses
    let finder = ProductUpdateFinder(graph: graph, shapes: shapes, updates: updates, uses: uses)
    let products = finder.run()
    let taken = Set(products.flatMap(\.members))
    for cluster in clusters() where !cluster.contains(where: { taken.contains($0) }) { place(cluster) }
    var draftOfUpdate: [Int] = []
    for (number, update) in updates.enumerated() {
      let product = products.first { $0.update == number }
      draftOfUpdate.append(product.map { place($0) } ?? place(update, number: number))
    }
    takeInputGradients()
    takeMomentum(finder)
    takeProducts(uses)
    return ordered(draftOfUpdate)
  }

  /// How often each node is read, by nodes, updates and as an output.
  private var uses: [Int: Int] {
    let read = live.flatMap { graph.records[$0].operands } + outputs + updates.map(\.value)
    return read.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  /// Elementwise nodes gathered around the node that alone uses them, in an order in which operands stand first.
  ///
  /// A node is computed where it is used: the derivative of an activation, for instance, in the backward pass, from the
  /// activation that is kept anyway, and not in the forward pass into memory of its own.
  private func clusters() -> [[Int]] {
    var consumers: [Int: [Int]] = [:]
    for index in live {
      let record = graph.records[index]
      for operand in record.operands { consumers[operand, default: []].append(index) }
    }
    let kept = Set(outputs).union(updates.map(\.value))
    var root: [Int: Int] = [:]
    for index in live.reversed() {
      root[index] = index
      guard isFusible(index), !kept.contains(index), let users = consumers[index],
        users.allSatisfy({ isFusible($0) && shapes[$0] == shapes[index] }),
        let first = users.first.flatMap({ root[$0] }),
        users.allSatisfy({ root[$0] == first })
      else { continue }
      root[index] = first
    }
    let members = Dictionary(grouping: live.filter { isComputed($0) }) { root[$0] ?? $0 }
    return members.keys.sorted().compactMap { members[$0] }
  }

  private func isComputed(_ index: Int) -> Bool {
    !graph.records[index].operation.isLeaf && !graph.records[index].operation.isAlias
  }

  private func isFirst(_ index: Int) -> Bool { graph.records[index].stage == .first }

  private func isFusible(_ index: Int) -> Bool { graph.records[index].operation is any ElementwiseOperation }

  /// The draft that computes a node, seen through reshapes; `nil` for leaves.
  func producer(of index: Int) -> Int? { draftOfNode[graph.source(of: index)] }

  private mutating func place(_ cluster: [Int]) {
    guard let last = cluster.last, let shape = shapes[last] else { return }
    let operands = cluster.flatMap { graph.records[$0].operands }
    let needs = Set(operands.compactMap { producer(of: $0) })
    guard isFusible(last) else {
      drafts.append(Draft(members: cluster, isElementwise: false, shape: shape, after: needs, position: last))
      noteReads(of: operands, by: drafts.count - 1)
      draftOfNode[last] = drafts.count - 1
      return
    }
    // A reshaped operand is read through another shape, which only finished memory allows.
    let reshaped = operands.filter { shapes[$0] != shapes[graph.source(of: $0)] }.compactMap { producer(of: $0) }
    // What is computed again or later must not be drawn into the pass that it is to come after.
    let early = cluster.contains { isFirst($0) } ? [] : needs.filter { drafts[$0].members.contains { isFirst($0) } }
    let home = candidate(needs, shape, apartFrom: Set(reshaped + early)) ?? newElementwise(shape)
    drafts[home].members += cluster
    noteReads(of: operands, by: home)
    drafts[home].after.formUnion(needs.subtracting([home]))
    drafts[home].position = last
    for member in cluster { draftOfNode[member] = home }
  }

  /// An update runs after every reader of the variable's old value.
  private mutating func place(_ update: Graph<S>.Update, number: Int) -> Int {
    let readers = readers(of: update.variable)
    let value = Set([producer(of: update.value)].compactMap { $0 })
    let shape = shapes[update.variable] ?? []
    let home = candidate(value, shape, waitingFor: readers) ?? newElementwise(shape)
    drafts[home].updates.append(number)
    noteReads(of: [update.value], by: home)
    drafts[home].after.formUnion(value.union(readers).subtracting([home]))
    drafts[home].position = graph.records.count + number
    return home
  }

  /// A product that is added to its variable as soon as nobody reads the old value any more, and the outputs are known, so
  /// that a step which is given up for its loss has changed nothing.
  private mutating func place(_ update: ProductUpdate) -> Int {
    let variable = updates[update.update].variable
    let needs = (update.members.flatMap { graph.records[$0].operands } + outputs).compactMap { producer(of: $0) }
    drafts.append(
      Draft(
        members: update.members, updates: [update.update], productUpdate: update, isElementwise: false,
        shape: shapes[variable] ?? [], after: readers(of: variable).union(needs), position: update.members[0]))
    for member in update.members { draftOfNode[member] = drafts.count - 1 }
    noteReads(of: update.members.flatMap { graph.records[$0].operands }, by: drafts.count - 1)
    return drafts.count - 1
  }

  private func readers(of variable: Int) -> Set<Int> { readersOfNode[variable] ?? [] }

  private mutating func noteReads(of operands: [Int], by draft: Int) {
    for operand in operands { readersOfNode[graph.source(of: operand), default: []].insert(draft) }
  }

  private mutating func newElementwise(_ shape: Shape) -> Int {
    drafts.append(Draft(isElementwise: true, shape: shape, position: 0))
    return drafts.count - 1
  }

  /// A producer whose group the node may join: same shape, and nothing the node needs waits for that group.
  private func candidate(
    _ needs: Set<Int>, _ shape: Shape, apartFrom excluded: Set<Int> = [], waitingFor others: Set<Int> = []
  ) -> Int? {
    needs.subtracting(excluded).sorted(by: >).first { draft in
      guard drafts[draft].isElementwise, drafts[draft].shape == shape, drafts[draft].members.count < 48 else {
        return false
      }
      return !needs.union(others).contains { $0 != draft && reaches(draft, from: $0) }
    }
  }

  /// Whether `start` runs after `target`, directly or not.
  func reaches(_ target: Int, from start: Int) -> Bool {
    var stack = [start]
    var seen: Set<Int> = []
    while let draft = stack.popLast() {
      if draft == target { return true }
      for earlier in drafts[draft].after where seen.insert(earlier).inserted { stack.append(earlier) }
    }
    return false
  }

  /// Where each draft belongs: where it was last added to. With values that are computed again no later than what waits for it,
  /// so that none of them comes before what stands before it.
  private var positions: [Int] {
    var positions = drafts.map(\.position)
    guard live.contains(where: { graph.records[$0].stage == .again }) else { return positions }
    for draft in drafts.indices.sorted(by: { positions[$0] < positions[$1] }) {
      var stack = [draft]
      while let next = stack.popLast() {
        for earlier in drafts[next].after where positions[earlier] > positions[draft] {
          positions[earlier] = positions[draft]
          stack.append(earlier)
        }
      }
    }
    return positions
  }

  private func ordered(_ draftOfUpdate: [Int]) -> Schedule {
    var schedule = Schedule()
    var unitOfDraft: [Int: Int] = [:]
    var waiting = Set(drafts.indices.filter { !drafts[$0].members.isEmpty || !drafts[$0].updates.isEmpty })
    let positions = self.positions
    let byPosition = drafts.indices.sorted { (positions[$0], $0) < (positions[$1], $1) }
    while !waiting.isEmpty {
      guard
        let next = byPosition.first(where: { waiting.contains($0) && drafts[$0].after.isDisjoint(with: waiting) })
      else { preconditionFailure("the schedule has a cycle") }
      waiting.remove(next)
      unitOfDraft[next] = schedule.units.count
      for member in drafts[next].members { schedule.unitOfNode[member] = schedule.units.count }
      schedule.after.append(Set(drafts[next].after.compactMap { unitOfDraft[$0] }))
      schedule.units.append(
        Unit(
          members: drafts[next].members, isElementwise: drafts[next].isElementwise,
          productUpdate: drafts[next].productUpdate, product: drafts[next].product))
    }
    schedule.unitOfUpdate = draftOfUpdate.map { unitOfDraft[$0] ?? 0 }
    return schedule
  }
}

extension Operation {
  /// Whether the result is the operand's memory under another shape.
  var isAlias: Bool { self is Reshape || self is StopGradient }

  /// Whether nothing is computed while stepping.
  var isLeaf: Bool { self is Leaf || self is Fill }
}

extension Graph {
  /// The node whose memory `index` shows.
  func source(of index: Int) -> Int {
    var index = index
    while records[index].operation.isAlias { index = records[index].operands[0] }
    return index
  }
}

import BLAS
import Tensors

/// Compiles a graph for one batch size: live nodes, shapes, schedule, memory, kernels, in that order.
struct Compiler<S: Scalar> {
  let graph: Graph<S>
  /// The graph that was recorded, where ``graph`` is made of it, and its nodes by those of ``graph``.
  let recorded: Graph<S>
  private let recordedNodes: [Int: Int]
  /// The nodes that were asked for, by those of ``recorded``, where they stand in ``graph``, and the nodes whose memory shows
  /// their values after a step.
  let requested: [Int]
  let asked: [Int]
  let outputs: [Int]
  let batch: Int
  let state: State<S>
  let updates: [Graph<S>.Update]

  var shapes: [Int: Shape] = [:]
  private(set) var live: [Int] = []
  var memory = MemoryPlan()
  /// The buffer of each node that has memory in the arena.
  var bufferOfNode: [Int: Int] = [:]
  /// The nodes that are made band by band and have no memory.
  private(set) var banded: Set<Int> = []
  /// Memory outside the arena: inputs, variables, constants.
  var fixed: [Int: UnsafeMutablePointer<S>] = [:]
  /// Blocks full of one number, by its bits.
  var constants: [UInt64: UnsafeMutablePointer<S>] = [:]
  let owned = PlanMemory<S>()
  private var storages: [Int: Storage<S>] = [:]
  /// What inputs may be lent, by node.
  var lent: [Int: LentInput<S>] = [:]
  /// How many of the plan's steps have run when a unit is done.
  var stepsAfterUnit: [Int] = []
  /// Which units take slices of the batch, and the first units of runs that do not although they could.
  var sliceRule = SliceRule()
  var wholeRuns: Set<Int> = []

  init(graph: Graph<S>, outputs: [Int], batch: Int, state: State<S>, updates: [Graph<S>.Update]) {
    self.graph = graph
    (recorded, recordedNodes) = (graph, [:])
    (requested, asked) = (outputs, outputs)
    // A reshaped variable shares memory with it; a copy keeps the value that the step saw.
    let updated = Set(updates.map(\.variable))
    self.outputs = outputs.map { output in
      let source = graph.source(of: output)
      guard source != output, updated.contains(source) else { return output }
      return graph.record(Affine(scale: 1, offset: 0), [Node(graph: graph, index: output)]).index
    }
    self.batch = batch
    self.state = state
    self.updates = updates
  }

  /// The same plan of a graph made of the other's nodes.
  ///
  /// - Parameter nodes: where each of the other's nodes stands in `graph`; -1 where nothing needs it.
  init(_ other: Compiler, graph: Graph<S>, nodes: [Int]) {
    self.graph = graph
    recorded = other.recorded
    let live = nodes.indices.filter { nodes[$0] >= 0 }
    recordedNodes = Dictionary(live.map { (nodes[$0], other.recordedNodes[$0] ?? $0) }) { first, _ in first }
    requested = other.requested
    asked = other.asked.map { nodes[$0] }
    outputs = other.outputs.map { nodes[$0] }
    (batch, state, updates, sliceRule) = (other.batch, other.state, graph.updates, other.sliceRule)
  }

  mutating func compile(pool: ThreadPool) throws(GraphError) -> Plan<S> {
    let (schedule, leaves) = try schedule()
    try MachineMemory.check(elements: leaves.all, size: MemoryLayout<S>.stride, batch: batch)
    try prepareLeaves(schedule)
    let layout = layOut(schedule)
    try MachineMemory.check(elements: memory.count, size: MemoryLayout<S>.stride, batch: batch)
    makeConstants(layout.builders)
    let arena = owned.allocate(memory.count)
    let steps = emit(schedule, layout, arena)
    let inputs = inputIndices
    return Plan(
      batch: batch, graph: recorded, pool: pool, steps: steps,
      inputs: slots(inputs.map { recordedNodes[$0] ?? $0 }, inputs, arena, schedule),
      outputs: slots(requested, outputs, arena, schedule), memory: owned, storages: Array(storages.values),
      arenaBytes: memory.count * MemoryLayout<S>.stride)
  }

  /// What ``compile(pool:)`` would ask for, without asking for it.
  mutating func requirement() throws(GraphError) -> PlanRequirement {
    let (schedule, leaves) = try schedule()
    _ = layOut(schedule)
    let size = MemoryLayout<S>.stride
    return PlanRequirement(
      batch: batch, arenaBytes: memory.count * size, inputBytes: (leaves.all - leaves.variables) * size,
      variableBytes: leaves.variables * size, newVariableBytes: leaves.newVariables * size)
  }

  /// The nodes that are needed, and the shape of each.
  mutating func liveShapes() throws(GraphError) -> (live: [Int], shapes: [Int: Shape]) {
    findLiveNodes()
    for index in live { shapes[index] = try resolvedShape(of: index) }
    return (live, shapes)
  }

  /// The order of the units, and the elements of all leaves, of the variables among them and of those that are new.
  mutating func schedule() throws(GraphError) -> (
    Schedule, leaves: (all: Int, variables: Int, newVariables: Int)
  ) {
    _ = try liveShapes()
    var scheduler = Scheduler(
      graph: graph, shapes: shapes, live: live, outputs: outputs.map { graph.source(of: $0) }, updates: updates)
    var leaves = (all: 0, variables: 0, newVariables: 0)
    let schedule = scheduler.run()
    for index in live {
      let count = shapes[index]?.count ?? 0
      guard let leaf = graph.records[index].operation as? Leaf else { continue }
      leaves.all += count
      guard case .variable = leaf.kind else { continue }
      leaves.variables += count
      if state.storages[leaf.label] == nil { leaves.newVariables += count }
    }
    for index in fillsInMemory(schedule) { leaves.all += shapes[index]?.count ?? 0 }
    return (schedule, leaves)
  }

  /// How each unit computes, and which of them run together.
  struct Layout {
    let builders: [Int: ProgramBuilder<S>]
    let kernels: [Int: PreparedKernel<S>]
    let groups: TaskGroups<S>
    let concurrent: ConcurrentUnits
    /// The updates whose variable is written where its value is made.
    let inPlace: Set<Int>
    /// The units that take slices of the batch.
    let sliced: SlicedUnits<S>
    /// The units that run band by band, and what is then kept nowhere.
    var bands = BandedUnits<S>()
    /// The scratch of each unit.
    var scratch: [Int: UnitScratch] = [:]
  }

  /// Kernels and programs, and the place of every buffer in the arena.
  mutating func layOut(_ schedule: Schedule) -> Layout {
    let stored = storedNodes(schedule)
    let sliced = slicedUnits(schedule)
    let builders = makeBuilders(schedule, stored, sliced)
    let kernels = makeKernels(schedule, sliced)
    let made = sliced.shapesMade(shapes, schedule, graph)
    let groups = TaskGroups(
      schedule, graph: graph, shapes: made, builders: builders, kernels: kernels, borders: sliced.borders)
    var layout = Layout(
      builders: builders, kernels: kernels, groups: groups,
      concurrent: concurrentUnits(schedule, groups, builders, kernels, borders: sliced.borders),
      inPlace: updatesInPlace(schedule, builders), sliced: sliced)
    layout.bands = BandedUnits(
      schedule, groups: groups, graph: graph, shapes: made, builders: builders, kernels: kernels,
      readers: readers(schedule, builders))
    banded = layout.bands.nodes
    layout.scratch = planMemory(schedule, layout, stored)
    memory.place()
    return layout
  }

  // MARK: What is needed

  private mutating func findLiveNodes() {
    var isLive = Set<Int>()
    // Every input keeps its place, so that setting one that a plan does not need is no mistake.
    let inputs = graph.records.indices.filter { isInput($0) }
    var stack = outputs + inputs + updates.flatMap { [$0.value, $0.variable] }
    while let index = stack.popLast() {
      if isLive.insert(index).inserted { stack += graph.records[index].operands }
    }
    live = isLive.sorted()
  }

  private func resolvedShape(of index: Int) throws(GraphError) -> Shape {
    let record = graph.records[index]
    guard let shape = record.shape.resolved(checkingBatch: batch) else {
      throw .shape(
        operation: record.name ?? record.operation.name, operands: [record.shape],
        expectation: "fewer than \(SymbolicShape.largestCount) elements in a batch of \(batch)", scope: record.scope)
    }
    return shape
  }

  private var inputIndices: [Int] { live.filter { isInput($0) } }

  func isInput(_ index: Int) -> Bool {
    if case .input? = (graph.records[index].operation as? Leaf)?.kind { true } else { false }
  }

  /// Bytes of new variables from which on it is worth while to give back what drawing them took.
  private static var largeBytes: Int { 1 << 20 }

  private mutating func prepareLeaves(_ schedule: Schedule) throws(GraphError) {
    let fills = fillsInMemory(schedule)
    let before = state.byteCount
    // What drawing values took is freed by then, but the allocator keeps it.
    defer { if state.byteCount - before >= Self.largeBytes { FreedMemory.giveBack() } }
    for index in live {
      let record = graph.records[index]
      let shape = shapes[index] ?? []
      if let fill = record.operation as? Fill {
        guard fills.contains(index) else { continue }
        let start = owned.allocate(shape.count)
        start.update(repeating: S(fill.resolved(batch: batch)), count: shape.count)
        fixed[index] = start
      }
      guard let leaf = record.operation as? Leaf else { continue }
      switch leaf.kind {
      case .input:
        fixed[index] = owned.allocate(shape.count)
      case .constant(let tensor):
        let start = owned.allocate(shape.count)
        for (offset, element) in tensor.elements.enumerated() { start[offset] = S(element) }
        fixed[index] = start
      case .variable(let initial, _):
        let storage = try state.storage(leaf.label, shape: shape, initial: initial, scope: record.scope)
        storages[index] = storage
        fixed[index] = storage.start
      }
    }
  }

  /// The nodes of one number everywhere that need memory: elementwise programs take the number itself.
  private func fillsInMemory(_ schedule: Schedule) -> Set<Int> {
    let made = schedule.units.flatMap { unit in unit.isElementwise ? unit.product.map { [$0] } ?? [] : unit.members }
    let read = made.flatMap { graph.records[$0].operands }
    let solid = Set((read + outputs + updates.map(\.value)).map { graph.source(of: $0) })
    return solid.filter { graph.records[$0].operation is Fill }
  }

  /// Memory full of each number that an elementwise program reads as an operand.
  private mutating func makeConstants(_ builders: [Int: ProgramBuilder<S>]) {
    for case .uniform(let value) in builders.values.flatMap({ $0.drafts.flatMap(\.operands) })
    where constants[value.bitPattern] == nil {
      let start = owned.allocate(ElementwiseProgram<S>.longestBlock)
      start.update(repeating: S(value), count: ElementwiseProgram<S>.longestBlock)
      constants[value.bitPattern] = start
    }
  }

  // MARK: Kernels

  /// Nodes whose values some other unit, an output or another unit's update reads.
  func storedNodes(_ schedule: Schedule) -> Set<Int> {
    var stored = Set(outputs.map { graph.source(of: $0) })
    for (number, unit) in schedule.units.enumerated() {
      for member in unit.members {
        for operand in graph.records[member].operands {
          let source = graph.source(of: operand)
          if schedule.unitOfNode[source] != number { stored.insert(source) }
        }
      }
    }
    for (number, update) in updates.enumerated() {
      let source = graph.source(of: update.value)
      if schedule.unitOfNode[source] != schedule.unitOfUpdate[number] { stored.insert(source) }
    }
    return stored
  }

  private func makeBuilders(
    _ schedule: Schedule, _ stored: Set<Int>, _ sliced: SlicedUnits<S>
  ) -> [Int: ProgramBuilder<S>] {
    var builders: [Int: ProgramBuilder<S>] = [:]
    for (number, unit) in schedule.units.enumerated() where unit.isElementwise {
      let own = updates.indices.filter { schedule.unitOfUpdate[$0] == number }
      let seen = sliced.run(number) == nil ? shapes : shapes(in: number, unit, sliced)
      let shape = unit.members.first.flatMap { seen[$0] } ?? own.first.flatMap { shapes[updates[$0].variable] } ?? []
      builders[number] = ProgramBuilder(
        graph: graph, unit: unit, shape: shape, shapes: seen, stored: stored,
        updates: own.map { ($0, graph.source(of: updates[$0].value)) }, batch: batch)
    }
    return builders
  }

  /// The shapes in which a unit of a run sees what it reads and makes.
  private func shapes(in number: Int, _ unit: Unit, _ sliced: SlicedUnits<S>) -> [Int: Shape] {
    var seen: [Int: Shape] = [:]
    for node in unit.members + unit.members.flatMap({ graph.records[$0].operands }) {
      seen[node] = sliced.shape(of: node, shapes[node] ?? [], in: number, graph)
    }
    return seen
  }

  private func makeKernels(_ schedule: Schedule, _ sliced: SlicedUnits<S>) -> [Int: PreparedKernel<S>] {
    var kernels: [Int: PreparedKernel<S>] = [:]
    for (number, unit) in schedule.units.enumerated() where !unit.isElementwise {
      if let update = unit.productUpdate {
        kernels[number] = kernel(adding: update)
        continue
      }
      let record = graph.records[unit.members[0]]
      var operation = record.operation
      // What trains looks at all examples together anyway.
      if !updates.isEmpty, let convolution = operation as? Convolution { operation = convolution.joiningImages }
      let seen = shapes(in: number, unit, sliced)
      kernels[number] = operation.kernel(
        operands: record.operands.map { seen[$0] ?? [] }, result: seen[unit.members[0]] ?? [], as: S.self)
    }
    return kernels
  }

  /// The kernel of a product that is added to a variable.
  private func kernel(adding update: ProductUpdate) -> PreparedKernel<S> {
    let record = graph.records[update.product]
    guard let product = record.operation as? MatrixMultiplication else {
      preconditionFailure("\(record.operation.name) is added to a variable")
    }
    return product.updatingKernel(
      operands: record.operands.map { shapes[$0] ?? [] }, result: shapes[update.product] ?? [], update, as: S.self)
  }

  private func updatesInPlace(_ schedule: Schedule, _ builders: [Int: ProgramBuilder<S>]) -> Set<Int> {
    Set(
      updates.indices.filter { number in
        guard let builder = builders[schedule.unitOfUpdate[number]] else { return false }
        return builder.writesInPlace(
          (number, graph.source(of: updates[number].value)), variable: updates[number].variable)
      })
  }
}

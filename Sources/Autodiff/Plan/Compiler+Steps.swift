import BLAS
import Tensors

/// What a plan runs: each unit's kernel or program bound to its addresses.
extension Compiler {
  func address(_ node: Int, _ arena: UnsafeMutablePointer<S>) -> UnsafeMutablePointer<S> {
    let source = graph.source(of: node)
    if let start = fixed[source] { return start }
    guard let buffer = bufferOfNode[source] else {
      preconditionFailure("node \(source) (\(graph.records[source].operation.name)) has no memory")
    }
    return arena + memory.offsets[buffer]
  }

  /// The steps of all units, at their addresses in the arena.
  mutating func emit(
    _ schedule: Schedule, _ layout: Layout, _ arena: UnsafeMutablePointer<S>
  ) -> [PlanStep] {
    var steps: [PlanStep] = []
    var next = 0
    for run in layout.sliced.runs {
      emit(next..<run.units.lowerBound, slice: 0, schedule, layout, arena, to: &steps)
      for slice in 0..<run.slices { emit(run.units, slice: slice, schedule, layout, arena, to: &steps) }
      steps += PlanStep.together(run.units.map { (sums(over: run, in: $0, schedule, layout, arena), isSmall: true) })
      next = run.units.upperBound
      for unit in run.units { stepsAfterUnit[unit] = steps.count }
    }
    emit(next..<schedule.units.count, slice: 0, schedule, layout, arena, to: &steps)
    return steps
  }

  /// Adds the steps of some units, in a run those of one slice.
  private mutating func emit(
    _ units: Range<Int>, slice: Int, _ schedule: Schedule, _ layout: Layout, _ arena: UnsafeMutablePointer<S>,
    to steps: inout [PlanStep]
  ) {
    // The groups of units that run at the same time: each as steps of its own, and what is left to do when they are done.
    var together: [(steps: [PlanStep], endings: [[PlanStep]], isSmall: Bool)] = []
    for number in units {
      let unit = schedule.units[number]
      if !layout.groups.follows(number) { together.append(([], [], layout.concurrent.isSmall[number])) }
      let current = together.count - 1
      let before = layout.groups.follows(number) ? together[current].steps.popLast() : nil
      let label = before.map { $0.label + ", " + names(unit) } ?? label(unit)
      let (phases, ending) = phases(number, slice, schedule, layout, arena, before: before?.phase)
      together[current].steps += phases.filter { $0.taskCount > 0 }.map { PlanStep(label: label, $0) }
      if !ending.isEmpty { together[current].endings.append(ending.map { PlanStep(label: self.label(unit), $0) }) }
      guard number == layout.concurrent.last[number] else { continue }
      steps += PlanStep.together(
        together.map { ($0.steps + PlanStep.together($0.endings.map { ($0, isSmall: true) }), $0.isSmall) })
      stepsAfterUnit += [Int](repeating: steps.count, count: max(number + 1 - stepsAfterUnit.count, 0))
      together = []
    }
  }

  /// What a unit does: after the last phase of the units before it, in the same tasks, where that is `before`; and what it
  /// does when all of these are done.
  private mutating func phases(
    _ number: Int, _ slice: Int, _ schedule: Schedule, _ layout: Layout, _ arena: UnsafeMutablePointer<S>,
    before: Phase?
  ) -> ([Phase], ending: [Phase]) {
    let unit = schedule.units[number]
    let scratch = layout.scratch[number]
    let workspace = arena + memory.offsets[scratch?.buffer ?? 0]
    let shared =
      scratch?.shared.map { (start: arena + memory.offsets[$0.buffer], stride: $0.stride) } ?? (
        start: workspace, stride: 0
      )
    let ranges = layout.groups.ranges[number] ?? []
    if let band = layout.bands.bands[number], let before {
      let ending = layout.kernels[number]?.byImages.map {
        $0.finish(places(of: number, slice, unit, layout, arena), layout.groups.images[number]?.count ?? 0)
      }
      guard number == band.units.last else { return ([before], ending ?? []) }
      return ([phase(of: band, slice, schedule, layout, arena, before: before)], ending ?? [])
    }
    if let builder = layout.builders[number] {
      let program = builder.program(
        memory: { address($0, arena, in: number, slice, layout.sliced) },
        variable: { address(updates[$0].variable, arena) },
        constant: { constants[$0.bitPattern] ?? owned.nowhere }, inPlace: layout.inPlace)
      if let product = unit.product, let blocks = blocks(of: unit) {
        let operands = graph.records[product].operands.map { address($0, arena) }
        return ([program.phase(making: blocks, a: operands[0], b: operands[1], scratch: workspace)], [])
      }
      if let before {
        return ([program.tail(of: before, ranges: ranges, scratch: shared.start, stride: shared.stride)], [])
      }
      return (program.count == 0 ? [] : [program.phase(scratch: workspace)], [])
    }
    guard let kernel = layout.kernels[number] else { return ([], []) }
    let addresses = places(of: number, slice, unit, layout, arena)
    guard let before, let byImages = kernel.byImages, let images = layout.groups.images[number] else {
      let phases = kernel.bind(addresses)
      guard phases.count == 1, let first = firstReading(by: number, slice, schedule, layout),
        let start = fixed[first.input]
      else { return (phases, []) }
      let lending = lent[first.input] ?? LentInput<S>(own: start, readAt: first.isOnly ? addresses : nil)
      lent[first.input] = lending
      guard first.isOnly, let byImages = kernel.byImages else {
        return ([phases[0].copying(lending, to: start, first.ranges)], [])
      }
      return ([byImages.phase(reading: lending, first.images, scratch: owned.nowhere)], [])
    }
    let tail = byImages.tail(of: before, images: images, addresses, scratch: shared.start, stride: shared.stride)
    return ([tail], byImages.finish(addresses, images.count))
  }

  /// Where a kernel finds its operands and leaves its result; what is kept nowhere has no address.
  private func places(
    of number: Int, _ slice: Int, _ unit: Unit, _ layout: Layout, _ arena: UnsafeMutablePointer<S>
  ) -> PreparedKernel<S>.Addresses {
    func place(_ node: Int) -> UnsafeMutablePointer<S> {
      layout.bands.nodes.contains(graph.source(of: node))
        ? owned.nowhere : address(node, arena, in: number, slice, layout.sliced)
    }
    // A sum over slices is made of a part for each.
    func part(_ node: Int) -> UnsafeMutablePointer<S> {
      guard let parts = layout.scratch[number]?.parts else { return place(node) }
      return arena + memory.offsets[parts] + slice * (shapes[node]?.count ?? 0)
    }
    let product = unit.productUpdate?.product ?? unit.members[0]
    let variables = (unit.productUpdate?.updates ?? []).map { place(updates[$0].variable) }
    guard let result = unit.kernelResult.map(part) ?? variables.first else {
      preconditionFailure("\(names(unit)) makes no node and updates no variable")
    }
    let operands = graph.records[product].operands + (unit.productUpdate?.scales ?? [])
    return PreparedKernel<S>.Addresses(
      operands: operands.map { UnsafePointer(place($0)) }, result: result, updated: variables,
      workspace: arena + memory.offsets[layout.scratch[number]?.buffer ?? 0])
  }

  /// The units of a band, in the tasks of `before`.
  private func phase(
    of band: BandedUnits<S>.Band, _ slice: Int, _ schedule: Schedule, _ layout: Layout,
    _ arena: UnsafeMutablePointer<S>,
    before: Phase
  ) -> Phase {
    func bound(_ number: Int) -> BandedUnits<S>.Band.BoundSum? {
      guard let kernel = layout.kernels[number], let byBands = kernel.byBands else { return nil }
      let addresses = places(of: number, slice, schedule.units[number], layout, arena)
      return (byBands, addresses, kernel.byImages?.partCount ?? 0)
    }
    guard let making = bound(band.making), let builder = layout.builders[band.elementwise],
      let shared = layout.scratch[band.making]?.shared, let images = layout.groups.images[band.making]
    else { preconditionFailure("a band is made of a kernel, an elementwise program and sums in the tasks of a group") }
    let program = builder.program(
      memory: { address($0, arena, in: band.elementwise, slice, layout.sliced) },
      variable: { address(updates[$0].variable, arena) },
      constant: { constants[$0.bitPattern] ?? owned.nowhere }, inPlace: layout.inPlace, blocks: layout.bands.nodes)
    return band.tail(
      of: before, images: images, making: making.kernel, at: making.addresses, program: program,
      sums: band.sums.compactMap { bound($0) }, scratch: arena + memory.offsets[shared.buffer], stride: shared.stride)
  }

  func label(_ unit: Unit) -> String {
    "\(scopeName(unit)): " + (unit.members.isEmpty ? "copy" : names(unit))
  }

  func scopeName(_ unit: Unit) -> String {
    unit.members.first.flatMap { graph.records[$0].scope?.name } ?? "update"
  }

  private func names(_ unit: Unit) -> String {
    unit.members.map { graph.records[$0].operation.name }.joined(separator: ", ")
  }

  /// For each of `nodes` the memory of the node beside it in `shown`.
  func slots(
    _ nodes: [Int], _ shown: [Int], _ arena: UnsafeMutablePointer<S>, _ schedule: Schedule
  ) -> [Int: Plan<S>.Slot] {
    var slots: [Int: Plan<S>.Slot] = [:]
    for (node, source) in zip(nodes, shown) {
      let name = recorded.records[node].name ?? recorded.records[node].operation.name
      let unit = schedule.unitOfNode[graph.source(of: source)]
      slots[node] = Plan.Slot(
        start: address(source, arena), shape: shapes[source] ?? [], name: name, lent: lent[source],
        ready: unit.map { stepsAfterUnit[$0] } ?? 0)
    }
    return slots
  }
}

import BLAS
import Tensors

/// Memory of a unit that nobody reads when it is done.
struct UnitScratch {
  /// The buffer of all of it; where the unit follows in a group, of what is left to be added when the group's tasks are done.
  let buffer: Int
  /// Where the unit follows in a group, the elements that each task needs.
  var countPerTask = 0
  /// Where the unit sums over slices of the batch, the buffer of the sum's parts, one for each slice.
  var parts: Int?
  /// The buffer of what each task needs, and the elements from one task's to the next's: the units of a group share it, since a
  /// task computes them one after the other.
  var shared: (buffer: Int, stride: Int)?
}

/// Which buffer each node and each unit has, and how long.
extension Compiler {
  /// Gives every stored node a buffer and every unit its scratch.
  mutating func planMemory(_ schedule: Schedule, _ layout: Layout, _ stored: Set<Int>) -> [Int: UnitScratch] {
    let (groups, concurrent, sliced) = (layout.groups, layout.concurrent, layout.sliced)
    let lastUnit = lastUses(schedule, layout, together: true)
    let lastReader = lastUses(schedule, layout, together: false)
    let end = schedule.units.count
    var scratch: [Int: UnitScratch] = [:]
    for (number, unit) in schedule.units.enumerated() {
      let (start, last) = (concurrent.first[number], concurrent.last[number])
      // What is kept of all slices is there from the first to the last of them.
      let run = sliced.run(number)?.units
      if let builder = layout.builders[number] {
        // What runs at the same time must not write where another still reads. Of what its own group has made, each task
        // has its part to itself.
        let group = groups.first[number]..<number
        let others = (start...last).filter { $0 != number && !group.contains($0) }
        var taken = Set(others.flatMap { buffersRead(by: $0, schedule, layout) })
        // A product made block by block reads its operands whole.
        if let product = unit.product { taken.formUnion(buffers(of: graph.records[product].operands)) }
        let readBefore = Set(group.flatMap { buffersRead(by: $0, schedule, layout) })
        let isTaken = { (source: Int, buffer: Int) in
          // The slices of a run are written where a slice was read.
          if run != nil && !sliced.locals.contains(source) { return true }
          if let unit = schedule.unitOfNode[source], group.contains(unit) { return lastReader[source] != number }
          return groups.last[number] != number || readBefore.contains(buffer)
        }
        for draft in builder.drafts where stored.contains(draft.node) && !layout.bands.nodes.contains(draft.node) {
          if let run, !sliced.locals.contains(draft.node) {
            bufferOfNode[draft.node] = memory.add(count: shapes[draft.node]?.count ?? 0, unit: run.lowerBound)
            continue
          }
          let reused = reusableBuffer(for: draft.node, builder, last, lastUnit, &taken, isTaken)
          bufferOfNode[draft.node] = reused ?? memory.add(count: builder.shape.count, unit: start)
        }
      } else if let result = unit.kernelResult, !layout.bands.nodes.contains(result) {
        let isLocal = sliced.locals.contains(result)
        bufferOfNode[result] = memory.add(
          count: isLocal ? sliced.slice(of: result, in: number) ?? 0 : shapes[result]?.count ?? 0,
          unit: isLocal ? start : run?.lowerBound ?? start)
      }
      let counts = scratchCounts(number, unit, layout)
      let own = memory.add(count: counts.whole, unit: start)
      memory.extend(own, to: last)
      scratch[number] = UnitScratch(buffer: own, countPerTask: counts.perTask, parts: partsOfSum(number, sliced))
      for member in unit.members {
        guard let buffer = bufferOfNode[member] else { continue }
        let end = sliced.locals.contains(member) ? last : run.map { $0.upperBound - 1 } ?? last
        memory.extend(buffer, to: max(end, lastUnit[member] ?? end))
      }
    }
    for output in outputs {
      if let buffer = bufferOfNode[graph.source(of: output)] { memory.extend(buffer, to: end) }
    }
    shareScratch(&scratch, layout)
    return scratch
  }

  /// The buffer of the parts of a sum over slices.
  private mutating func partsOfSum(_ number: Int, _ sliced: SlicedUnits<S>) -> Int? {
    guard let step = sliced.steps[number], let sum = step.sum else { return nil }
    let parts = memory.add(count: step.run.slices * (shapes[sum]?.count ?? 0), unit: step.run.units.lowerBound)
    memory.extend(parts, to: step.run.units.upperBound - 1)
    return parts
  }

  /// Gives the units that follow in each group one buffer for what their tasks need.
  private mutating func shareScratch(_ scratch: inout [Int: UnitScratch], _ layout: Layout) {
    let following = layout.groups.first.indices.filter { layout.groups.follows($0) }
    for (head, units) in Dictionary(grouping: following, by: { layout.groups.first[$0] }).sorted(by: { $0.key < $1.key }
    ) {
      let largest = units.reduce(0) { Swift.max($0, scratch[$1]?.countPerTask ?? 0) }
      let stride = MemoryPlan.rounded(largest)
      let tasks = units.reduce(0) { Swift.max($0, layout.groups.taskCount($1) ?? 0) }
      let buffer = memory.add(count: tasks * stride, unit: layout.concurrent.first[head])
      memory.extend(buffer, to: layout.concurrent.last[head])
      for unit in units { scratch[unit]?.shared = (buffer, stride) }
    }
  }

  /// The nodes that a unit reads, those that it only copies to variables included.
  private func nodesRead(by number: Int, _ schedule: Schedule, _ builders: [Int: ProgramBuilder<S>]) -> [Int] {
    let unit = schedule.units[number]
    guard let builder = builders[number] else { return unit.members.flatMap { graph.records[$0].operands } }
    return builder.reads + (unit.product.map { graph.records[$0].operands } ?? [])
  }

  /// The units that read each source node; outputs are read by one that comes after all others.
  func readers(_ schedule: Schedule, _ builders: [Int: ProgramBuilder<S>]) -> [Int: Set<Int>] {
    var readers: [Int: Set<Int>] = [:]
    for number in schedule.units.indices {
      for node in nodesRead(by: number, schedule, builders) {
        readers[graph.source(of: node), default: []].insert(number)
      }
    }
    for output in outputs { readers[graph.source(of: output), default: []].insert(schedule.units.count) }
    return readers
  }

  private func buffersRead(by number: Int, _ schedule: Schedule, _ layout: Layout) -> Set<Int> {
    buffers(of: nodesRead(by: number, schedule, layout.builders))
  }

  private func buffers(of nodes: [Int]) -> Set<Int> { Set(nodes.compactMap { bufferOfNode[graph.source(of: $0)] }) }

  /// The last unit that reads each source node, or the last of those that run at the same time where they are taken
  /// together, or go through the batch together, unless a slice is all that is kept; outputs are read after the end.
  private func lastUses(_ schedule: Schedule, _ layout: Layout, together: Bool) -> [Int: Int] {
    var last: [Int: Int] = [:]
    for number in schedule.units.indices {
      let run = layout.sliced.run(number)?.units
      for source in nodesRead(by: number, schedule, layout.builders).map({ graph.source(of: $0) }) {
        let isWhole = together && !layout.sliced.locals.contains(source)
        let reader = isWhole ? run.map { $0.upperBound - 1 } : nil
        let region = together ? layout.concurrent.last[number] : number
        last[source] = Swift.max(last[source] ?? 0, reader ?? region)
      }
    }
    for output in outputs { last[graph.source(of: output)] = schedule.units.count }
    return last
  }

  /// The buffer of an operand that is not needed after unit `last` and is read no later than `node` is written.
  private func reusableBuffer(
    for node: Int, _ builder: ProgramBuilder<S>, _ last: Int, _ lastUnit: [Int: Int], _ taken: inout Set<Int>,
    _ isTaken: (Int, Int) -> Bool
  ) -> Int? {
    guard let written = builder.position(of: node) else { return nil }
    for source in builder.streams {
      guard let buffer = bufferOfNode[source], lastUnit[source] == last, !taken.contains(buffer),
        !isTaken(source, buffer),
        memory.buffers[buffer].lastUnit == last, let read = builder.lastRead(of: source), read <= written
      else { continue }
      taken.insert(buffer)
      return buffer
    }
    return nil
  }

  /// The elements of a unit's scratch, which do not depend on addresses: all together, or where it follows in a group those of the
  /// parts of a sum together, and the others for each task.
  private func scratchCounts(_ number: Int, _ unit: Unit, _ layout: Layout) -> (whole: Int, perTask: Int) {
    let tasks = layout.groups.taskCount(number)
    if let band = layout.bands.bands[number], let tasks {
      let parts = layout.kernels[number]?.byImages?.partCount ?? 0
      guard number == band.making, let builder = layout.builders[band.elementwise] else { return (tasks * parts, 0) }
      let sums = band.sums.compactMap { layout.kernels[$0]?.byBands }
      return (0, band.scratchCount(program: program(builder, layout), sums: sums))
    }
    guard let builder = layout.builders[number] else {
      let kernel = layout.kernels[number]
      guard let tasks, let byImages = kernel?.byImages else { return (kernel?.workspaceCount ?? 0, 0) }
      return (tasks * byImages.partCount, byImages.scratchCount)
    }
    let program = program(builder, layout)
    if let blocks = blocks(of: unit) { return (program.scratchCount(making: blocks), 0) }
    return tasks == nil ? (program.division.tasks * program.scratchCount, 0) : (0, program.scratchCount)
  }

  /// A program without addresses.
  private func program(_ builder: ProgramBuilder<S>, _ layout: Layout) -> ElementwiseProgram<S> {
    let nowhere = owned.nowhere
    return builder.program(
      memory: { _ in nowhere }, variable: { _ in nowhere }, constant: { _ in nowhere }, inPlace: layout.inPlace)
  }

  /// The blocks of the product that an elementwise unit makes.
  func blocks(of unit: Unit) -> BlockedProduct<S>? {
    guard let product = unit.product, let operation = graph.records[product].operation as? MatrixMultiplication else {
      return nil
    }
    return BlockedProductFinder<S>.blocks(
      of: operation, graph.records[product].operands.map { shapes[$0] ?? [] }, shapes[product] ?? [])
  }
}

import BLAS
import Tensors

/// Which buffer each node and each unit has, and how long.
extension Compiler {
  /// Gives every stored node a buffer and every unit its scratch; returns the scratch buffers.
  mutating func planMemory(_ schedule: Schedule, _ layout: Layout, _ stored: Set<Int>) -> [Int: Int] {
    let (groups, concurrent) = (layout.groups, layout.concurrent)
    let lastUnit = lastUses(schedule, layout, together: true)
    let lastReader = lastUses(schedule, layout, together: false)
    let end = schedule.units.count
    var scratch: [Int: Int] = [:]
    for (number, unit) in schedule.units.enumerated() {
      let (start, last) = (concurrent.first[number], concurrent.last[number])
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
          if let unit = schedule.unitOfNode[source], group.contains(unit) { return lastReader[source] != number }
          return groups.last[number] != number || readBefore.contains(buffer)
        }
        for draft in builder.drafts where stored.contains(draft.node) {
          let reused = reusableBuffer(for: draft.node, builder, last, lastUnit, &taken, isTaken)
          bufferOfNode[draft.node] = reused ?? memory.add(count: builder.shape.count, unit: start)
        }
      } else if unit.productUpdate == nil {
        bufferOfNode[unit.members[0]] = memory.add(count: shapes[unit.members[0]]?.count ?? 0, unit: start)
      }
      let tasks = groups.taskCount(number)
      let count = scratchCount(unit, layout.builders[number], layout.kernels[number], layout.inPlace, tasks)
      let own = memory.add(count: count, unit: start)
      memory.extend(own, to: last)
      scratch[number] = own
      for member in unit.members {
        if let buffer = bufferOfNode[member] { memory.extend(buffer, to: max(last, lastUnit[member] ?? last)) }
      }
    }
    for output in outputs {
      if let buffer = bufferOfNode[graph.source(of: output)] { memory.extend(buffer, to: end) }
    }
    return scratch
  }

  /// The nodes that a unit reads, those that it only copies to variables included.
  private func nodesRead(by number: Int, _ schedule: Schedule, _ layout: Layout) -> [Int] {
    let unit = schedule.units[number]
    guard let builder = layout.builders[number] else { return unit.members.flatMap { graph.records[$0].operands } }
    return builder.reads + (unit.product.map { graph.records[$0].operands } ?? [])
  }

  private func buffersRead(by number: Int, _ schedule: Schedule, _ layout: Layout) -> Set<Int> {
    buffers(of: nodesRead(by: number, schedule, layout))
  }

  private func buffers(of nodes: [Int]) -> Set<Int> { Set(nodes.compactMap { bufferOfNode[graph.source(of: $0)] }) }

  /// The last unit that reads each source node, or the last of those that run at the same time where they are taken
  /// together; outputs are read after the end.
  private func lastUses(_ schedule: Schedule, _ layout: Layout, together: Bool) -> [Int: Int] {
    var last: [Int: Int] = [:]
    for number in schedule.units.indices {
      let reader = together ? layout.concurrent.last[number] : number
      for source in nodesRead(by: number, schedule, layout).map({ graph.source(of: $0) }) {
        last[source] = Swift.max(last[source] ?? 0, reader)
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

  /// A unit's scratch, which does not depend on addresses; `tasks` of the group that it follows in, if it does.
  private func scratchCount(
    _ unit: Unit, _ builder: ProgramBuilder<S>?, _ kernel: PreparedKernel<S>?, _ inPlace: Set<Int>, _ tasks: Int?
  ) -> Int {
    guard let builder else {
      guard let tasks, let byImages = kernel?.byImages else { return kernel?.workspaceCount ?? 0 }
      return byImages.workspaceCount(tasks: tasks)
    }
    let nowhere = owned.nowhere
    let program = builder.program(
      memory: { _ in nowhere }, variable: { _ in nowhere }, constant: { _ in nowhere }, inPlace: inPlace)
    if let blocks = blocks(of: unit) { return program.scratchCount(making: blocks) }
    return program.scratchCount(tasks: tasks ?? program.division.tasks)
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

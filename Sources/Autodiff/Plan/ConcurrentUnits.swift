import BLAS
import Tensors

/// Units, or groups of them, that follow each other in the schedule and of which none waits for another: their tasks are
/// shared out together, so that the threads meet once for all of them, and a unit of one task leaves no thread idle.
struct ConcurrentUnits {
  /// For each unit the first and the last of those that run at the same time; a unit alone is both.
  private(set) var first: [Int]
  private(set) var last: [Int]
  /// For each unit whether it is so small that handing it to another thread would take longer.
  let isSmall: [Bool]

  /// The most elements that such units read and write together, where not all but one of them are small. What they need is held until
  /// all of them are done, so large ones, which fill all threads by themselves, would only take memory; beside small ones this
  /// counts without what is held throughout.
  private static var largestCount: Int { 1 << 20 }
  /// Elements that a small unit reads and writes at most.
  private static var smallCount: Int { 16_384 }

  /// Whole groups join the units before them.
  ///
  /// - Parameters:
  ///   - groupEnds: for each unit the last of its group.
  ///   - borders: units that join none before them.
  ///   - footprint: for each unit the elements of what it reads and writes, by buffer or node.
  ///   - isKept: whether what has such a number is held throughout, as variables and constants are.
  ///   - makesOutput: whether the step may be given up for what a unit makes, so that no variable may change beside it.
  ///   - updates: whether a unit changes a variable.
  init(
    _ schedule: Schedule, groupEnds: [Int], borders: Set<Int>, footprint: (Int) -> [Int: Int],
    isKept: (Int) -> Bool, makesOutput: (Int) -> Bool, updates: (Int) -> Bool
  ) {
    first = Array(schedule.units.indices)
    last = groupEnds
    isSmall = schedule.units.indices.map { footprint($0).values.reduce(0, +) <= Self.smallCount }
    var start = 0
    var held: [Int: Int] = [:]
    func count(_ footprint: [Int: Int], withKept: Bool) -> Int {
      footprint.reduce(0) { withKept || !isKept($1.key) ? $0 + $1.value : $0 }
    }
    var group = 0
    while group < groupEnds.count {
      let members = group...groupEnds[group]
      let own = members.reduce(into: [:]) { $0.merge(footprint($1)) { max($0, $1) } }
      let together = held.merging(own) { max($0, $1) }
      let before = start..<group
      let isFree = !members.contains { !schedule.after[$0].isDisjoint(with: before) }
      // What follows an output, but for another one, waits for it, so that updates may run beside what follows.
      let isSafe =
        !before.contains(where: makesOutput)
        || members.contains(where: makesOutput) && !members.contains(where: updates)
      let hasSmall = members.allSatisfy { isSmall[$0] } || before.allSatisfy { isSmall[$0] }
      let isLight = count(together, withKept: !hasSmall) <= Self.largestCount
      if group > 0, !borders.contains(group), isFree, isSafe, isLight {
        held = together
      } else {
        start = group
        held = own
      }
      for member in start...members.upperBound { (first[member], last[member]) = (start, members.upperBound) }
      group = members.upperBound + 1
    }
  }

  /// Whether a unit runs beside the one before it.
  func joins(_ number: Int) -> Bool { first[number] != number }
}

extension Compiler {
  /// Which units run at the same time.
  func concurrentUnits(
    _ schedule: Schedule, _ groups: TaskGroups<S>, _ builders: [Int: ProgramBuilder<S>],
    _ kernels: [Int: PreparedKernel<S>], borders: Set<Int>
  ) -> ConcurrentUnits {
    let made = updates.isEmpty ? [] : Set(outputs.map { graph.source(of: $0) })
    let updating = Set(schedule.unitOfUpdate)
    return ConcurrentUnits(
      schedule, groupEnds: groups.last, borders: borders,
      footprint: { number in
        let unit = schedule.units[number]
        let scratch = kernels[number].map { kernel in
          max(
            kernel.workspaceCount, groups.taskCount(number).flatMap { kernel.byImages?.workspaceCount(tasks: $0) } ?? 0)
        }
        // What an update writes counts under a number that no node has.
        let written = builders[number].map { $0.shape.count * $0.updates.count }
        var counts: [Int: Int] = [-1 - number: (scratch ?? 0) + (written ?? 0)]
        let read = unit.members.flatMap { graph.records[$0].operands } + (builders[number]?.reads ?? [])
        // A product that is added to its variable is an array nowhere.
        let touched = unit.productUpdate.map { update in
          graph.records[update.product].operands + update.updates.map { updates[$0].variable }
            + (update.inputGradient.map { [$0] } ?? [])
        }
        for node in touched ?? unit.members + read { counts[graph.source(of: node)] = shapes[node]?.count ?? 0 }
        return counts
      },
      isKept: { $0 >= 0 && graph.records[$0].operation.isLeaf },
      makesOutput: { number in schedule.units[number].members.contains { made.contains($0) } },
      updates: { updating.contains($0) })
  }
}

import BLAS
import Kernels
import Tensors

/// How units that take slices of the batch are chosen and bound.
extension Compiler {
  /// Which units take slices of the batch: none where nothing is trained, since inference is to be fast.
  func slicedUnits(_ schedule: Schedule) -> SlicedUnits<S> {
    if updates.isEmpty { return SlicedUnits() }
    var readers: [Int: Set<Int>] = [:]
    for (number, unit) in schedule.units.enumerated() {
      for operand in unit.members.flatMap({ graph.records[$0].operands }) {
        readers[graph.source(of: operand), default: []].insert(number)
      }
    }
    for (number, update) in updates.enumerated() {
      readers[graph.source(of: update.value), default: []].insert(schedule.unitOfUpdate[number])
    }
    for output in outputs { readers[graph.source(of: output), default: []].insert(schedule.units.count) }
    return SlicedUnits(
      schedule, graph: graph, shapes: shapes, batch: batch, readers: readers, rule: sliceRule, whole: wholeRuns)
  }

  /// Where unit `number` finds a node, in a run that part of it which belongs to the slice.
  func address(
    _ node: Int, _ arena: UnsafeMutablePointer<S>, in number: Int, _ slice: Int, _ sliced: SlicedUnits<S>
  ) -> UnsafeMutablePointer<S> {
    let source = graph.source(of: node)
    guard let count = sliced.slice(of: source, in: number), !sliced.locals.contains(source) else {
      return address(source, arena)
    }
    return address(source, arena) + slice * count
  }

  /// Where a unit sums over slices, the steps that add their parts.
  func sums(
    over run: SlicedUnits<S>.Run, in number: Int, _ schedule: Schedule, _ layout: Layout,
    _ arena: UnsafeMutablePointer<S>
  ) -> [PlanStep] {
    guard let node = layout.sliced.steps[number]?.sum, let parts = layout.scratch[number]?.parts else { return [] }
    let sum = PartialSums<S>(count: shapes[node]?.count ?? 0, parts: run.slices)
    let (result, start) = (address(node, arena), arena + memory.offsets[parts])
    return sum.phases.map { tasks in
      PlanStep(
        label: label(schedule.units[number]),
        Phase(taskCount: tasks) { task in sum.run(task: task, output: result, workspace: start) })
    }
  }
}

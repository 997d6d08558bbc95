public import BLAS

/// One kernel call of a plan as it was decided, without memory or variables.
public struct PlannedCall: Hashable, Sendable {
  /// The variable that the call updates, or the layer that recorded its first operation.
  public let scope: String
  /// The operations that the call computes, in their order.
  public let operations: [String]
  /// How it computes and why, where there was a choice.
  public let choice: KernelChoice?
  /// Whether the tasks of the call before go on with it, each for the part that it has just made.
  public let isInTasksBefore: Bool
  /// Whether the call runs at the same time as the call before, of which it needs nothing.
  public let isBesideCallBefore: Bool
  /// Whether the call computes values for the second time, which a memory budget did not let the plan keep, or which are made again
  /// as fast as they would be read.
  public let isRecomputed: Bool
  /// How many images of the batch the call takes at a time, before it and its neighbours go on to the next ones; nil where it
  /// takes all.
  public let imagesAtATime: Int?
  /// Bytes of the results that are kept for later calls: of all images, or where only calls that take some at a time read them, of
  /// those.
  public let resultBytes: Int
  /// Bytes of scratch memory, which calls in the same tasks share.
  public let scratchBytes: Int
}

extension Graph {
  /// The calls of the plan that ``compile(_:batch:state:pool:updating:memoryBudget:)`` would make, without taking its memory or drawing a
  /// variable.
  ///
  /// - Throws: ``GraphError`` for the first mistake that was recorded, with its layer and its line.
  public func calls(
    _ outputs: [Node<S>], batch: Int = 1, updating: Bool = true, memoryBudget: Int? = nil
  ) throws(GraphError) -> [PlannedCall] {
    var compiler = try compiler(
      outputs, batch: batch, state: State(), updating: updating, memoryBudget: memoryBudget)
    return try compiler.calls()
  }
}

extension Compiler {
  mutating func calls() throws(GraphError) -> [PlannedCall] {
    let (schedule, _) = try schedule()
    let layout = layOut(schedule)
    let kernels = layout.kernels
    let size = MemoryLayout<S>.stride
    return schedule.units.enumerated().compactMap { number, unit in
      guard unit.isElementwise || kernels[number] != nil else { return nil }
      let stored = layout.builders[number].map { Set($0.drafts.map(\.node)) } ?? Set(unit.members.prefix(1))
      let results = Set(stored.compactMap { bufferOfNode[$0] })
      return PlannedCall(
        scope: updatedName(number, unit, schedule) ?? scopeName(unit),
        operations: unit.members.map { graph.records[$0].operation.name }, choice: choice(unit, kernels[number]),
        isInTasksBefore: layout.groups.follows(number),
        isBesideCallBefore: layout.concurrent.joins(number) && !layout.groups.follows(number),
        isRecomputed: unit.members.contains { graph.records[$0].stage == .again },
        imagesAtATime: layout.sliced.run(number) == nil ? nil : layout.sliced.images,
        resultBytes: results.reduce(0) { $0 + memory.buffers[$1].count } * size,
        scratchBytes: scratchCount(number, layout) * size)
    }
  }

  private func scratchCount(_ number: Int, _ layout: Layout) -> Int {
    guard let scratch = layout.scratch[number] else { return 0 }
    let parts = scratch.parts.map { memory.buffers[$0].count } ?? 0
    return parts + memory.buffers[scratch.buffer].count + scratch.countPerTask * (layout.groups.taskCount(number) ?? 0)
  }

  private func updatedName(_ number: Int, _ unit: Unit, _ schedule: Schedule) -> String? {
    let update = unit.productUpdate?.update ?? updates.indices.first { schedule.unitOfUpdate[$0] == number }
    return update.flatMap { graph.name(of: Node(graph: graph, index: updates[$0].variable)) }
  }

  private func choice(_ unit: Unit, _ kernel: PreparedKernel<S>?) -> KernelChoice? {
    if unit.isElementwise, blocks(of: unit) != nil {
      return KernelChoice(
        method: "by blocks of rows", reason: "the gradient is read where it is made, and never stored")
    }
    return kernel?.choice
  }
}

import BLAS
import Tensors

/// Which values are made again in slices of the batch instead of kept, whether there is a memory budget or not, and which runs take
/// slices.
extension Compiler {
  /// Whether something is so large that slices of it may save memory; quick, since most plans have nothing of that kind.
  private func mayTakeSlices() throws(GraphError) -> Bool {
    guard !updates.isEmpty, sliceRule.slice(of: batch) != nil else { return false }
    var planned = self
    return try planned.liveShapes().shapes.values.contains {
      $0.rank > 1 && $0[0] == batch && $0.count / batch >= sliceRule.smallestImage
    }
  }

  /// The same plan taking slices, with what is made again for them; without any where all together save too little. A budget has no
  /// say in this, so that sums have the same bits within any.
  func takingSlices() throws(GraphError) -> Compiler {
    guard try mayTakeSlices() else { return self }
    let sliced = try makingSlicesAgain()
    var whole = self
    whole.sliceRule = .never
    return sliceRule.isLarger(try whole.arenaBytesNeeded(), than: try sliced.arenaBytesNeeded()) ? sliced : whole
  }

  /// The same plan with large values made again where slices of them are read on the way back, if that takes no longer than to
  /// write and to read them: a first convolution of few channels has little to multiply. This compiler where too little is gained.
  func makingSlicesAgain() throws(GraphError) -> Compiler {
    guard try mayTakeSlices() else { return self }
    var planned = self
    let schedule = try planned.schedule().0
    let sliced = planned.layOut(schedule).sliced
    guard !sliced.runs.isEmpty, let recomputation = Recomputation(self, planned: planned, schedule) else { return self }
    var (dropped, work): (Set<Int>, Double) = ([], 0)
    for node in recomputation.candidates
    where recomputation.count(node) / batch >= sliceRule.smallestImage
      && planned.takesSlicesLater(of: node, schedule, sliced)
    {
      let more = dropped.union([node])
      guard let added = try recomputation.compiler(dropping: more).compiler.workOfSlicesMadeAgain(),
        added - work <= Double(sliceRule.cheapest * recomputation.count(node))
      else { continue }
      (dropped, work) = (more, added)
    }
    if dropped.isEmpty { return self }
    let other = recomputation.compiler(dropping: dropped).compiler
    return sliceRule.isLarger(planned.arenaBytes, than: try other.arenaBytesNeeded()) ? other : self
  }

  /// The same plan with the runs taken whole that save too little and sum nothing, such as a forward pass whose large values are there
  /// one after the other, while the way back holds more.
  ///
  /// - Parameter budget: the most bytes that the arena may have then.
  func slicingWhereItSaves(budget: Int?) throws(GraphError) -> Compiler {
    guard try mayTakeSlices() else { return self }
    var planned = self
    let schedule = try planned.schedule().0
    var chosen = self
    for run in planned.layOut(schedule).sliced.runs where !run.sums {
      var other = chosen
      other.wholeRuns.insert(run.units.lowerBound)
      let bytes = try other.arenaBytesNeeded()
      if !sliceRule.isLarger(bytes, than: planned.arenaBytes), bytes <= budget ?? bytes { chosen = other }
    }
    return chosen
  }

  /// Whether a unit of a run makes a node, and only such units read it after the outputs.
  private func takesSlicesLater(of node: Int, _ schedule: Schedule, _ sliced: SlicedUnits<S>) -> Bool {
    guard let maker = schedule.unitOfNode[node], let made = sliced.run(maker) else { return false }
    return schedule.units.indices.allSatisfy { number in
      let operands = schedule.units[number].members.flatMap { graph.records[$0].operands }
      return number < made.units.upperBound || !operands.contains { graph.source(of: $0) == node }
        || sliced.slice(of: node, in: number) != nil
    }
  }

  /// The multiply-adds of what is computed again; nil where not all of that can go by slices.
  private func workOfSlicesMadeAgain() throws(GraphError) -> Double? {
    var planned = self
    let live = try planned.liveShapes().live
    let again = live.filter { graph.records[$0].stage == .again }
    let canSlice = again.allSatisfy { index in
      let operation = graph.records[index].operation
      return operation is any SliceableOperation || operation is any ElementwiseOperation || operation.isAlias
    }
    return canSlice ? again.reduce(0) { $0 + planned.products(of: $1) } : nil
  }
}

import BLAS
import Tensors

/// What a graph remembers a choice by.
struct RecomputationKey: Hashable {
  let outputs: [Int]
  let batch: Int
  let budget: Int
  /// The variable and the value of each update.
  let updates: [Int]
  let sliceRule: SliceRule
}

/// Finds which values to compute again so that a plan keeps within a budget, at little cost.
///
/// From the plan that keeps everything, one value after the other is given up of those that are held when most memory is: the
/// one that saves most bytes for what computing it again costs, each tried by planning. Segments of equal bytes, of which only
/// the values at their borders are kept, are tried besides; then what turns out not to be needed is kept after all.
struct RecomputationSearch<S: Scalar> {
  private struct Trial {
    let dropped: Set<Int>
    let compiler: Compiler<S>
    let bytes: Int
    let cost: Double
    /// The candidates that are held from the forward pass when most memory is.
    let held: Set<Int>
    let holders: [String]
  }

  private let compiler: Compiler<S>
  private let budget: Int

  /// Values that are tried at a time, the largest.
  private static var breadth: Int { 8 }
  /// Steps in which everything could be given up: with many values several go at a time, since each trial is a plan.
  private static var steps: Int { 32 }
  /// Values that are tried to be kept after all.
  private static var largestReturn: Int { 48 }
  private static var segmentCounts: [Int] { [2, 3, 4, 6, 8, 12, 16] }

  /// A search for the plan of `compiler`, which has not done anything yet.
  init(_ compiler: Compiler<S>, budget: Int) {
    self.compiler = compiler
    self.budget = budget
  }

  /// The compiler of the graph that keeps within the budget, of the same graph where that does.
  func run() throws(GraphError) -> Compiler<S> {
    var planned = compiler
    let (schedule, _) = try planned.schedule()
    let scratch = planned.layOut(schedule).scratch
    if planned.arenaBytes <= budget { return compiler }
    let key = RecomputationKey(
      outputs: compiler.requested, batch: compiler.batch, budget: budget,
      updates: compiler.updates.isEmpty ? [] : compiler.recorded.updates.flatMap { [$0.variable, $0.value] },
      sliceRule: compiler.sliceRule)
    guard let recomputation = Recomputation(compiler, planned: planned, schedule) else {
      throw .memoryBudget(
        bytes: budget, smallest: planned.arenaBytes, heldBy: planned.holdersAtPeak(schedule, scratch),
        batch: compiler.batch)
    }
    if let known = compiler.recorded.recomputations[key] { return recomputation.compiler(dropping: known).compiler }
    let found = try search(recomputation)
    compiler.recorded.recomputations[key] = found.dropped
    return found.compiler
  }

  private func search(_ recomputation: Recomputation<S>) throws(GraphError) -> Trial {
    var smallest = try trial([], recomputation)
    var fitting: [Trial] = []
    func note(_ trial: Trial) {
      if trial.bytes < smallest.bytes { smallest = trial }
      if trial.bytes <= budget { fitting.append(trial) }
    }
    note(try givingUp(from: smallest, recomputation))
    for count in Self.segmentCounts where count < recomputation.candidates.count {
      note(try trial(outside(segments: count, recomputation), recomputation))
    }
    if fitting.isEmpty { note(try givingUp(from: smallest, recomputation)) }
    guard let cheapest = fitting.min(by: { $0.cost < $1.cost }) else {
      throw .memoryBudget(
        bytes: budget, smallest: smallest.bytes, heldBy: smallest.holders, batch: compiler.batch)
    }
    return try keepingWhatFits(cheapest, recomputation)
  }

  /// Gives up values until the plan fits; the smallest plan on the way where it does not.
  private func givingUp(from start: Trial, _ recomputation: Recomputation<S>) throws(GraphError) -> Trial {
    var (current, smallest) = (start, start)
    while current.bytes > budget {
      let open = recomputation.candidates.filter { current.held.contains($0) && !current.dropped.contains($0) }
      let largest = open.sorted { (recomputation.count($1), $0) < (recomputation.count($0), $1) }
      var trials: [Trial] = []
      for node in largest.prefix(Self.breadth) {
        trials.append(try trial(current.dropped.union([node]), recomputation))
      }
      func gain(_ trial: Trial) -> Double {
        Double(current.bytes - trial.bytes) / Swift.max(trial.cost - current.cost, 1)
      }
      trials.sort { gain($0) > gain($1) }
      guard let best = trials.first else { break }
      let pace = Swift.max(recomputation.candidates.count / Self.steps, 1)
      let together = trials.prefix(pace).filter { gain($0) > 0 }.reduce(best.dropped) { $0.union($1.dropped) }
      let next = together == best.dropped ? best : try trial(together, recomputation)
      current = trials.filter { $0.bytes <= budget }.min { $0.cost < $1.cost } ?? next
      if current.bytes < smallest.bytes { smallest = current }
    }
    return smallest
  }

  /// All candidates but those that end segments of equal bytes.
  private func outside(segments: Int, _ recomputation: Recomputation<S>) -> Set<Int> {
    let total = recomputation.candidates.reduce(0) { $0 + recomputation.count($1) }
    var (dropped, passed, ended) = (Set<Int>(), 0, 0)
    for node in recomputation.candidates {
      passed += recomputation.count(node)
      let segment = passed * segments / Swift.max(total, 1)
      if segment > ended { ended = segment } else { dropped.insert(node) }
    }
    return dropped
  }

  /// Keeps what need not be given up, the largest first.
  private func keepingWhatFits(_ start: Trial, _ recomputation: Recomputation<S>) throws(GraphError) -> Trial {
    var current = start
    let largest = start.dropped.sorted { (recomputation.count($1), $0) < (recomputation.count($0), $1) }
    for node in largest.prefix(Self.largestReturn) {
      let other = try trial(current.dropped.subtracting([node]), recomputation)
      if other.bytes <= budget, other.cost < current.cost { current = other }
    }
    return current
  }

  private func trial(_ dropped: Set<Int>, _ recomputation: Recomputation<S>) throws(GraphError) -> Trial {
    let (compiler, nodes) = recomputation.compiler(dropping: dropped)
    var planned = compiler
    let (schedule, _) = try planned.schedule()
    let scratch = planned.layOut(schedule).scratch
    let alive = Set(planned.memory.peak.buffers)
    let held = recomputation.candidates.filter { node in
      planned.bufferOfNode[nodes[node]].map { alive.contains($0) } ?? false
    }
    return Trial(
      dropped: dropped, compiler: compiler, bytes: planned.arenaBytes, cost: planned.recomputationCost,
      held: Set(held), holders: planned.holdersAtPeak(schedule, scratch))
  }
}

extension Compiler {
  /// Bytes of the arena, once its memory is planned.
  var arenaBytes: Int { memory.count * MemoryLayout<S>.stride }

  /// Bytes that the arena would have, of a compiler that has not done anything yet.
  func arenaBytesNeeded() throws(GraphError) -> Int {
    var planned = self
    let (schedule, _) = try planned.schedule()
    _ = planned.layOut(schedule)
    return planned.arenaBytes
  }

  /// The largest of what is held when most memory is: of which layer, what it is, and its bytes.
  func holdersAtPeak(_ schedule: Schedule, _ scratch: [Int: UnitScratch]) -> [String] {
    let most = 3
    var names: [Int: String] = [:]
    for (node, buffer) in bufferOfNode.sorted(by: { $0.key > $1.key }) {
      guard let unit = schedule.unitOfNode[node] else { continue }
      names[buffer] = "\(scopeName(schedule.units[unit])): \(graph.records[node].operation.name)"
    }
    // What units share goes by the name of the one that needs most.
    for (unit, scratch) in scratch.sorted(by: { $0.value.countPerTask < $1.value.countPerTask }) {
      let operations = schedule.units[unit].members.map { graph.records[$0].operation.name }
      let name = "\(scopeName(schedule.units[unit])): scratch of \(operations.first ?? "copy")"
      names[scratch.buffer] = name
      if let shared = scratch.shared { names[shared.buffer] = name }
      if let parts = scratch.parts { names[parts] = name }
    }
    return memory.peak.buffers.prefix(most).map { buffer in
      "\(names[buffer] ?? "?") (\(memory.buffers[buffer].count * MemoryLayout<S>.stride) bytes)"
    }
  }
}

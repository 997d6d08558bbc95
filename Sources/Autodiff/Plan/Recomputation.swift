import BLAS
import Tensors

/// The values that a plan keeps from before its outputs for what is computed after them, as activations for the backward pass,
/// and the graphs in which some of them are computed again instead.
///
/// In such a graph a node after the outputs reads a copy of the value, and copies of what that is computed from, back to values
/// that are kept. Each copy stands just before the first node that reads it, so that its memory is taken then, and that of the
/// first computation is free as soon as the forward pass has gone by: Chen, Xu, Zhang and Guestrin, "Training deep nets with
/// sublinear memory cost" (2016), for any graph. Operations are functions of their operands, so the copies have the same bits;
/// a dropout's mask is one of the step and the position. Updates are carried out once: they are no nodes.
struct Recomputation<S: Scalar> {
  /// What may be computed again, in recording order.
  let candidates: [Int]
  private let compiler: Compiler<S>
  private let shapes: [Int: Shape]
  private let live: [Int]
  /// The last node that belongs to the outputs.
  private let lastNode: Int
  /// What the plan keeps for later units.
  private let kept: Set<Int>
  /// Values of fewer elements stay: to keep them costs nothing.
  private let smallestCount: Int

  private var graph: Graph<S> { compiler.graph }

  /// A value this much smaller than the largest is always kept.
  private static var smallestShare: Int { 64 }

  /// Nil where no output is computed.
  ///
  /// - Parameters:
  ///   - compiler: before it has done anything.
  ///   - planned: the same, with its memory planned for `schedule`.
  init?(_ compiler: Compiler<S>, planned: Compiler<S>, _ schedule: Schedule) {
    let graph = compiler.graph
    let asked = compiler.asked.filter { schedule.unitOfNode[graph.source(of: $0)] != nil }
    guard let last = asked.max(), let boundary = asked.compactMap({ schedule.unitOfNode[graph.source(of: $0)] }).max()
    else { return nil }
    var later = Set<Int>()
    for unit in schedule.units.dropFirst(boundary + 1) {
      for member in unit.members { later.formUnion(graph.records[member].operands.map { graph.source(of: $0) }) }
    }
    let shapes = planned.shapes
    func count(_ node: Int) -> Int { shapes[node]?.count ?? 0 }
    let kept = later.filter { node in
      // What is made band by band takes no memory, so there is nothing to gain by making it again.
      node <= last && (planned.bufferOfNode[node] != nil || planned.banded.contains(node))
        && (schedule.unitOfNode[node] ?? .max) <= boundary
    }
    let needed = Set((compiler.outputs + compiler.updates.map(\.value)).map { graph.source(of: $0) })
    let large = kept.subtracting(needed).subtracting(planned.banded)
    smallestCount = (large.map(count).max() ?? 0) / Self.smallestShare + 1
    candidates = large.filter { [smallestCount] in count($0) >= smallestCount }.sorted()
    (self.compiler, self.shapes, live, lastNode) = (compiler, shapes, planned.live, last)
    self.kept = kept.union(needed)
  }

  /// Elements of a candidate.
  func count(_ node: Int) -> Int { shapes[node]?.count ?? 0 }

  /// A compiler of the graph in which `dropped` are computed again, and where each node's first computation stands in it.
  func compiler(dropping dropped: Set<Int>) -> (compiler: Compiler<S>, nodes: [Int]) {
    var records: [Graph<S>.Record] = []
    var nodes = [Int](repeating: -1, count: graph.records.count)
    var copies: [Int: Int] = [:]

    func isAvailable(_ index: Int) -> Bool {
      let source = graph.source(of: index)
      if graph.records[source].operation.isLeaf { return true }
      return !dropped.contains(source) && (kept.contains(source) || count(source) < smallestCount)
    }
    func needsCopy(_ index: Int) -> Bool { index <= lastNode && copies[index] == nil && !isAvailable(index) }
    func append(_ index: Int, _ operands: [Int], _ stage: Graph<S>.Stage) -> Int {
      let record = graph.records[index]
      records.append(
        Graph.Record(
          operation: record.operation, operands: operands, shape: record.shape, scope: record.scope,
          name: record.name, stage: stage))
      return records.count - 1
    }

    for index in live {
      let operands = graph.records[index].operands
      guard index > lastNode else {
        nodes[index] = append(index, operands.map { nodes[$0] }, .first)
        continue
      }
      var (stack, missing) = (operands.filter(needsCopy), Set<Int>())
      while let next = stack.popLast() {
        if missing.insert(next).inserted { stack += graph.records[next].operands.filter(needsCopy) }
      }
      func placeForLater(_ index: Int) -> Int { copies[index] ?? nodes[index] }
      for copied in missing.sorted() {
        copies[copied] = append(copied, graph.records[copied].operands.map(placeForLater), .again)
      }
      let isAgain = graph.records[index].stage == .again
      nodes[index] = append(index, operands.map(placeForLater), isAgain ? .again : .later)
    }
    let updates = compiler.updates.map { Graph<S>.Update(variable: nodes[$0.variable], value: nodes[$0.value]) }
    return (Compiler(compiler, graph: Graph(records: records, updates: updates), nodes: nodes), nodes)
  }
}

extension Compiler {
  /// What computing values again costs, in multiply-adds; an element that passes through memory counts as some of them.
  var recomputationCost: Double {
    let perElement = 32.0
    return live.reduce(0) { sum, index in
      let record = graph.records[index]
      guard record.stage == .again, !record.operation.isAlias else { return sum }
      let passed = (record.operands + [index]).reduce(0) { $0 + Double(shapes[$1]?.count ?? 0) }
      return sum + perElement * passed + products(of: index)
    }
  }

  /// The multiply-adds of a product or a convolution.
  func products(of index: Int) -> Double {
    let record = graph.records[index]
    let operands = record.operands.map { shapes[$0] ?? [] }
    let count = Double(shapes[index]?.count ?? 0)
    return switch record.operation {
    case let product as MatrixMultiplication: count * Double(operands[0][product.transposesA ? -2 : -1])
    case is ProductByBlocks: count * Double(operands[0][1])
    case is Convolution: count * Double(operands[1].count / operands[1][3])
    default: 0
    }
  }
}

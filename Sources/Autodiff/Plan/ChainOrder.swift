import BLAS
import Tensors

/// The order in which nodes are placed, so that chains on interleaved images and what stands between them, such as dense layers,
/// follow each other, as they must to run in the same tasks.
struct ChainOrder<S: Scalar> {
  let graph: Graph<S>
  let live: [Int]
  let shapes: [Int: Shape]
  /// The nodes of all chains.
  let chains: Set<Int>

  /// The most elements that all operations together read which wait until all chains are done: they are held meanwhile.
  private static var largestDelayed: Int { 1 << 20 }

  /// Leaves first, and so what is made of them alone, such as a bias for each image of a block; the rest as it was recorded. What
  /// stands between chains keeps their tasks apart, and less memory is held at a time.
  var recorded: [Int] { live.filter { isLeaf($0) } + live.filter { !isLeaf($0) } }

  /// Leaves, then what is computed of nothing that a chain makes, such as labels as rows or a penalty; then the chains with what
  /// stands between them; and last what no chain needs, such as the gradients of the matrices of dense layers, as far as little
  /// memory is held for it meanwhile.
  var unbroken: [Int] {
    let followers = followers
    let delayed = delayed(followers.subtracting(needed))
    func rank(_ index: Int) -> Int {
      if isLeaf(index) { return 0 }
      if delayed.contains(index) { return 3 }
      return chains.contains(index) || followers.contains(index) ? 2 : 1
    }
    let byRank = Dictionary(grouping: live, by: rank)
    return byRank.keys.sorted().flatMap { byRank[$0] ?? [] }
  }

  private func isLeaf(_ index: Int) -> Bool { graph.records[index].operation is Leaf }

  /// What is computed of something that a chain makes.
  private var followers: Set<Int> {
    var followers = Set<Int>()
    for index in live
    where graph.records[index].operands.contains(where: { chains.contains($0) || followers.contains($0) }) {
      followers.insert(index)
    }
    return followers
  }

  /// The chains, and what they are computed of.
  private var needed: Set<Int> {
    var needed = chains
    for index in live.reversed() where needed.contains(index) { needed.formUnion(graph.records[index].operands) }
    return needed
  }

  /// Those of `nodes` that wait: what is recorded after all chains comes after them anyway.
  private func delayed(_ nodes: Set<Int>) -> Set<Int> {
    let last = chains.max() ?? 0
    var delayed = Set<Int>()
    var held = 0
    for index in live where nodes.contains(index) {
      let operands = graph.records[index].operands
      let count = operands.reduce(0) { $0 + (shapes[$1]?.count ?? 0) }
      if operands.contains(where: { delayed.contains($0) }) {
        delayed.insert(index)
      } else if index < last, held + count <= Self.largestDelayed {
        delayed.insert(index)
        held += count
      }
    }
    return delayed
  }
}

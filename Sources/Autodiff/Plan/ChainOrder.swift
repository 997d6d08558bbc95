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

  /// The most elements that an operation reads which waits until all chains are done.
  private static var largestDelayed: Int { 1 << 20 }

  /// Leaves first, and so what is made of them alone, such as a bias for each image of a block; the rest as it was recorded. What
  /// stands between chains keeps their tasks apart, and less memory is held at a time.
  var recorded: [Int] { live.filter { isLeaf($0) } + live.filter { !isLeaf($0) } }

  /// Leaves, then what chains need of what they do not make, then the chains; and last what no chain needs, such as the gradients
  /// of the matrices of dense layers, as far as little memory is held for it meanwhile.
  var unbroken: [Int] {
    let followers = followers, needed = needed
    let delayed = delayed(followers.subtracting(needed))
    let before = needed.subtracting(chains).subtracting(followers)
    func rank(_ index: Int) -> Int { isLeaf(index) ? 0 : before.contains(index) ? 1 : delayed.contains(index) ? 3 : 2 }
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
    for index in live where nodes.contains(index) {
      let operands = graph.records[index].operands
      let isSmall = operands.reduce(0) { $0 + (shapes[$1]?.count ?? 0) } <= Self.largestDelayed
      if index < last && isSmall || operands.contains(where: { delayed.contains($0) }) { delayed.insert(index) }
    }
    return delayed
  }
}

import Tensors

/// How observations are held out, fold after fold.
public struct Folds: Sendable, Hashable {
  private enum Kind: Sendable, Hashable {
    case random(count: Int, repeats: Int, seed: UInt64)
    case grouped(groups: [Int], count: Int)
    case predefined([Int])
  }

  private let kind: Kind

  /// Observations dealt to folds at random, sizes within one of each other.
  ///
  /// - Parameters:
  ///   - count: The number of folds; 10 by default.
  ///   - repeats: How often everything is dealt anew; once by default.
  ///   - seed: What the dealing depends on.
  public static func random(count: Int = 10, repeats: Int = 1, seed: UInt64 = 1) -> Folds {
    Folds(kind: .random(count: count, repeats: repeats, seed: seed))
  }

  /// Folds that keep observations of one group together: the largest groups first, each to the smallest fold.
  public static func grouped(_ groups: [Int], count: Int) -> Folds {
    Folds(kind: .grouped(groups: groups, count: count))
  }

  /// The fold of each observation, counted from 0.
  public static func predefined(_ assignment: [Int]) -> Folds { Folds(kind: .predefined(assignment)) }

  /// The fold of each observation, one list for each repeat.
  ///
  /// - Throws: ``LinearModelError/invalidFolds(_:)`` or ``LinearModelError/wrongLength(of:expected:found:)``.
  public func assignments(rows: Int) throws(LinearModelError) -> [[Int]] {
    let (lists, count): ([[Int]], Int)
    switch kind {
    case .random(let folds, let repeats, let seed):
      guard repeats >= 1 else { throw .invalidFolds("\(repeats) repeats; at least 1 is needed") }
      guard folds >= 2, folds <= rows else {
        throw .invalidFolds(
          "\(folds) folds of \(rows) observations; there are at least 2, and no more than observations")
      }
      count = folds
      lists = (0..<repeats).map { number in
        var random = RandomGenerator(seed: seed, stream: "folds").fork(number)
        var assignment = [Int](repeating: 0, count: rows)
        for (position, row) in random.permutation(rows).enumerated() { assignment[row] = position % folds }
        return assignment
      }
    case .grouped(let groups, let folds):
      guard groups.count == rows else { throw .wrongLength(of: "the groups", expected: rows, found: groups.count) }
      var sizes: [Int: Int] = [:]
      for group in groups { sizes[group, default: 0] += 1 }
      guard folds >= 2, folds <= sizes.count else {
        throw .invalidFolds("\(folds) folds of \(sizes.count) groups; there are at least 2, and no more than groups")
      }
      var (filled, foldOf): ([Int], [Int: Int]) = ([Int](repeating: 0, count: folds), [:])
      for (group, size) in sizes.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
        let fold = filled.indices.min { filled[$0] < filled[$1] }!
        foldOf[group] = fold
        filled[fold] += size
      }
      (lists, count) = ([groups.map { foldOf[$0]! }], folds)
    case .predefined(let assignment):
      guard assignment.count == rows else {
        throw .wrongLength(of: "the folds", expected: rows, found: assignment.count)
      }
      (lists, count) = ([assignment], (assignment.max() ?? -1) + 1)
      guard count >= 2 else { throw .invalidFolds("\(count) folds; at least 2 are needed") }
      guard count <= rows else { throw .invalidFolds("fold \(count - 1) of \(rows) observations") }
    }
    for assignment in lists {
      var sizes = [Int](repeating: 0, count: count)
      for fold in assignment {
        guard fold >= 0 else { throw .invalidFolds("fold \(fold); folds are counted from 0") }
        sizes[fold] += 1
      }
      if let empty = sizes.firstIndex(of: 0) { throw .invalidFolds("fold \(empty) has no observations") }
    }
    return lists
  }
}

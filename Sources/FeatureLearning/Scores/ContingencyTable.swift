import RealModule

/// How often each pair of a class and a cluster occurs.
///
/// Classes and clusters are numbers from 0 up. The scores do not depend on which number a cluster has.
public struct ContingencyTable: Sendable, Hashable {
  /// How many examples there are of the class of the row in the cluster of the column.
  public let counts: [[Int]]

  /// Counts pairs.
  ///
  /// - Throws: ``FeatureLearningError`` for lists of different lengths, for empty ones, for negative numbers, and for more than
  ///   2²⁴ pairs of a class and a cluster.
  public init(classes: [Int], clusters: [Int]) throws(FeatureLearningError) {
    guard classes.count == clusters.count else { throw .labelCount(expected: classes.count, found: clusters.count) }
    guard !classes.isEmpty else { throw .labelCount(expected: 1, found: 0) }
    // Numbers may be far apart: they are ranked first, so that the table is no larger than what occurs.
    let (rows, columns) = (try ranks(classes), try ranks(clusters))
    let (cells, overflow) = rows.values.count.multipliedReportingOverflow(by: columns.values.count)
    guard !overflow, cells <= 1 << 24 else {
      throw .outOfRange(
        what: "the table of classes and clusters", expected: "at most \(1 << 24) cells",
        found: "\(rows.values.count) classes and \(columns.values.count) clusters")
    }
    var counts = [[Int]](
      repeating: [Int](repeating: 0, count: columns.values.count), count: rows.values.count)
    for (row, column) in zip(rows.ranks, columns.ranks) { counts[row][column] += 1 }
    self.counts = counts
    (classValues, clusterValues) = (rows.values, columns.values)
  }

  /// The class numbers of the rows, in ascending order.
  public let classValues: [Int]
  /// The cluster numbers of the columns, in ascending order.
  public let clusterValues: [Int]

  private var rowSums: [Int] { counts.map { $0.reduce(0, +) } }
  private var columnSums: [Int] { clusterValues.indices.map { column in counts.reduce(0) { $0 + $1[column] } } }

  /// Normalised mutual information: I(classes; clusters) over the mean of both entropies, from 0 to 1; 1 where both lists
  /// have one value only.
  public var normalizedMutualInformation: Double {
    let (rows, columns) = (rowSums, columnSums)
    let total = Double(rows.reduce(0, +))
    func entropy(_ sums: [Int]) -> Double {
      sums.reduce(0) { $1 > 0 ? $0 - Double($1) / total * Double.log(Double($1) / total) : $0 }
    }
    let (first, second) = (entropy(rows), entropy(columns))
    guard first + second > 0 else { return 1 }
    var information = 0.0
    for (row, line) in counts.enumerated() {
      for (column, count) in line.enumerated() where count > 0 {
        let joint = Double(count) / total
        information += joint * Double.log(joint * total / Double(rows[row]) * total / Double(columns[column]))
      }
    }
    return min(max(2 * information / (first + second), 0), 1)
  }

  /// The adjusted Rand index: the share of pairs of examples on which both lists agree, moved and scaled so that chance gives
  /// 0 and equality 1 (Hubert and Arabie, Journal of Classification 2 (1985)).
  public var adjustedRandIndex: Double {
    func pairs(_ counts: [Int]) -> Double { counts.reduce(0) { $0 + Double($1) * Double($1 - 1) / 2 } }
    let (rows, columns) = (pairs(rowSums), pairs(columnSums))
    let total = Double(rowSums.reduce(0, +))
    let all = total * (total - 1) / 2
    guard all > 0 else { return 1 }
    let expected = rows * columns / all
    let largest = (rows + columns) / 2
    guard largest != expected else { return 1 }
    return (pairs(counts.flatMap { $0 }) - expected) / (largest - expected)
  }

  /// The largest share of examples that any one-to-one matching of clusters to classes gets right.
  public var matchedAccuracy: Double {
    let matching = shortestAugmentingPaths(counts.map { $0.map(Double.init) })
    var right = 0
    for (row, column) in matching.enumerated() {
      if let column { right += counts[row][column] }
    }
    return Double(right) / Double(rowSums.reduce(0, +))
  }
}

/// The place of every number among the different ones, in ascending order.
func ranks(_ labels: [Int]) throws(FeatureLearningError) -> (ranks: [Int], values: [Int]) {
  if let row = labels.firstIndex(where: { $0 < 0 }) { throw .negativeLabel(row: row, value: labels[row]) }
  let values = Set(labels).sorted()
  let places = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1, $0) })
  return (labels.map { places[$0] ?? 0 }, values)
}

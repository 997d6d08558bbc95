/// Which columns enter or stay out together, each in one group, and the weights of the groups.
public struct ColumnGroups: Sendable, Hashable {
  /// The group of each column, counted from 0.
  public let assignment: [Int]
  /// The weight of each group; nil for the square root of its number of columns.
  public let weights: [Double]?

  /// Makes groups; they are checked where they are used.
  ///
  /// - Parameters:
  ///   - assignment: The group of each column, counted from 0, without gaps.
  ///   - weights: A weight for each group, not negative, 0 meaning free; by default the square roots of their sizes (Yuan and
  ///     Lin, "Model selection and estimation in regression with grouped variables", JRSS B 68, 2006).
  public init(_ assignment: [Int], weights: [Double]? = nil) {
    (self.assignment, self.weights) = (assignment, weights)
  }

  /// The columns and the weight of each group.
  func resolved(columns: Int) throws(LinearModelError) -> (members: [[Int]], weights: [Double]) {
    guard assignment.count == columns else {
      throw .wrongLength(of: "the groups", expected: columns, found: assignment.count)
    }
    // A gap would be a group without columns, so that no number is beyond that of the columns.
    for group in assignment where group < 0 || group >= columns {
      throw .invalidParameter(
        name: "the group of a column", expected: "from 0 to \(columns - 1)", found: Double(group))
    }
    var members = [[Int]](repeating: [], count: (assignment.max() ?? -1) + 1)
    for (column, group) in assignment.enumerated() { members[group].append(column) }
    if let empty = members.firstIndex(where: \.isEmpty) {
      throw .invalidParameter(name: "the group of a column", expected: "without gaps", found: Double(empty))
    }
    if let weights { try requireEntries(weights, "the group weights", count: members.count, negative: false) }
    return (members, weights ?? members.map { Double($0.count).squareRoot() })
  }
}

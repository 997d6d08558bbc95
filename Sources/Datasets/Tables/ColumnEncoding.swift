/// How one column of a table becomes columns of numbers.
public struct ColumnEncoding: Sendable, Hashable {
  /// The kinds of columns.
  public enum Kind: Sendable, Hashable {
    /// One column of the numbers as they are.
    case numeric
    /// A column of 0 and 1 for every category but the first, which is the baseline: all of its columns are 0.
    case categorical([String])
  }

  /// The column's name in the table.
  public let name: String
  /// How it is encoded.
  public let kind: Kind

  /// Makes an encoding; categories must be different and at least one.
  public init(name: String, kind: Kind) {
    if case .categorical(let categories) = kind {
      precondition(!categories.isEmpty && Set(categories).count == categories.count, "categories of column \(name)")
    }
    self.name = name
    self.kind = kind
  }

  /// The category that is coded by zeros; nil for numbers.
  public var baseline: String? {
    if case .categorical(let categories) = kind { categories.first } else { nil }
  }

  /// The names of the columns that it becomes: its own, or `name=category` for every category but the baseline.
  public var featureNames: [String] {
    switch kind {
    case .numeric: [name]
    case .categorical(let categories): categories.dropFirst().map { "\(name)=\($0)" }
    }
  }
}

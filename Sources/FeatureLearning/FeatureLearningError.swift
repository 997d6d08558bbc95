public import Tensors

/// Why examples have no clusters, components, neighbours or scores.
public enum FeatureLearningError: Error, Equatable, Sendable {
  /// Examples are the rows of a matrix [n, d] with at least one row and one column.
  case notAMatrix(found: Shape)
  /// There are at least one and at most as many clusters as points.
  case clusterCount(k: Int, points: Int)
  /// A feature that is infinite or not a number, the first in the order of the rows.
  case notFinite(row: Int, column: Int, value: String)
  /// The squared length of a row exceeds the scalar's range.
  case overflow(row: Int)
  /// Fewer different points than clusters, as where all points are identical.
  case tooFewDistinctPoints(found: Int, k: Int)
  /// A matrix of another shape than the points ask for: the starting centers, or rows of another width than those learned from.
  case shape(what: String, expected: Shape, found: Shape)
  /// A number outside of what it may be.
  case outOfRange(what: String, expected: String, found: String)
  /// Two lists that speak of the same examples have different lengths.
  case labelCount(expected: Int, found: Int)
  /// A label that is not a class or cluster number (0 and up).
  case negativeLabel(row: Int, value: Int)
  /// A score that needs at least two clusters, and fewer clusters than points.
  case clustersForScore(found: Int, points: Int)
}

extension FeatureLearningError: CustomStringConvertible {
  /// One sentence that says what was expected, found and where.
  public var description: String {
    switch self {
    case .notAMatrix(let found):
      "examples are the rows of a matrix [n, d] with at least one row and one column, found the shape \(found)"
    case .clusterCount(let k, let points):
      "the number of clusters is from 1 to the number of points, \(points), found \(k)"
    case .notFinite(let row, let column, let value):
      "features are finite numbers, but the one in row \(row), column \(column) is \(value)"
    case .overflow(let row):
      "the squared length of row \(row) is too large for the type of its numbers; scale the features"
    case .tooFewDistinctPoints(let found, let k):
      "\(k) clusters need as many different points, found \(found)"
    case .shape(let what, let expected, let found):
      "\(what): expected the shape \(expected), found \(found)"
    case .outOfRange(let what, let expected, let found):
      "\(what): expected \(expected), found \(found)"
    case .labelCount(let expected, let found):
      "expected \(expected) labels, one an example, found \(found)"
    case .negativeLabel(let row, let value):
      "labels are 0 and up, but that of row \(row) is \(value)"
    case .clustersForScore(let found, let points):
      "the silhouette needs at least 2 clusters and fewer clusters than points (\(points)), found \(found)"
    }
  }
}

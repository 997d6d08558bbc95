public import Foundation

/// The results of a study: what `results.json` of its report holds and the report is drawn from.
public protocol StudyResults: Encodable, Sendable {
  /// One sentence a figure, filled by the report from the numbers.
  var conclusions: [NamedText] { get set }
}

extension StudyResults {
  /// The results as JSON: keys in alphabetical order, `null` for a number that is not finite where the results encode it so.
  public func jsonData() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }
}

/// Why a study of regularization or of transfer cannot be done, or has no results.
public enum StudyError: Error, Sendable, Hashable, CustomStringConvertible {
  /// An option is out of range.
  case option(String, expected: String, found: String)
  /// The data that a study was given do not suit it.
  case data(String, expected: String, found: String)
  /// The caller asked the study to stop before any part was finished.
  case stopped

  /// What was expected and what was found.
  public var description: String {
    switch self {
    case .option(let option, let expected, let found): "--\(option) expected \(expected), found \(found)"
    case .data(let what, let expected, let found): "\(what): expected \(expected), found \(found)"
    case .stopped: "the study was stopped before any of its parts was finished; nothing was written"
    }
  }
}

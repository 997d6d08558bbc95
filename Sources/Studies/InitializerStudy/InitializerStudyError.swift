/// Why an initializer study cannot be done, or was not finished.
public enum InitializerStudyError: Error, Sendable, Hashable, CustomStringConvertible {
  /// An option is out of range.
  case option(String, expected: String, found: String)
  /// A name that nothing has.
  case unknownName(option: String, String, known: [String])
  /// An initializer cannot fill the weights of a network.
  case unsuitableInitializer(String, model: String, reason: String)
  /// The caller asked the study to stop; there are no results.
  case stopped

  /// What was expected and what was found.
  public var description: String {
    switch self {
    case .option(let option, let expected, let found): "--\(option) expected \(expected), found \(found)"
    case .unknownName(let option, let name, let known):
      "--\(option) has no '\(name)'; known are \(known.joined(separator: ", "))"
    case .unsuitableInitializer(let name, let model, let reason):
      "the initializer '\(name)' does not suit the network \(model): \(reason)"
    case .stopped: "the study was stopped before its end; nothing was written"
    }
  }
}

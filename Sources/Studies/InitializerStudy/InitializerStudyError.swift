/// Why an initializer study cannot be done.
public enum InitializerStudyError: Error, Sendable, Hashable, CustomStringConvertible {
  /// An option is out of range.
  case option(String, expected: String, found: String)
  /// A name that nothing has.
  case unknownName(option: String, String, known: [String])
  /// An initializer cannot fill the weights of a network.
  case unsuitableInitializer(String, model: String, reason: String)

  /// What was expected and what was found.
  public var description: String {
    switch self {
    case .option(let option, let expected, let found): "--\(option) expected \(expected), found \(found)"
    case .unknownName(let option, let name, let known):
      "--\(option) has no '\(name)'; known are \(known.joined(separator: ", "))"
    case .unsuitableInitializer(let name, let model, let reason):
      "the initializer '\(name)' does not suit the network \(model): \(reason)"
    }
  }
}

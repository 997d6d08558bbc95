/// Why an initializer cannot be made or cannot fill a tensor.
public enum InitializerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No initializer has this name.
  case unknownName(String, known: [String])
  /// The initializer does not exist for tensors of this shape.
  case unsupportedShape(initializer: String, shape: Shape, expected: String)
  /// A parameter is out of its range.
  case invalidParameter(initializer: String, parameter: String, value: Double, expected: String)
  /// The parameters are in their ranges, but for these fans the distribution is too wide or too narrow to be drawn from.
  case unusableDistribution(initializer: String, fans: Fans)
  /// The linear algebra underneath failed.
  case factorizationFailed(initializer: String, shape: Shape, reason: String)

  /// What was expected and what was found.
  public var description: String {
    switch self {
    case .unknownName(let name, let known):
      "no initializer is called \"\(name)\"; known are \(known.joined(separator: ", "))"
    case .unsupportedShape(let initializer, let shape, let expected):
      "\(initializer) needs \(expected), found shape \(shape)"
    case .invalidParameter(let initializer, let parameter, let value, let expected):
      "\(parameter) of \(initializer) must be \(expected), found \(value)"
    case .unusableDistribution(let initializer, let fans):
      "\(initializer) is too wide or too narrow for double precision at fan-in \(fans.fanIn), fan-out \(fans.fanOut)"
    case .factorizationFailed(let initializer, let shape, let reason):
      "\(initializer) could not factor a matrix for shape \(shape): \(reason)"
    }
  }
}

public import Tensors

/// Where in a program something was written.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  /// The file, as `#fileID` gives it.
  public let file: String
  /// The line, counted from 1.
  public let line: UInt

  /// A place in a program; pass `#fileID` and `#line`.
  public init(file: StaticString, line: UInt) {
    self.file = "\(file)"
    self.line = line
  }

  /// As in `App/main.swift:12`.
  public var description: String { "\(file):\(line)" }
}

/// A layer, or another named part of a graph, that nodes are recorded under.
public struct Scope: Hashable, Sendable {
  /// The name that error messages use, for instance `conv1`.
  public let name: String
  /// Where the part was written.
  public let location: SourceLocation?

  /// A part of a graph.
  public init(name: String, location: SourceLocation?) {
    self.name = name
    self.location = location
  }
}

/// Why an operation does not accept its operands' shapes.
public struct ShapeMismatch: Error, Hashable, Sendable, CustomStringConvertible {
  /// What the operation expected, as a sentence's end: "expected ...".
  public let expectation: String

  /// A refusal that says what would have been accepted.
  public init(expected expectation: String) { self.expectation = expectation }

  /// "expected ..."
  public var description: String { "expected \(expectation)" }
}

/// What makes a graph impossible to compile.
public enum GraphError: Error, Equatable, Sendable, CustomStringConvertible {
  /// An operation was given shapes that it does not accept.
  case shape(operation: String, operands: [SymbolicShape], expectation: String, scope: Scope?)
  /// Two variables carry one name.
  case duplicateVariable(name: String, scope: Scope?)
  /// A gradient was asked of a node that is not a scalar.
  case gradientOfNonScalar(shape: SymbolicShape)
  /// A vector-Jacobian product was asked with a seed of another shape than the node.
  case seedShape(expected: SymbolicShape, found: SymbolicShape)
  /// An update's target is not a variable, or has an update already.
  case update(variable: String, reason: String, scope: Scope?)
  /// A plan was asked for a batch that is not at least 1.
  case batchSize(Int)
  /// A plan would need more memory than the machine has, or (`available` is nil) than the system gives the process.
  case memory(bytes: Int, available: Int?, batch: Int)
  /// A plan cannot do with so much memory, however much it computes again: the smallest that was found, and what holds most of
  /// it at once, the largest first.
  case memoryBudget(bytes: Int, smallest: Int, heldBy: [String], batch: Int)
  /// A variable's stored value has another shape than the graph gives it.
  case variableShape(name: String, expected: Shape, found: Shape)
  /// Variables were made without a value, and were then given none.
  case withoutValue(variables: [String])
  /// A variable's initializer refused its shape.
  case initializer(variable: String, message: String, scope: Scope?)
  /// A number that an operation is set up with is out of its range.
  case value(operation: String, found: Double, expectation: String, scope: Scope?)
  /// A node of another graph was used.
  case foreignNode(operation: String)
  /// A plan was given an input of another shape than it was compiled for.
  case inputShape(name: String, expected: Shape, found: Shape)
  /// A plan was given a value for a node that is not among its inputs.
  case notAnInput(String)
  /// A plan was asked for a value that it does not compute.
  case notInPlan(String)

  /// One sentence that says what was expected, what was found and where.
  public var description: String {
    switch self {
    case .shape(let operation, let operands, let expectation, let scope):
      let found = operands.map(\.description).joined(separator: " and ")
      return "\(Self.place(scope))\(operation) expected \(expectation), found \(found)"
    case .duplicateVariable(let name, let scope):
      return
        "\(Self.place(scope))a variable named '\(name)' exists already with another shape; names are unique in a graph"
    case .gradientOfNonScalar(let shape):
      return "a gradient is taken of a scalar, found a node of shape \(shape); sum or average it first"
    case .seedShape(let expected, let found):
      return "a gradient's seed has the shape of its node, expected \(expected), found \(found)"
    case .update(let variable, let reason, let scope):
      return "\(Self.place(scope))'\(variable)' cannot be updated: \(reason)"
    case .batchSize(let size):
      return "a plan needs a batch of at least 1 example, found \(size)"
    case .memory(let bytes, let available, let batch):
      let limit = available.map { "the machine has \($0)" } ?? "which the system does not give this process"
      return "a plan for a batch of \(batch) needs \(bytes) bytes, \(limit); a smaller batch needs less"
    case .memoryBudget(let bytes, let smallest, let heldBy, let batch):
      let holders = heldBy.isEmpty ? "" : ", at most held by \(heldBy.joined(separator: ", "))"
      return
        "a plan for a batch of \(batch) cannot do with the \(bytes) bytes of its memory budget, the smallest takes "
        + "\(smallest)\(holders); a smaller batch needs less"
    case .variableShape(let name, let expected, let found):
      return "variable '\(name)' has shape \(expected) in the graph, found a stored value of shape \(found)"
    case .withoutValue(let variables):
      return "expected a value for every variable, found none for \(variables.joined(separator: ", "))"
    case .initializer(let variable, let message, let scope):
      return "\(Self.place(scope))variable '\(variable)' cannot be initialized: \(message)"
    case .value(let operation, let found, let expectation, let scope):
      return "\(Self.place(scope))\(operation) expected \(expectation), found \(found)"
    case .foreignNode(let operation):
      return "\(operation) was given nodes of two graphs"
    case .inputShape(let name, let expected, let found):
      return "input '\(name)' expected shape \(expected), found \(found)"
    case .notAnInput(let name):
      return "the plan takes no input '\(name)': none of its outputs depends on it, or it belongs to another graph"
    case .notInPlan(let name):
      return "the plan does not compute '\(name)': name it among the outputs when the graph is compiled"
    }
  }

  private static func place(_ scope: Scope?) -> String {
    guard let scope else { return "" }
    guard let location = scope.location else { return "layer '\(scope.name)': " }
    return "layer '\(scope.name)' (\(location)): "
  }
}

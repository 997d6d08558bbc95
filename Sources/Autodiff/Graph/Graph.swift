public import BLAS
public import Tensors

/// A recorded computation.
///
/// Recording never throws: the first mistake is kept, and `compile` reports it with the layer and the line it came from.
/// Equal operations on equal operands are recorded once.
///
/// A graph belongs to the task that records it; a compiled ``Plan`` belongs to the task that runs it.
public final class Graph<S: Scalar> {
  struct Record {
    let operation: any Operation
    let operands: [Int]
    let shape: SymbolicShape
    let scope: Scope?
    var name: String?
    var stage = Stage.first
  }

  /// Where a node stands in a graph that computes values again; every node of a graph that somebody records is `first`.
  enum Stage {
    /// Up to the outputs.
    case first
    /// Computed once more for what comes later.
    case again
    /// After the outputs.
    case later
  }

  struct Update {
    let variable: Int
    let value: Int
  }

  private struct Key: Hashable {
    let operation: AnyHashable
    let operands: [Int]
  }

  private(set) var records: [Record] = []
  private(set) var updates: [Update] = []
  private(set) var failure: GraphError?
  private var known: [Key: Int] = [:]
  private var variableIndices: [String: Int] = [:]
  private var scopes: [Scope] = []

  /// Which values plans compute again, found once for each wish.
  var recomputations: [RecomputationKey: Set<Int>] = [:]

  /// An empty graph.
  public init() {}

  /// A graph made of another's nodes.
  init(records: [Record], updates: [Update]) {
    self.records = records
    self.updates = updates
  }

  // MARK: Leaves

  /// A value given anew at every step.
  public func input(_ shape: SymbolicShape, name: String? = nil) -> Node<S> {
    let name = name ?? "input\(records.count)"
    return append(Leaf(kind: .input, label: "\(name)#\(records.count)"), [], shape, name: name)
  }

  /// A value kept from step to step: a weight, a velocity, a running mean.
  ///
  /// - Parameters:
  ///   - name: unique in the graph; the same name and shape again give the same node.
  ///   - shape: without a batch axis.
  ///   - initial: what it holds before the first step.
  ///   - isTrainable: whether ``trainableVariables`` lists it.
  public func variable(
    _ name: String, _ shape: Shape, _ initial: InitialValue, isTrainable: Bool
  ) -> Node<S> {
    if let index = variableIndices[name] {
      if records[index].shape != SymbolicShape(shape) { fail(.duplicateVariable(name: name, scope: scopes.last)) }
      return Node(graph: self, index: index)
    }
    let leaf = Leaf(kind: .variable(initial, isTrainable: isTrainable), label: name)
    let node = append(leaf, [], SymbolicShape(shape), name: name)
    variableIndices[name] = node.index
    return node
  }

  /// A trainable variable filled by `initializer`, under a name of its own where none is given.
  public func parameter(
    _ name: String? = nil, _ shape: Shape, _ initializer: Initializer, fans: Fans? = nil
  ) -> Node<S> {
    variable(
      name ?? "parameter\(variableIndices.count)", shape, .initializer(initializer, fans: fans), isTrainable: true)
  }

  /// A tensor that never changes.
  public func constant(_ tensor: Tensor<S>) -> Node<S> {
    // The same number everywhere is folded into the operations that read it.
    if let first = tensor.elements.first, tensor.elements.allSatisfy({ $0 == first }) {
      return constant(Double(first), shape: SymbolicShape(tensor.shape))
    }
    let doubles = Tensor<Double>(tensor.shape, tensor.elements.map { Double($0) })
    return append(Leaf(kind: .constant(doubles), label: "constant"), [], SymbolicShape(tensor.shape))
  }

  /// A number, as a scalar node or spread over `shape`.
  public func constant(_ value: Double, shape: SymbolicShape = []) -> Node<S> {
    record(Fill(value: value, shape: shape), [])
  }

  /// The variables that an optimizer may change, in the order in which they were recorded.
  public var trainableVariables: [Node<S>] {
    records.indices.filter {
      guard case .variable(_, isTrainable: true)? = (records[$0].operation as? Leaf)?.kind else { return false }
      return true
    }.map { Node(graph: self, index: $0) }
  }

  /// Every variable with its name, in the order of recording.
  public var variables: [(name: String, node: Node<S>)] {
    variableIndices.sorted { $0.value < $1.value }.map { ($0.key, Node(graph: self, index: $0.value)) }
  }

  /// The name of a variable or an input, or one that was given with ``label(_:as:)``.
  public func name(of node: Node<S>) -> String? { node.graph === self ? records[node.index].name : nil }

  /// Gives a node a name that messages and plans print.
  public func label(_ node: Node<S>, as name: String) {
    guard node.graph === self else { return fail(.foreignNode(operation: "label")) }
    records[node.index].name = records[node.index].name ?? name
  }

  // MARK: Recording

  /// Records what `body` records under a name and a place, which errors then give.
  public func scoped<Result>(
    _ name: String, at location: SourceLocation?, _ body: () throws -> Result
  ) rethrows -> Result {
    scopes.append(Scope(name: name, location: location))
    defer { scopes.removeLast() }
    return try body()
  }

  func withScope(_ scope: Scope?, _ body: () -> Void) {
    if let scope { scopes.append(scope) }
    body()
    if scope != nil { scopes.removeLast() }
  }

  /// Sets `variable` to `value` at the end of every step.
  ///
  /// All nodes of a step see the variable's value from before the step. A variable has one update at most.
  public func update(_ variable: Node<S>, to value: Node<S>) {
    guard variable.graph === self, value.graph === self else { return fail(.foreignNode(operation: "update")) }
    let name = name(of: variable) ?? variable.operation.name
    guard (variable.operation as? Leaf)?.isVariable == true else {
      return fail(.update(variable: name, reason: "it is not a variable", scope: scopes.last))
    }
    guard !updates.contains(where: { $0.variable == variable.index }) else {
      return fail(.update(variable: name, reason: "it has an update already", scope: scopes.last))
    }
    guard variable.shape == value.shape else {
      return fail(
        .shape(
          operation: "update of '\(name)'", operands: [value.shape], expectation: "\(variable.shape)",
          scope: scopes.last))
    }
    // A value that is a variable itself is copied first, so that updates which exchange variables see the old ones.
    let isLeaf = records[source(of: value.index)].operation is Leaf
    let copied = isLeaf ? record(Affine(scale: 1, offset: 0), [value]) : value
    updates.append(Update(variable: variable.index, value: copied.index))
  }

  /// Sets `variable` at the end of every step to what `change` makes of the value that it would have without this call: the
  /// present one, or that of an earlier update.
  ///
  /// So a part of a program that is recorded twice, as a layer applied to two inputs, changes what it keeps twice.
  public func update(_ variable: Node<S>, by change: (Node<S>) -> Node<S>) {
    guard variable.graph === self else { return fail(.foreignNode(operation: "update")) }
    let earlier = updates.firstIndex { $0.variable == variable.index }
    let value = change(earlier.map { Node(graph: self, index: updates[$0].value) } ?? variable)
    if let earlier { updates.remove(at: earlier) }
    update(variable, to: value)
  }

  /// Records an operation; the way in for operations written outside this module.
  public func record(_ operation: some Operation, _ operands: [Node<S>]) -> Node<S> {
    guard operands.allSatisfy({ $0.graph === self }) else {
      fail(.foreignNode(operation: operation.name))
      return constant(0)
    }
    let indices = operands.map(\.index)
    let key = Key(operation: AnyHashable(operation), operands: indices)
    if let index = known[key] { return Node(graph: self, index: index) }
    // After a mistake the shape is a guess; the graph goes on recording and compile reports the first mistake alone.
    var shape = operands.first?.shape ?? []
    do {
      shape = try operation.shape(of: operands.map(\.shape))
    } catch {
      fail(
        .shape(
          operation: operation.name, operands: operands.map(\.shape), expectation: error.expectation,
          scope: scopes.last))
    }
    let node = append(operation, indices, shape)
    known[key] = node.index
    return node
  }

  /// Keeps the first mistake for `compile`.
  public func fail(_ error: GraphError) { failure = failure ?? error }

  /// The part of the program that is being recorded.
  public var currentScope: Scope? { scopes.last }

  private func append(
    _ operation: some Operation, _ operands: [Int], _ shape: SymbolicShape, name: String? = nil
  ) -> Node<S> {
    if !shape.isCountable {
      fail(
        .shape(
          operation: name ?? operation.name, operands: [shape],
          expectation: "at most \(SymbolicShape.largestRank) positive axes and fewer than "
            + "\(SymbolicShape.largestCount) elements", scope: scopes.last))
    }
    records.append(Record(operation: operation, operands: operands, shape: shape, scope: scopes.last, name: name))
    return Node(graph: self, index: records.count - 1)
  }
}

/// What a variable holds before the first step.
public enum InitialValue: Sendable {
  /// Drawn by an initializer from the state's seed and the variable's name.
  case initializer(Initializer, fans: Fans?)
  /// Given element by element.
  case tensor(Tensor<Double>)
  /// A convolution kernel with a connection table: each output map is drawn with its own fan-in, unconnected entries are 0.
  case maskedInitializer(Initializer, mask: Tensor<Double>)
}

extension Graph {
  /// Throws the first mistake that was recorded, without compiling.
  public func validate() throws(GraphError) {
    if let failure { throw failure }
  }
}

public import BLAS
public import Tensors

/// The values of a network's variables, shared by every plan that is compiled with it.
///
/// A variable is made when the first plan that names it is compiled, from the state's seed and the variable's name alone, so
/// what else a network contains does not change a layer's draw. A state and its plans belong to one task at a time.
public final class State<S: Scalar> {
  /// The seed of everything drawn for this state.
  public let seed: UInt64
  private(set) var storages: [String: Storage<S>] = [:]
  /// Within ``withoutDrawing(_:)`` the variables that were made there and have no value yet; nil outside.
  private var undrawn: Set<String>?

  /// A state without variables.
  public init(seed: UInt64 = 0) { self.seed = seed }

  /// The names of all variables, sorted.
  public var names: [String] { storages.keys.sorted() }

  /// A copy of a variable's value, or `nil` where there is none of that name.
  ///
  /// Setting a value of another shape is a mistake that the next compilation reports; plans that are compiled already keep
  /// their own shapes, so set values of the same shape there.
  public subscript(name: String) -> Tensor<S>? {
    get {
      storages[name].map { storage in
        // Copied at once: an unspecialised generic loop would take seconds over a large network.
        let elements = [S](unsafeUninitializedCapacity: storage.count) { target, count in
          target.baseAddress?.initialize(from: storage.start, count: storage.count)
          count = storage.count
        }
        return Tensor(Shape(storage.shape.dimensions), elements)
      }
    }
    set {
      guard let newValue else {
        storages[name] = nil
        return
      }
      if let storage = storages[name], storage.shape == newValue.shape {
        storage.fill(newValue.elements)
        undrawn?.remove(name)
      } else {
        storages[name] = Storage(newValue)
      }
    }
  }

  /// A variable's shape, without a copy of its value.
  public subscript(shapeOf name: String) -> Shape? { storages[name].map { Shape($0.shape.dimensions) } }

  /// Calls `body` with a variable's elements where they lie; `nil` where there is none of that name.
  public func withElements<Result>(
    of name: String, _ body: (UnsafeBufferPointer<S>) throws -> Result
  ) rethrows -> Result? {
    try storages[name].map { try body(UnsafeBufferPointer(start: $0.start, count: $0.count)) }
  }

  /// Bytes of all variables.
  public var byteCount: Int { storages.values.reduce(0) { $0 + $1.count * MemoryLayout<S>.stride } }

  /// Copies of all variables by name.
  public var tensors: [String: Tensor<S>] {
    Dictionary(uniqueKeysWithValues: names.compactMap { name in self[name].map { (name, $0) } })
  }

  /// Makes variables without drawing their values, which `body` gives them instead: drawing a large network takes longer than
  /// reading its weights.
  ///
  /// ```swift
  /// let plan = try state.withoutDrawing {
  ///   let plan = try graph.compile([output], state: state)
  ///   for (name, tensor) in weights { state[name] = tensor }
  ///   return plan
  /// }
  /// ```
  ///
  /// - Parameter body: compiles plans and sets, in the variables' own shapes, what these made.
  /// - Throws: ``GraphError/withoutValue(variables:)`` where `body` set not all of them, and what it throws. The variables
  ///   that it made and did not set are then no longer there, and a plan that it compiled must not be run.
  public func withoutDrawing<Result>(_ body: () throws -> Result) throws -> Result {
    let outer = undrawn
    undrawn = []
    defer {
      for name in undrawn ?? [] { storages[name] = nil }
      undrawn = outer
    }
    let result = try body()
    guard let missing = undrawn, missing.isEmpty else {
      throw GraphError.withoutValue(variables: (undrawn ?? []).sorted())
    }
    return result
  }

  /// The variable's storage, made on first use.
  func storage(
    _ name: String, shape: Shape, initial: InitialValue, scope: Scope?
  ) throws(GraphError) -> Storage<S> {
    if let storage = storages[name] {
      guard storage.shape == shape else {
        throw .variableShape(name: name, expected: shape, found: storage.shape)
      }
      return storage
    }
    let storage: Storage<S>
    if undrawn != nil {
      storage = Storage(zeros: shape)
      undrawn?.insert(name)
    } else {
      storage = Storage(
        try initial.tensor(shape, generator: RandomGenerator(seed: seed, stream: name), name, scope))
    }
    storages[name] = storage
    return storage
  }
}

extension InitialValue {
  func tensor<S: Scalar>(
    _ shape: Shape, generator: RandomGenerator, _ name: String, _ scope: Scope?
  ) throws(GraphError) -> Tensor<S> {
    do {
      switch self {
      case .initializer(let initializer, let fans):
        return try initializer.makeTensor(shape, fans: fans, generator: generator)
      case .tensor(let tensor):
        guard tensor.shape == shape else {
          throw ShapeMismatch(expected: "an initial value of shape \(shape), found \(tensor.shape)")
        }
        return Tensor(tensor.shape, tensor.elements.map { S($0) })
      case .maskedInitializer(let initializer, let mask):
        return try Self.masked(initializer, mask, shape, generator)
      }
    } catch {
      throw .initializer(variable: name, message: "\(error)", scope: scope)
    }
  }

  private static func masked<S: Scalar>(
    _ initializer: Initializer, _ mask: Tensor<Double>, _ shape: Shape, _ generator: RandomGenerator
  ) throws -> Tensor<S> {
    guard mask.shape == shape, shape.rank > 0 else {
      throw ShapeMismatch(expected: "a mask of shape \(shape), found \(mask.shape)")
    }
    let outputs = shape[shape.rank - 1]
    let rows = shape.count / outputs
    var elements = [S](repeating: 0, count: shape.count)
    for output in 0..<outputs {
      let connected = (0..<rows).filter { mask.elements[$0 * outputs + output] != 0 }
      let fans = Fans(fanIn: connected.count, fanOut: shape.dimensions.dropLast(2).reduce(1, *) * outputs)
      let column: Tensor<S> = try initializer.makeTensor(
        [connected.count, 1], fans: fans, generator: generator.fork("output\(output)"))
      for (position, row) in connected.enumerated() { elements[row * outputs + output] = column.elements[position] }
    }
    return Tensor(shape, elements)
  }
}

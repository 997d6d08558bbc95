public import BLAS
public import Foundation

/// Tensors by name, with remarks: what a checkpoint or a file of weights holds.
///
/// ```swift
/// var weights = NamedTensors(metadata: ["model": "LeNet-5"])
/// weights.insert(kernel, named: "conv1/kernel")
/// try weights.write(to: url)
/// let kernel: Tensor<Float> = try NamedTensors(contentsOf: url).tensor("conv1/kernel", shape: [5, 5, 1, 6])
/// ```
public struct NamedTensors: Sendable, Equatable {
  /// Remarks that are kept with the tensors.
  public var metadata: [String: String]

  private var tensors: [String: AnyTensor] = [:]

  /// Makes an empty collection.
  public init(metadata: [String: String] = [:]) {
    self.metadata = metadata
  }

  /// The names, sorted by their bytes in UTF-8.
  public var names: [String] { tensors.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

  /// The number of tensors.
  public var count: Int { tensors.count }

  /// The tensor of a name; assigning nil removes it.
  public subscript(name: String) -> AnyTensor? {
    get { tensors[name] }
    set { tensors[name] = newValue }
  }

  /// Adds a tensor, in place of any other of the name.
  public mutating func insert<S: Scalar>(_ tensor: Tensor<S>, named name: String) {
    tensors[name] = AnyTensor(tensor)
  }

  /// The tensor of a name.
  ///
  /// - Parameters:
  ///   - name: The name.
  ///   - type: The scalar; `Float` widens to `Double`.
  ///   - shape: The shape it must have; nil for any.
  ///   - allowingRounding: Whether `Double` may be rounded to `Float`.
  /// - Throws: ``NamedTensorsError`` when there is no such tensor, or not of this shape or precision.
  public func tensor<S: Scalar>(
    _ name: String, of type: S.Type = S.self, shape: Shape? = nil, allowingRounding: Bool = false
  ) throws(NamedTensorsError) -> Tensor<S> {
    guard let stored = tensors[name] else { throw .missing(name: name, known: names) }
    if let shape, shape != stored.shape { throw .shape(name: name, found: stored.shape, expected: shape) }
    guard let tensor = stored.tensor(of: S.self, allowingRounding: allowingRounding) else {
      throw .precision(name: name, found: stored.elementType.rawValue, expected: "\(S.self)")
    }
    return tensor
  }

  /// Reads every tensor of a safetensors file.
  ///
  /// - Throws: ``SafetensorsError``.
  public init(contentsOf url: URL) throws(SafetensorsError) {
    self = try SafetensorsFile(url).readAll()
  }
}

/// Why a tensor cannot be had from a collection.
public enum NamedTensorsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no tensor of this name.
  case missing(name: String, known: [String])
  /// The tensor has another shape.
  case shape(name: String, found: Shape, expected: Shape)
  /// The tensor's digits would be lost.
  case precision(name: String, found: String, expected: String)

  /// What was expected and what was found.
  public var description: String {
    switch self {
    case .missing(let name, let known):
      let some = known.prefix(20).joined(separator: ", ") + (known.count > 20 ? ", ..." : "")
      return "there is no tensor \"\(name)\" among the \(known.count): \(some)"
    case .shape(let name, let found, let expected):
      return "tensor \"\(name)\" has shape \(found), expected \(expected)"
    case .precision(let name, let found, let expected):
      return "tensor \"\(name)\" is stored as \(found), reading it as \(expected) would lose digits"
    }
  }
}

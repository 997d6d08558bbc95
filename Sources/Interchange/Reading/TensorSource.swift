public import BLAS
public import Tensors

/// Tensors by name that are read when they are asked for: a file of any format, a collection in memory, or another source
/// under other names.
public protocol TensorSource: Sendable {
  /// The path of the file, for errors.
  var path: String { get }
  /// The tensors, in the order of the file.
  var entries: [TensorEntry] { get }
  /// Remarks that are kept with the tensors.
  var metadata: [String: String] { get }

  /// Fills `target` with the elements of a tensor in row-major order, little-endian.
  ///
  /// - Precondition: The entry is one of ``entries`` and `target` has its ``TensorEntry/byteCount``.
  /// - Throws: ``InterchangeError``; what `target` holds is then undefined.
  func read(_ entry: TensorEntry, into target: UnsafeMutableRawBufferPointer) throws(InterchangeError)
}

extension TensorSource {
  /// The tensor of a name, as the file describes it.
  ///
  /// - Throws: ``InterchangeError/Reason/missingTensor(known:)``.
  public func entry(named name: String) throws(InterchangeError) -> TensorEntry {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw InterchangeError(file: path, key: name, reason: .missingTensor(known: entries.map(\.name)))
    }
    return entry
  }

  /// A tensor's elements as they are stored, whatever their type.
  ///
  /// - Throws: ``InterchangeError``.
  public func bytes(of entry: TensorEntry) throws(InterchangeError) -> [UInt8] {
    var failure: InterchangeError?
    let bytes = [UInt8](unsafeUninitializedCapacity: entry.byteCount) { buffer, count in
      do throws(InterchangeError) {
        try read(
          entry,
          into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<entry.byteCount]))
      } catch {
        failure = error
      }
      // The elements are trivial, so counting undefined ones before throwing them away is harmless.
      count = entry.byteCount
    }
    if let failure { throw failure }
    return bytes
  }

  /// A tensor as numbers of `S`.
  ///
  /// - Parameters:
  ///   - name: The name in the file.
  ///   - type: The scalar: everything is widened that fits exactly, half precision, bfloat16 and integers among them.
  ///   - allowingRounding: Whether what does not fit is rounded.
  /// - Throws: ``InterchangeError`` where there is no such tensor, it cannot be read or digits would be lost.
  public func tensor<S: Scalar>(
    _ name: String, of type: S.Type = S.self, allowingRounding: Bool = false
  ) throws(InterchangeError) -> Tensor<S> {
    try tensor(try entry(named: name), allowingRounding: allowingRounding)
  }

  /// A tensor as numbers of `S`; see ``tensor(_:of:allowingRounding:)``.
  func tensor<S: Scalar>(_ entry: TensorEntry, allowingRounding: Bool) throws(InterchangeError) -> Tensor<S> {
    if entry.elementType.rawValue == S.safetensorsName {
      // Elements that lie in the file as they lie in memory come straight into the tensor.
      return try Tensor(entry.shape) { target throws(InterchangeError) in
        try read(entry, into: UnsafeMutableRawBufferPointer(target))
      }
    }
    let bytes = try bytes(of: entry)
    guard
      let elements: [S] = ElementConversion.elements(
        bytes, of: entry.elementType, count: entry.shape.count, allowingRounding: allowingRounding)
    else {
      throw InterchangeError(
        file: path, key: entry.name,
        reason: .elementType(found: entry.elementType.rawValue, expected: "\(S.self) without loss"))
    }
    return Tensor(entry.shape, elements)
  }

  /// Every tensor: as Double where Float would lose digits, else as Float.
  ///
  /// - Throws: ``InterchangeError``.
  public func readAll() throws(InterchangeError) -> NamedTensors {
    var tensors = NamedTensors(metadata: metadata)
    for entry in entries {
      switch entry.elementType {
      case .float64, .int64, .uint64, .int32, .uint32:
        tensors[entry.name] = .double(try tensor(entry, allowingRounding: false))
      default: tensors[entry.name] = .float(try tensor(entry, allowingRounding: false))
      }
    }
    return tensors
  }
}

extension NamedTensors: TensorSource {
  /// There is no file.
  public var path: String { "tensors in memory" }

  /// The tensors by name.
  public var entries: [TensorEntry] {
    names.compactMap { name in
      self[name].map { TensorEntry(name: name, elementType: $0.elementType, shape: $0.shape) }
    }
  }

  /// Copies a tensor's elements.
  public func read(_ entry: TensorEntry, into target: UnsafeMutableRawBufferPointer) throws(InterchangeError) {
    self[entry.name]?.withUnsafeBytes { target.copyMemory(from: $0) }
  }
}

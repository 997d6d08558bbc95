import Tensors

/// The names that a state dictionary may ask for.
enum PyTorchGlobals {
  static func isKnown(_ name: String) -> Bool { functions.contains(name) || storage(name) != nil || dtype(name) != nil }

  static let untypedStorages = ["torch.storage.UntypedStorage", "torch.UntypedStorage"]

  private static let functions: Set<String> = [
    "collections.OrderedDict", "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_tensor_v3", "torch._utils._rebuild_parameter", "torch.Size",
  ]

  /// The type of a storage class's elements; nil inside for a storage of bytes, nil where the class is not known.
  static func storage(_ name: String) -> ElementType?? {
    if untypedStorages.contains(name) { return .some(nil) }
    guard name.hasPrefix("torch."), name.hasSuffix("Storage"), let type = classes[String(name.dropFirst(6).dropLast(7))]
    else { return nil }
    return .some(type)
  }

  private static let classes: [String: ElementType] = [
    "Double": .float64, "Float": .float32, "Half": .float16, "BFloat16": .bfloat16, "Long": .int64, "Int": .int32,
    "Short": .int16, "Char": .int8, "Byte": .uint8, "Bool": .bool, "ComplexFloat": .complex64,
  ]

  /// The element type of `torch.float32` and so on.
  static func dtype(_ name: String) -> ElementType? {
    name.hasPrefix("torch.") ? dtypes[String(name.dropFirst(6))] : nil
  }

  private static let dtypes: [String: ElementType] = [
    "float64": .float64, "float32": .float32, "float16": .float16, "bfloat16": .bfloat16, "int64": .int64,
    "int32": .int32, "int16": .int16, "int8": .int8, "uint64": .uint64, "uint32": .uint32, "uint16": .uint16,
    "uint8": .uint8, "bool": .bool, "complex64": .complex64, "float8_e5m2": .float8e5m2, "float8_e4m3fn": .float8e4m3,
  ]
}

// MARK: - Calls

extension PickleMachine {
  /// What a name makes of its arguments.
  mutating func call(_ name: String, _ arguments: [PickleValue]) throws(InterchangeError) -> PickleValue {
    switch name {
    case "collections.OrderedDict":
      guard arguments.isEmpty else { throw error(.unsupported("an OrderedDict made of arguments")) }
      return makeDictionary()
    case "torch.Size":
      guard arguments.count == 1, case .tuple = arguments[0] else { throw malformed("torch.Size of a tuple", "others") }
      return arguments[0]
    case "torch._utils._rebuild_parameter":
      guard case .tensor? = arguments.first else { throw malformed("a parameter of a tensor", "another value") }
      return arguments[0]
    case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2": return try rebuild(arguments, dtype: nil)
    case "torch._utils._rebuild_tensor_v3":
      guard arguments.count > 6, case .global(let name) = arguments[6], let type = PyTorchGlobals.dtype(name) else {
        throw malformed("a dtype", "none that is known")
      }
      return try rebuild(arguments, dtype: type)
    default: throw error(.unsupported("a call of \(name)"))
    }
  }

  /// The storage that `("storage", class, key, location, count)` names.
  mutating func storage(_ tuple: [PickleValue]) throws(InterchangeError) -> PickleValue {
    guard tuple.count >= 5, case .text("storage") = tuple[0], case .global(let name) = tuple[1],
      let type = PyTorchGlobals.storage(name), case .text(let key) = tuple[2], case .integer(let count) = tuple[4],
      count >= 0
    else { throw malformed("('storage', class, key, location, count)", "another tuple") }
    var offset = 0
    var root = key
    // The oldest files name views of a storage: (key, offset, count).
    if tuple.count > 5, case .tuple(let index) = tuple[5] {
      guard tuples[index].count == 3, case .text = tuples[index][0], case .integer(let start) = tuples[index][1],
        start >= 0
      else { throw malformed("(key, offset, count)", "another tuple") }
      (root, offset) = (key, start)
    }
    storages.append(PickledStorage(key: root, elementType: type, count: count, offset: offset))
    return .storage(storages.count - 1)
  }

  /// The view that `(storage, offset, extents, strides, ...)` describes.
  private mutating func rebuild(
    _ arguments: [PickleValue], dtype: ElementType?
  ) throws(InterchangeError) -> PickleValue {
    guard arguments.count >= 4, case .storage(let index) = arguments[0], case .integer(let offset) = arguments[1],
      let dimensions = integers(arguments[2]), let strides = integers(arguments[3])
    else { throw malformed("(storage, offset, extents, strides)", "other arguments") }
    guard let type = dtype ?? storages[index].elementType else {
      throw malformed("a tensor that says what its bytes mean", "none")
    }
    let view = StridedElements(dimensions: dimensions, strides: strides, offset: offset)
    guard offset >= 0, dimensions.count == strides.count, dimensions.count <= 64,
      UnpackedSize.shape(dimensions, type) != nil, let end = view.end
    else {
      throw malformed("an offset, extents and strides", "\(offset), \(dimensions) and \(strides)")
    }
    let storage = storages[index]
    // A storage of bytes counts bytes.
    let capacity = storage.elementType == nil ? storage.count / type.byteCount : storage.count
    guard end <= capacity else {
      throw malformed("a view of the storage's \(capacity) elements", "one that reaches \(end)")
    }
    tensors.append(PickledTensor(storage: index, elementType: type, view: view))
    return .tensor(tensors.count - 1)
  }

  private func integers(_ value: PickleValue) -> [Int]? {
    guard case .tuple(let index) = value else { return nil }
    var integers: [Int] = []
    for value in tuples[index] {
      guard case .integer(let integer) = value else { return nil }
      integers.append(integer)
    }
    return integers
  }
}

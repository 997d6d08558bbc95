/// A value of a pickle.
///
/// What holds other values is an index into the machine's own lists, so that a hostile file cannot nest values deeper than
/// the stack is when they are destroyed.
enum PickleValue {
  case none
  case truth(Bool)
  case integer(Int)
  /// An integer of more than 64 bits, little-endian.
  case largeInteger([UInt8])
  case number(Double)
  case text(String)
  case bytes([UInt8])
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  /// A name that a state dictionary may use; nothing stands behind it.
  case global(String)
  case storage(Int)
  case tensor(Int)

  /// What kind of value it is, for errors.
  var kind: String {
    switch self {
    case .none: "None"
    case .truth: "a truth value"
    case .integer, .largeInteger: "an integer"
    case .number: "a number"
    case .text: "a text"
    case .bytes: "bytes"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .global(let name): name
    case .storage: "a storage"
    case .tensor: "a tensor"
    }
  }

  /// As text for metadata, where it is one value.
  var literal: String? {
    switch self {
    case .none: "None"
    case .truth(let value): value ? "True" : "False"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): value
    default: nil
    }
  }
}

/// The memory that tensors look into: one for each storage of a PyTorch file.
struct PickledStorage {
  /// The name under which the file keeps its bytes.
  let key: String
  /// Nil for a storage of bytes, whose tensors say themselves what these mean.
  let elementType: ElementType?
  /// How many elements.
  let count: Int
  /// Where another storage begins that this one is a part of, in elements; only in the oldest files.
  let offset: Int
}

/// A tensor as a pickle describes it: a view of a storage.
struct PickledTensor {
  let storage: Int
  let elementType: ElementType
  let view: StridedElements
}

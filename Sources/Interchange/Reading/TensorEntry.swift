public import Tensors

/// How the elements of a stored tensor are kept: the types that safetensors knows.
public typealias ElementType = SafetensorsEntry.ElementType

/// A tensor of a file, as the file describes it.
public struct TensorEntry: Hashable, Sendable {
  /// The name in the file.
  public let name: String
  /// The type of the elements.
  public let elementType: ElementType
  /// The extents.
  public let shape: Shape

  /// Makes a description.
  public init(name: String, elementType: ElementType, shape: Shape) {
    self.name = name
    self.elementType = elementType
    self.shape = shape
  }

  /// The size of all elements.
  public var byteCount: Int { shape.count * elementType.byteCount }
}

extension ElementType {
  /// Whether the elements are numbers with a fraction.
  var isFloatingPoint: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16, .float8e5m2, .float8e4m3, .float8e8m0: true
    default: false
    }
  }
}

/// How much a file may take when it is unpacked: 200 times its size and 64 MiB.
///
/// It bounds the members of an archive together and the tensors together, so that neither deflated zeros, nor members that
/// share their bytes, nor a thousand views of one storage ask for memory out of proportion to the file.
enum UnpackedSize {
  static func limit(fileSize: Int) -> Int {
    let (product, overflow) = fileSize.multipliedReportingOverflow(by: 200)
    return overflow ? .max : product.addingReportingOverflow(64 << 20).partialValue
  }

  /// The extents of a tensor whose elements have `type`, where they can be counted in bytes.
  static func shape(_ dimensions: [Int], _ type: ElementType) -> Shape? {
    guard let shape = try? Shape(validating: dimensions) else { return nil }
    return shape.count.multipliedReportingOverflow(by: type.byteCount).overflow ? nil : shape
  }

  /// Refuses names that appear twice and tensors that are too large together.
  static func check(_ entries: [TensorEntry], file: String, fileSize: Int) throws(InterchangeError) {
    var names: Set<String> = []
    var total = 0
    for entry in entries {
      guard names.insert(entry.name).inserted else {
        throw InterchangeError(file: file, key: entry.name, reason: .duplicateName)
      }
      let (sum, overflow) = total.addingReportingOverflow(entry.byteCount)
      total = overflow ? .max : sum
      guard total <= limit(fileSize: fileSize) else {
        throw InterchangeError(
          file: file, key: entry.name, reason: .tooLarge(claimed: total, limit: limit(fileSize: fileSize)))
      }
    }
  }
}

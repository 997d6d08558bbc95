public import BLAS

/// A tensor of either precision.
public enum AnyTensor: Sendable, Equatable {
  /// Single precision.
  case float(Tensor<Float>)
  /// Double precision.
  case double(Tensor<Double>)

  /// Wraps a tensor.
  public init<S: Scalar>(_ tensor: Tensor<S>) {
    if let tensor = tensor as? Tensor<Float> {
      self = .float(tensor)
    } else if let tensor = tensor as? Tensor<Double> {
      self = .double(tensor)
    } else {
      preconditionFailure("there are no scalars but Float and Double, found \(S.self)")
    }
  }

  /// The extents of the axes.
  public var shape: Shape {
    switch self {
    case .float(let tensor): tensor.shape
    case .double(let tensor): tensor.shape
    }
  }

  /// How the elements are stored.
  public var elementType: SafetensorsEntry.ElementType {
    switch self {
    case .float: .float32
    case .double: .float64
    }
  }

  /// The tensor as one of scalar `S`; nil when digits would be lost and `allowingRounding` is false.
  public func tensor<S: Scalar>(of type: S.Type = S.self, allowingRounding: Bool = false) -> Tensor<S>? {
    switch self {
    case .float(let tensor): (tensor as? Tensor<S>) ?? Tensor(converting: tensor)
    case .double(let tensor): (tensor as? Tensor<S>) ?? (allowingRounding ? Tensor(converting: tensor) : nil)
    }
  }

  /// Calls `body` with the elements' bytes in row-major order.
  package func withUnsafeBytes<Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure)
  {
    switch self {
    case .float(let tensor):
      try tensor.withUnsafeBufferPointer { elements throws(Failure) in try body(UnsafeRawBufferPointer(elements)) }
    case .double(let tensor):
      try tensor.withUnsafeBufferPointer { elements throws(Failure) in try body(UnsafeRawBufferPointer(elements)) }
    }
  }
}

import BLAS

extension Tensor: ExpressibleByFloatLiteral {
  /// Makes a tensor of shape `[]` from a number.
  public init(floatLiteral value: S.FloatLiteralType) {
    self.init(scalar: S(floatLiteral: value))
  }
}

extension Tensor: ExpressibleByIntegerLiteral {
  /// Makes a tensor of shape `[]` from a whole number.
  public init(integerLiteral value: S.IntegerLiteralType) {
    self.init(scalar: S(integerLiteral: value))
  }
}

extension Tensor: ExpressibleByArrayLiteral {
  /// Makes a tensor from nested brackets: `[[1, 2, 3], [4, 5, 6]]` has shape `[2, 3]`, `[]` has shape `[0]`.
  ///
  /// - Precondition: The parts of one bracket have one shape.
  public init(arrayLiteral parts: Tensor<S>...) {
    let part = parts.first?.shape ?? []
    precondition(parts.allSatisfy { $0.shape == part }, "the parts of a tensor literal must have one shape")
    self.init([parts.count] + part, parts.flatMap(\.elements))
  }
}

public import Autodiff
public import BLAS

/// All axes but the batch laid end to end, row-major: images [batch, h, w, c] become rows [batch, h·w·c].
public struct Flatten: Layer {
  /// The stem of the layer's name: `flatten`.
  public let kind = "flatten"
  /// The layer's name, where it was written and its penalties.
  public var identity: LayerIdentity
  /// None.
  public var hasParameters: Bool { false }

  /// A layer without parameters.
  public init(name: String? = nil, file: StaticString = #fileID, line: UInt = #line) {
    identity = LayerIdentity(name: name, file: file, line: line)
  }

  /// Records the layer's function of `input`; shapes that do not fit are kept for `compile` to report.
  public func record<S: Scalar>(_ input: Node<S>, in context: NetworkContext<S>) -> Node<S> {
    let sizes = input.shape.dimensions.dropFirst().map(\.fixedSize)
    guard input.rank >= 1, !sizes.contains(nil) else {
      return context.refuse(input, self, expected: "a batch axis followed by fixed ones")
    }
    return input.reshaped(to: [input.shape[0], Dimension(sizes.reduce(1) { $0 * ($1 ?? 1) })])
  }
}

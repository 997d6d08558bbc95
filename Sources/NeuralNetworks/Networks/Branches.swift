public import Autodiff
public import BLAS

/// Several layers applied to the same input, and their results merged.
///
/// ```swift
/// Branches(merging: .sum) {
///   Sequential { Dense(64, activation: .relu); Dense(32) }
///   Dense(32)
/// }
/// ```
public struct Branches: ContainerLayer {
  /// How the results become one.
  public enum Merging: Hashable, Sendable {
    /// Laid end to end along an axis counted from the batch (0), which cannot be it.
    case concatenation(axis: Int)
    /// Added element by element.
    case sum
  }

  /// The stem of the layer's name: `branches`.
  public let kind = "branches"
  /// The layer's name, where it was written and its penalties.
  public var identity: LayerIdentity
  /// The layers inside, in the order in which they are recorded.
  public let layers: [any Layer]
  /// How the results become one.
  public let merging: Merging

  /// Branches, one a layer of `content`; a branch of several layers is a ``Sequential``.
  public init(
    merging: Merging, name: String? = nil, file: StaticString = #fileID, line: UInt = #line,
    @LayerBuilder _ content: () -> [any Layer]
  ) {
    self.merging = merging
    layers = content()
    identity = LayerIdentity(name: name, file: file, line: line)
  }

  /// Records the layer's function of `input`; shapes that do not fit are kept for `compile` to report.
  public func record<S: Scalar>(_ input: Node<S>, in context: NetworkContext<S>) -> Node<S> {
    let results = layers.map { context.record($0, input) }
    guard let first = results.first else { return input }
    switch merging {
    case .concatenation(let axis): return concatenate(results, axis: axis)
    case .sum: return results.dropFirst().reduce(first) { $0 + $1 }
    }
  }
}

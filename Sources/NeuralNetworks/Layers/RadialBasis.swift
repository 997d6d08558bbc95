public import Autodiff
public import BLAS
public import Tensors

/// y_i = Σ_j (x_j - w_ij)²: squared distances to one centre a unit.
///
/// Source: LeCun et al. (1998), equation 7: LeNet-5's output layer, whose centres are fixed bitmaps of the characters.
public struct RadialBasis: Layer {
  /// The stem of the layer's name: `rbf`.
  public let kind = "rbf"
  /// The layer's name, where it was written and its penalties.
  public var identity: LayerIdentity
  /// One row a unit.
  public let centres: Tensor<Double>
  /// Whether training moves the centres.
  public let isTrainable: Bool

  /// Units around `centres` [units, inputs].
  public init(
    centres: Tensor<Double>, isTrainable: Bool = false, name: String? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    self.centres = centres
    self.isTrainable = isTrainable
    identity = LayerIdentity(name: name, file: file, line: line)
  }

  /// Records the layer's function of `input`; shapes that do not fit are kept for `compile` to report.
  public func record<S: Scalar>(_ input: Node<S>, in context: NetworkContext<S>) -> Node<S> {
    guard input.rank == 2, centres.shape.rank == 2, input.shape[1].fixedSize == centres.shape[1] else {
      return context.refuse(input, self, expected: "rows [batch, n] with the n of its centres \(centres.shape)")
    }
    let points =
      isTrainable
      ? context.parameter("centres", centres.shape, .tensor(centres), isWeight: false)
      : context.buffer("centres", centres.shape, .tensor(centres))
    return squaredDistances(input, to: points)
  }

  /// Multiply-adds, connections and neurons for one example.
  public func cost(input: Shape, output: Shape) -> LayerCost {
    LayerCost(multiplyAdds: centres.shape.count, connections: centres.shape.count, neurons: output.count)
  }
}

import BLAS
import Kernels
import Tensors

/// x·s^-β with s = k + α·Σ x² over the channels around each one. `scale` is the α of the sum itself.
struct LocalResponseNormalization: Operation {
  let size: Int
  let bias: Double
  let scale: Double
  let exponent: Double

  var name: String { "local response normalization" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    guard size > 0, bias > 0, scale >= 0, [bias, scale, exponent].allSatisfy(\.isFinite) else {
      throw ShapeMismatch(
        expected: "a window of 1 channel or more, k > 0, α >= 0 and a finite β; found \(size), \(bias), \(scale) and "
          + "\(exponent) for")
    }
    return try shapeOfRows(operands[0])
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    [
      context.graph.record(
        LocalResponseNormalizationGradient(normalization: self), [context.operands[0], context.gradient])
    ]
  }

  // The Jacobian is J_ij = δ_ij·s_i^-β - 2αβ·x_i·x_j·s_i^(-β-1) for the j that i sees; h_j ← Σ_i J_ij²·h_i.
  func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let (x, h) = (context.operands[0], context.gradient)
    let terms = Terms(self, x)
    let own = terms.power * (terms.power - 2 * terms.slope * square(x) * terms.nextPower)
    return [h * own + square(x) * terms.seenFrom(h * square(terms.slope * x * terms.nextPower))]
  }

  func window(_ shape: Shape) -> ResponseWindow { ResponseWindow(channels: shape.lastDimension, size: size) }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.LocalResponseNormalization<S>(
      pixels: result.rowCount, window: window(result), scale: S(scale), bias: S(bias), exponent: S(exponent))
    return PreparedKernel(kernel) { phase, task, at in
      kernel.run(phase: phase, task: task, input: at.operands[0], output: at.result, workspace: at.workspace)
    }
  }

  /// What derivatives beyond the first are made of, written with plain operations: nobody is in a hurry there.
  struct Terms<S: Scalar> {
    /// s^-β and s^(-β-1).
    let power: Node<S>, nextPower: Node<S>, sums: Node<S>
    /// 2αβ.
    let slope: Double
    private let window: (before: Int, after: Int)

    init(_ normalization: LocalResponseNormalization, _ x: Node<S>) {
      let channels = x.shape[x.rank - 1].fixedSize ?? 1
      let span = ResponseWindow(channels: channels, size: normalization.size)
      window = (span.before, span.after)
      sums = normalization.bias + normalization.scale * Self.sum(square(x), before: span.before, after: span.after)
      power = pow(sums, -normalization.exponent)
      nextPower = power / sums
      slope = 2 * normalization.scale * normalization.exponent
    }

    /// Σ over the channels that c sees.
    func seen(_ x: Node<S>) -> Node<S> { Self.sum(x, before: window.before, after: window.after) }

    /// Σ over the channels that see c.
    func seenFrom(_ x: Node<S>) -> Node<S> { Self.sum(x, before: window.after, after: window.before) }

    private static func sum(_ x: Node<S>, before: Int, after: Int) -> Node<S> {
      let axis = x.rank - 1
      let channels = x.shape[axis].fixedSize ?? 1
      let padded = x.padded(axis: axis, before: before, after: after)
      let parts = (0...before + after).map { padded.sliced(axis: axis, from: $0, to: $0 + channels) }
      return parts.dropFirst().reduce(parts[0]) { $0 + $1 }
    }
  }
}

/// g·s^-β - 2αβ·x·Σ g·x·s^(-β-1) over the channels that see each one: the transpose of the Jacobian applied to g. The sums
/// are made anew from x, so nothing but x is kept from the forward pass.
struct LocalResponseNormalizationGradient: Operation {
  let normalization: LocalResponseNormalization

  var name: String { "local response normalization's gradient" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape { operands[0] }

  // With r = W(h·x), W the sum over what a channel sees and V its transpose, the product with h is
  // φ = Σ h·g·s^-β - 2αβ·g·x·s^(-β-1)·r, and by s: -β·h·g·s^(-β-1) + 2αβ(β+1)·g·x·s^(-β-2)·r.
  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let (x, g, h) = (context.operands[0], context.operands[1], context.gradient)
    let terms = LocalResponseNormalization.Terms(normalization, x)
    let (exponent, scale) = (normalization.exponent, normalization.scale)
    let reach = terms.seen(h * x)
    let byGradient = context.ifNeeded(1) { h * terms.power - terms.slope * x * terms.nextPower * reach }
    let byInput = context.ifNeeded(0) {
      let direct = h * terms.seenFrom(g * x * terms.nextPower) + g * terms.nextPower * reach
      let bySums =
        terms.slope * (exponent + 1) * g * x * terms.nextPower / terms.sums * reach
        - exponent * h * g * terms.nextPower
      return 2 * scale * x * terms.seenFrom(bySums) - terms.slope * direct
    }
    return [byInput, byGradient]
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let kernel = Kernels.LocalResponseNormalizationGradient<S>(
      pixels: result.rowCount, window: normalization.window(result), scale: S(normalization.scale),
      bias: S(normalization.bias), exponent: S(normalization.exponent))
    return PreparedKernel(kernel) { phase, task, at in
      kernel.run(
        phase: phase, task: task, input: at.operands[0], outputGradient: at.operands[1], inputGradient: at.result,
        workspace: at.workspace)
    }
  }
}

/// x_i·(k + α·Σ x_j²)^-β over `size` channels j around i, along the last axis.
///
/// - Parameters:
///   - size: how many channels a sum takes in, fewer at the first and the last channels; size / 2 of them, rounded down, stand
///     before i.
///   - k: greater than 0.
///   - alpha: multiplies the sum itself. Caffe and PyTorch divide theirs by `size` first.
///
/// Source: Krizhevsky, Sutskever and Hinton (2012), section 3.3.
public func localResponseNormalization<S>(
  _ x: Node<S>, size: Int = 5, k: Double = 2, alpha: Double = 1e-4, beta: Double = 0.75
) -> Node<S> {
  x.graph.record(LocalResponseNormalization(size: size, bias: k, scale: alpha, exponent: beta), [x])
}

import BLAS
import Tensors

/// Elements kept with probability 1 - rate and scaled, others 0. The mask is a function of (key, step, position) alone, so
/// the gradient is the same operation on the gradient and no mask is stored.
struct Dropout: Operation {
  let key: UInt64
  let rate: Double
  let scale: Double

  var name: String { "dropout" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    guard (0..<1).contains(rate) else {
      throw ShapeMismatch(expected: "a rate from 0 up to but not 1, found \(rate), for")
    }
    guard operands[1].rank == 0 else { throw ShapeMismatch(expected: "activations and a scalar step") }
    return operands[0]
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    [context.graph.record(self, [context.gradient, context.operands[1]]), nil]
  }

  func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    gradients(context).map { $0.map { $0 * scale } }
  }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let (count, block) = (result.count, 16_384)
    let (key, rate, scale) = (key, S(rate), S(scale))
    return PreparedKernel(workspaceCount: 0, phases: [(count + block - 1) / block]) { _, task, at in
      let start = task * block
      // A step's draws start at its own counter, 2^40 apart: no two steps share a draw.
      let step = wholeStep(at.operands[1])
      S.dropout(
        key: key, counter: step << 40, start: start, count: Swift.min(block, count - start), rate: rate, scale: scale,
        at.operands[0] + start, at.result + start)
    }
  }
}

/// The number of the step; specialized, because generic conversions between numbers allocate.
@specialized(where S == Float)
@specialized(where S == Double)
private func wholeStep<S: Scalar>(_ step: UnsafePointer<S>) -> UInt64 {
  UInt64(exactly: step.pointee.rounded(.down)) ?? 0
}

/// `x` with each element set to 0 with probability `rate` and the others multiplied by `scale`.
///
/// - Parameters:
///   - step: a scalar node; each whole number from 0 gives another mask.
///   - key: the random stream; two dropouts with one key and one step share their mask.
///   - scale: 1/(1 - rate) keeps the expectation (inverted dropout); 1 is the original, which scales when testing.
///
/// Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014).
public func dropout<S>(_ x: Node<S>, rate: Double, step: Node<S>, key: UInt64, scale: Double? = nil) -> Node<S> {
  if rate == 0 { return x }
  return x.graph.record(Dropout(key: key, rate: rate, scale: scale ?? 1 / (1 - rate)), [x, step])
}

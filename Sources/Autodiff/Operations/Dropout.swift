import BLAS
import Tensors

/// Elements kept with probability 1 - rate and scaled, others 0. The mask is a function of (key, step, position) alone, so
/// the gradient is the same operation on the gradient and no mask is stored. Positions are counted from the first example of
/// the whole batch, so that its parts, taken one by one, have the masks that they have together.
struct Dropout: Operation {
  let key: UInt64
  let rate: Double
  let scale: Double

  var name: String { "dropout" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    guard (0..<1).contains(rate) else {
      throw ShapeMismatch(expected: "a rate from 0 up to but not 1, found \(rate), for")
    }
    guard operands.dropFirst().allSatisfy({ $0.rank == 0 }) else {
      throw ShapeMismatch(expected: "activations, a scalar step and a scalar first example")
    }
    return operands[0]
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    [context.graph.record(self, [context.gradient] + context.operands.dropFirst())]
      + context.operands.dropFirst().map { _ in nil }
  }

  func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    gradients(context).map { $0.map { $0 * scale } }
  }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let (count, block) = (result.count, 16_384)
    let exampleCount = result.count / Swift.max(result.dimensions.first ?? 1, 1)
    let (key, rate, scale) = (key, S(rate), S(scale))
    return PreparedKernel(workspaceCount: 0, phases: [(count + block - 1) / block]) { _, task, at in
      let start = task * block
      // A step's draws start at its own counter, 2^40 apart: no two steps share a draw.
      let step = wholeNumber(at.operands[1])
      let first = at.operands.count > 2 ? Int(wholeNumber(at.operands[2])) * exampleCount : 0
      S.dropout(
        key: key, counter: step << 40, start: first + start, count: Swift.min(block, count - start), rate: rate,
        scale: scale,
        at.operands[0] + start, at.result + start)
    }
  }
}

/// The number of the step or of an example; specialized, because generic conversions between numbers allocate.
@specialized(where S == Float)
@specialized(where S == Double)
private func wholeNumber<S: Scalar>(_ number: UnsafePointer<S>) -> UInt64 {
  UInt64(exactly: number.pointee.rounded(.down)) ?? 0
}

/// `x` with each element set to 0 with probability `rate` and the others multiplied by `scale`.
///
/// - Parameters:
///   - step: a scalar node; each whole number from 0 gives another mask.
///   - key: the random stream; two dropouts with one key and one step share their mask.
///   - scale: 1/(1 - rate) keeps the expectation (inverted dropout); 1 is the original, which scales when testing.
///   - firstExample: a scalar node: where in the batch the first row of `x` stands, if `x` is a part of it.
///
/// Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014).
public func dropout<S>(
  _ x: Node<S>, rate: Double, step: Node<S>, key: UInt64, scale: Double? = nil, firstExample: Node<S>? = nil
) -> Node<S> {
  if rate == 0 { return x }
  let scalars = [step] + (firstExample.map { [$0] } ?? [])
  return x.graph.record(Dropout(key: key, rate: rate, scale: scale ?? 1 / (1 - rate)), [x] + scalars)
}

import BLAS
import Tensors

/// op(A)·op(B) for matrices, where op transposes or not. With a gradient g the rules are g·op(B)ᵀ and op(A)ᵀ·g.
struct MatrixMultiplication: Operation {
  let transposesA: Bool
  let transposesB: Bool

  var name: String { "matrix product" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    let (a, b) = (operands[0], operands[1])
    guard a.rank == 2, b.rank == 2 else { throw ShapeMismatch(expected: "two matrices") }
    let (rows, inner) = transposesA ? (a[1], a[0]) : (a[0], a[1])
    let (innerB, columns) = transposesB ? (b[1], b[0]) : (b[0], b[1])
    guard inner == innerB else {
      throw ShapeMismatch(expected: "inner axes of one size (\(inner) and \(innerB) are not)")
    }
    return [rows, columns]
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let (a, b, g) = (context.operands[0], context.operands[1], context.gradient)
    return [
      context.ifNeeded(0) {
        transposesA
          ? matrixProduct(b, g, transposingFirst: transposesB, transposingSecond: true)
          : matrixProduct(g, b, transposingSecond: !transposesB)
      },
      context.ifNeeded(1) {
        transposesB
          ? matrixProduct(g, a, transposingFirst: true, transposingSecond: transposesA)
          : matrixProduct(a, g, transposingFirst: !transposesA)
      },
    ]
  }

  func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] { gradients(context.squaringOperands) }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let inner = transposesA ? operands[0][0] : operands[0][1]
    let product = MatrixProduct<S>(
      m: result[0], n: result[1], k: inner, transposeA: transposesA, transposeB: transposesB)
    return PreparedKernel(workspaceCount: product.workspaceCount, phases: product.phases) { phase, task, at in
      product.run(
        phase: phase, task: task, alpha: 1, a: at.operands[0], b: at.operands[1], beta: 0, c: at.result,
        workspace: at.workspace)
    }
  }
}

/// op(a)·op(b) for two matrices, each transposed or not without being copied.
public func matrixProduct<S>(
  _ a: Node<S>, _ b: Node<S>, transposingFirst: Bool = false, transposingSecond: Bool = false
) -> Node<S> {
  a.graph.record(MatrixMultiplication(transposesA: transposingFirst, transposesB: transposingSecond), [a, b])
}

infix operator • : MultiplicationPrecedence

extension Node {
  /// The matrix product. `a` may have further leading axes, which are kept: [.., k] • [k, n] is [.., n].
  public static func • (a: Node, b: Node) -> Node {
    guard a.rank > 2, b.rank == 2, let inner = a.shape.dimensions.last else { return matrixProduct(a, b) }
    let outer = a.shape.dimensions.dropLast()
    let (factor, power) = SymbolicShape(Array(outer)).elementCount
    guard power <= 1 else { return matrixProduct(a, b) }
    let rows = Dimension(size: factor, countsBatches: power == 1)
    return matrixProduct(a.reshaped(to: [rows, inner]), b).reshaped(to: SymbolicShape(outer + [b.shape[1]]))
  }
}

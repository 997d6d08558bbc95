import BLAS
import Tensors

/// op(A)·op(B) for matrices, where op transposes or not; equal leading axes are batches of products. With a gradient g the
/// rules are g·op(B)ᵀ and op(A)ᵀ·g.
struct MatrixMultiplication: Operation {
  let transposesA: Bool
  let transposesB: Bool

  var name: String { "matrix product" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    let (a, b) = (operands[0], operands[1])
    guard a.rank >= 2, a.rank == b.rank, a.dimensions.dropLast(2) == b.dimensions.dropLast(2) else {
      throw ShapeMismatch(expected: "two matrices, or stacks of them with the same leading axes")
    }
    let (rows, inner) = transposesA ? (a.rank - 1, a.rank - 2) : (a.rank - 2, a.rank - 1)
    let (innerB, columns) = transposesB ? (a.rank - 1, a.rank - 2) : (a.rank - 2, a.rank - 1)
    guard a[inner] == b[innerB] else {
      throw ShapeMismatch(expected: "inner axes of one size (\(a[inner]) and \(b[innerB]) are not)")
    }
    return SymbolicShape(a.dimensions.dropLast(2) + [a[rows], b[columns]])
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

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let inner = operands[0][transposesA ? -2 : -1]
    let product = product(inner: inner, result: result, as: S.self)
    let count = result.dimensions.dropLast(2).reduce(1, *)
    let (strideA, strideB, strideC) = (result[-2] * inner, inner * result[-1], result[-2] * result[-1])
    let workspace = product.workspaceCount
    return PreparedKernel(
      workspaceCount: workspace * count, phases: product.phases.map { $0 * count },
      resultRanges: count == 1 ? product.resultRanges : nil, choice: product.choice
    ) { phase, task, at in
      let (number, part) = task.quotientAndRemainder(dividingBy: product.phases[phase])
      product.run(
        phase: phase, task: part, alpha: 1, a: at.operands[0] + number * strideA, b: at.operands[1] + number * strideB,
        beta: 0, c: at.result + number * strideC, workspace: at.workspace + number * workspace)
    }
  }

  /// A kernel that adds the product to a variable, by one pass over it where the product is the gradient of a dense layer's
  /// weights under a small batch.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func updatingKernel<S: Scalar>(
    operands: [Shape], result: Shape, _ update: ProductUpdate, as scalar: S.Type
  ) -> PreparedKernel<S> {
    if let pass = BackwardProduct<S>(of: self, operands, result) { return backwardKernel(pass, update) }
    precondition(
      update.inputGradient == nil && update.momentum == nil, "one pass over weights of \(result) was planned")
    let product = product(inner: operands[0][transposesA ? -2 : -1], result: result, as: S.self)
    let (factor, isScaled) = (S(update.factor), update.scale != nil)
    let choice = product.choice
    return PreparedKernel(
      workspaceCount: product.workspaceCount, phases: product.phases,
      choice: KernelChoice(method: choice.method + ", added to what the update holds", reason: choice.reason)
    ) { phase, task, at in
      product.run(
        phase: phase, task: task, alpha: isScaled ? factor * at.operands[2].pointee : factor, a: at.operands[0],
        b: at.operands[1], beta: 1, c: at.updated[0], workspace: at.workspace)
    }
  }

  /// The kernel for Xᵀ·G, the gradient of a dense layer's weights W, that makes G·Wᵀ as its result on the way, where that is
  /// asked for: of the weights that were there before.
  private func backwardKernel<S: Scalar>(_ product: BackwardProduct<S>, _ update: ProductUpdate) -> PreparedKernel<S> {
    let (factor, isScaled, makesGradient) = (S(update.factor), update.scale != nil, update.inputGradient != nil)
    let choice = product.choice(makesInputGradient: makesGradient)
    guard let momentum = update.momentum else {
      return PreparedKernel(workspaceCount: product.workspaceCount, phases: product.phases, choice: choice) {
        phase, task, at in
        product.run(
          phase: phase, task: task, alpha: isScaled ? factor * at.operands[2].pointee : factor, g: at.operands[1],
          x: at.operands[0], w: at.updated[0], dx: makesGradient ? at.result : nil, workspace: at.workspace)
      }
    }
    let (past, decay, step) = (S(momentum.factor), S(momentum.decay), S(momentum.step))
    let (scalesDecay, hasRate, last) = (momentum.scalesDecay, momentum.scale != nil, 1 + update.scales.count)
    return PreparedKernel(workspaceCount: product.workspaceCount, phases: product.phases, choice: choice) {
      phase, task, at in
      product.run(
        phase: phase, task: task, alpha: isScaled ? factor * at.operands[2].pointee : factor, g: at.operands[1],
        x: at.operands[0], w: at.updated[0], velocity: at.updated[1], momentum: past,
        decay: scalesDecay ? decay * at.operands[2].pointee : decay,
        step: hasRate ? step * at.operands[last].pointee : step, dx: makesGradient ? at.result : nil,
        workspace: at.workspace)
    }
  }

  private func product<S: Scalar>(inner: Int, result: Shape, as scalar: S.Type) -> MatrixProduct<S> {
    MatrixProduct(m: result[-2], n: result[-1], k: inner, transposeA: transposesA, transposeB: transposesB)
  }
}

extension BackwardProduct {
  /// The pass over a dense layer's weights of which Xᵀ·G is the gradient; `nil` where `product` has another form, or one pass is no
  /// gain.
  init?(of product: MatrixMultiplication, _ operands: [Shape], _ result: Shape) {
    guard product.transposesA, !product.transposesB, result.rank == 2 else { return nil }
    self.init(batch: operands[0][0], inputs: result[0], outputs: result[1])
  }
}

/// op(a)·op(b) for two matrices, each transposed or not without being copied.
///
/// Operands of a higher rank are stacks of matrices: their leading axes agree, and the last two are multiplied.
public func matrixProduct<S>(
  _ a: Node<S>, _ b: Node<S>, transposingFirst: Bool = false, transposingSecond: Bool = false
) -> Node<S> {
  a.graph.record(MatrixMultiplication(transposesA: transposingFirst, transposesB: transposingSecond), [a, b])
}

infix operator • : MultiplicationPrecedence

extension Node {
  /// The matrix product. `a` may have further leading axes, which are kept: [.., k] • [k, n] is [.., n]; where both have
  /// them they agree, and matrices are multiplied pair by pair.
  public static func • (a: Node, b: Node) -> Node {
    guard a.rank > 2, b.rank == 2, let inner = a.shape.dimensions.last else { return matrixProduct(a, b) }
    let outer = a.shape.dimensions.dropLast()
    let (factor, power) = SymbolicShape(Array(outer)).elementCount
    guard power <= 1 else { return matrixProduct(a, b) }
    let rows = Dimension(size: factor, countsBatches: power == 1)
    return matrixProduct(a.reshaped(to: [rows, inner]), b).reshaped(to: SymbolicShape(outer + [b.shape[1]]))
  }
}

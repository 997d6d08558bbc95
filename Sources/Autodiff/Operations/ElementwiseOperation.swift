import BLAS
import Tensors

/// One instruction of an elementwise kernel: `out[i] = opcode(a[i], b[i], c[i]; p, q)`.
struct ElementwiseInstruction: Hashable, Sendable {
  let opcode: ElementwiseOpcode
  var p: Double = 0
  var q: Double = 0
}

/// An operation that treats every element alike. Chains of them are fused into one pass over memory.
protocol ElementwiseOperation: Operation {
  var instruction: ElementwiseInstruction { get }

  /// The derivative by operand `index` as a node, or `nil` where it is zero; the gradient rule multiplies by it.
  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>?
}

extension ElementwiseOperation {
  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    guard let shape = SymbolicShape.broadcasting(operands) else {
      throw ShapeMismatch(expected: "shapes that broadcast (equal axes, or 1)")
    }
    return shape
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    context.operands.indices.map { index in
      guard context.isNeeded[index], let derivative = derivative(by: index, context) else { return nil }
      return (context.gradient * derivative).summed(to: context.operands[index].shape)
    }
  }

  // f'(a)² times the curvature of the result: the Gauss-Newton part, which is never negative.
  func curvatures<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    context.operands.indices.map { index in
      guard context.isNeeded[index], let derivative = derivative(by: index, context) else { return nil }
      return (context.gradient * square(derivative)).summed(to: context.operands[index].shape)
    }
  }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    preconditionFailure("elementwise operations are compiled by the plan's fusion")
  }
}

extension Node {
  /// Sums the axes along which this node was broadcast from `shape`.
  func summed(to target: SymbolicShape) -> Node {
    guard shape != target else { return self }
    let extra = shape.rank - target.rank
    guard extra >= 0 else { return broadcast(to: target) }
    let axes = shape.dimensions.indices.filter { axis in
      axis < extra || (target[axis - extra] == 1 && shape[axis] != 1)
    }
    return sum(self, axes: axes, keepingDimensions: true).reshaped(to: target)
  }
}

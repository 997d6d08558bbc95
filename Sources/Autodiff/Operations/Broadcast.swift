import BLAS
import Kernels
import Tensors

/// Repeats axes of size 1 (and adds leading axes) up to a given shape; the gradient is the sum over them.
struct Broadcast: Operation {
  let target: SymbolicShape

  var name: String { "broadcast to \(target)" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    guard SymbolicShape.broadcasting([operands[0], target]) == target else {
      throw ShapeMismatch(expected: "a shape that broadcasts to \(target)")
    }
    return target
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    [context.gradient.summed(to: context.operands[0].shape)]
  }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    rearrangement(result, strides: operands[0].broadcastStrides(to: result))
  }
}

extension Node {
  /// This node repeated along axes of size 1 and new leading axes to have shape `target`.
  public func broadcast(to target: SymbolicShape) -> Node {
    if shape == target { return self }
    if let fill, SymbolicShape.broadcasting([shape, target]) == target {
      return graph.record(fill.spread(over: target), [])
    }
    return graph.record(Broadcast(target: target), [self])
  }
}

extension Shape {
  /// The strides that read this shape as if it had `shape`: 0 along repeated axes.
  func broadcastStrides(to shape: Shape) -> [Int] {
    let own = strides
    return (0..<shape.rank).map { axis in
      let source = axis - (shape.rank - rank)
      return source < 0 || self[source] == 1 ? 0 : own[source]
    }
  }
}

/// The kernel that reads a strided view and writes it row-major.
func rearrangement<S: Scalar>(_ result: Shape, strides: [Int], offset: Int = 0) -> PreparedKernel<S> {
  let kernel = Rearrangement<S>(dimensions: result.dimensions, strides: strides, offset: offset)
  return PreparedKernel(kernel) { phase, task, at in
    kernel.run(phase: phase, task: task, source: at.operands[0], output: at.result)
  }
}

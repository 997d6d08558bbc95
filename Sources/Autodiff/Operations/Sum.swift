import BLAS
import Kernels
import Tensors

/// The sum over some axes, which stay as axes of size 1; the gradient is repeated along them.
struct Sum: Operation {
  let axes: [Int]

  var name: String { "sum over axes \(axes)" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    try reducedShape(operands[0], axes)
  }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    [context.gradient.broadcast(to: context.operands[0].shape)]
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let shape = operands[0]
    guard shape.rank == 4, axes == [0, 1, 2], shape.count > 0 else { return reductionKernel(.sum, shape, axes) }
    let kernel = ChannelSum<S>(images: shape[0], positions: shape[1] * shape[2], channels: shape[3])
    let byImages = PreparedKernel<S>.ByImages(
      summing: [shape.count / shape[0]], partCount: shape[3], parts: kernel.imageParts
    ) { at, images, part, _ in
      kernel.run(images: images, input: at.operands[0], part: part)
    }
    return PreparedKernel(kernel, byImages: byImages) { phase, task, at in
      kernel.run(phase: phase, task: task, input: at.operands[0], output: at.result, workspace: at.workspace)
    }
  }
}

/// The sum over `axes` (all where none are given).
///
/// - Parameter keepingDimensions: whether the summed axes stay with size 1.
public func sum<S>(_ x: Node<S>, axes: [Int]? = nil, keepingDimensions: Bool = false) -> Node<S> {
  let axes = (axes ?? Array(0..<x.rank)).sorted()
  let summed = summedKeepingDimensions(x, axes)
  return keepingDimensions ? summed : summed.dropping(axes)
}

private func summedKeepingDimensions<S>(_ x: Node<S>, _ axes: [Int]) -> Node<S> {
  guard let target = try? reducedShape(x.shape, axes) else { return x.graph.record(Sum(axes: axes), [x]) }
  if target == x.shape { return x }
  guard let fill = x.fill else { return x.graph.record(Sum(axes: axes), [x]) }
  let (factor, batchPower) = SymbolicShape(axes.map { x.shape[$0] }).elementCount
  return x.graph.record(
    Fill(value: fill.value * Double(factor), shape: target, batchPower: fill.batchPower - batchPower), [])
}

extension Node {
  /// The node without some axes, which have size 1.
  func dropping(_ axes: [Int]) -> Node {
    reshaped(to: SymbolicShape(shape.dimensions.enumerated().filter { !axes.contains($0.offset) }.map(\.element)))
  }
}

func reducedShape(_ shape: SymbolicShape, _ axes: [Int]) throws(ShapeMismatch) -> SymbolicShape {
  var dimensions = shape.dimensions
  guard Set(axes).count == axes.count else { throw ShapeMismatch(expected: "each of the axes \(axes) once") }
  for axis in axes {
    guard dimensions.indices.contains(axis) else { throw ShapeMismatch(expected: "an operand with an axis \(axis)") }
    dimensions[axis] = 1
  }
  return SymbolicShape(dimensions)
}

/// Reduces runs of neighbouring axes one after the other, the last first, through workspace.
@specialized(where S == Float)
@specialized(where S == Double)
func reductionKernel<S: Scalar>(_ kind: Reduction<S>.Kind, _ shape: Shape, _ axes: [Int]) -> PreparedKernel<S> {
  var dimensions = shape.dimensions
  var stages: [(kernel: Reduction<S>, outputCount: Int)] = []
  var last = axes.count - 1
  while last >= 0 {
    var first = last
    while first > 0, axes[first - 1] == axes[first] - 1 { first -= 1 }
    let outer = dimensions[..<axes[first]].reduce(1, *)
    let reduced = dimensions[axes[first]...axes[last]].reduce(1, *)
    let inner = dimensions[(axes[last] + 1)...].reduce(1, *)
    stages.append((Reduction<S>(kind: kind, outer: outer, reduced: reduced, inner: inner), outer * inner))
    for axis in axes[first]...axes[last] { dimensions[axis] = 1 }
    last = first - 1
  }
  let between = stages.dropLast().map(\.outputCount).reduce(0, +)
  let scratch = stages.map(\.kernel.workspaceCount).max() ?? 0
  return PreparedKernel(workspaceCount: between + scratch) { at in
    var phases: [Phase] = []
    var source = at.operands[0]
    var free = at.workspace + scratch
    for (position, stage) in stages.enumerated() {
      let isLast = position == stages.count - 1
      let (from, to) = (source, isLast ? at.result : free)
      for (phase, taskCount) in stage.kernel.phases.enumerated() {
        phases.append(
          Phase(taskCount: taskCount) { task in
            stage.kernel.run(phase: phase, task: task, input: from, output: to, workspace: at.workspace)
          })
      }
      source = UnsafePointer(to)
      if !isLast { free += stage.outputCount }
    }
    return phases
  }
}

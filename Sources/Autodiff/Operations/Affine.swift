import Tensors
import BLAS

/// y = scale·x + offset with two fixed numbers, dy/dx = scale.
struct Affine: ElementwiseOperation {
  let scale: Double
  let offset: Double

  var name: String { "affine" }
  var instruction: ElementwiseInstruction { .init(opcode: .affine, p: scale, q: offset) }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    context.graph.constant(scale)
  }
}

/// scale·x + offset with two fixed numbers; a chain of them becomes one.
func affine<S>(_ x: Node<S>, scale: Double, offset: Double) -> Node<S> {
  if scale == 1 && offset == 0 { return x }
  if let fill = x.fill, fill.batchPower == 0 || offset == 0 {
    return x.graph.record(Fill(value: scale * fill.value + offset, shape: x.shape, batchPower: fill.batchPower), [])
  }
  if let inner = x.operation as? Affine, offset == 0 || inner.offset == 0 {
    let operand = Node(graph: x.graph, index: x.graph.records[x.index].operands[0])
    return affine(operand, scale: scale * inner.scale, offset: scale * inner.offset + offset)
  }
  return x.graph.record(Affine(scale: scale, offset: offset), [x])
}

extension Node {
  /// The negative of every element.
  public static prefix func - (x: Node) -> Node { affine(x, scale: -1, offset: 0) }

  /// Every element plus a number.
  public static func + (x: Node, number: Double) -> Node { affine(x, scale: 1, offset: number) }
  /// A number plus every element.
  public static func + (number: Double, x: Node) -> Node { affine(x, scale: 1, offset: number) }
  /// Every element minus a number.
  public static func - (x: Node, number: Double) -> Node { affine(x, scale: 1, offset: -number) }
  /// A number minus every element.
  public static func - (number: Double, x: Node) -> Node { affine(x, scale: -1, offset: number) }
  /// Every element times a number.
  public static func * (x: Node, number: Double) -> Node { affine(x, scale: number, offset: 0) }
  /// A number times every element.
  public static func * (number: Double, x: Node) -> Node { affine(x, scale: number, offset: 0) }
  /// Every element divided by a number.
  public static func / (x: Node, number: Double) -> Node { affine(x, scale: 1 / number, offset: 0) }
  /// A number divided by every element.
  public static func / (number: Double, x: Node) -> Node { number * reciprocal(x) }
}

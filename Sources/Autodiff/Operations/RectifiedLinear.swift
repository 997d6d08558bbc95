import Tensors
import BLAS

/// y = max(x, 0), dy/dx = 1 where y > 0, 0 at the kink.
struct RectifiedLinear: ElementwiseOperation {
  var name: String { "relu" }
  var instruction: ElementwiseInstruction { .init(opcode: .relu) }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    let graph = context.graph
    let source = graph.records[context.gradient.index]
    // A rectifier that is pooled and read by nothing else.
    if let scatter = source.operation as? MaxPoolingScatter {
      let (places, gradient) = (source.operands[0], source.operands[1])
      if graph.records[places].operation as? MaxPoolingPlaces == MaxPoolingPlaces(window: scatter.window),
        graph.records[places].operands == [context.result.index]
      {
        let pooled = graph.record(MaxPooling(window: scatter.window), [context.result])
        return [
          scatter.throughRectifier(
            Node(graph: graph, index: places), Node(graph: graph, index: gradient), pooled: pooled)
        ]
      }
    }
    guard let derivative = derivative(by: 0, context) else { return [nil] }
    return [context.gradient * derivative]
  }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? {
    step(context.result)
  }
}

/// max(x, 0); the gradient passes where x > 0 and is 0 at 0.
public func relu<S>(_ x: Node<S>) -> Node<S> { x.graph.record(RectifiedLinear(), [x]) }

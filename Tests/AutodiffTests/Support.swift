import Autodiff
import BLAS
import Tensors

/// Numbers that differ from each other and from 0, so that kinks and ties lie far from a difference quotient's step.
func distinct(_ shape: Shape, _ stream: String, scale: Double = 1) -> Tensor<Double> {
  var generator = RandomGenerator(seed: 7, stream: stream)
  var grid = (0..<shape.count).map { 2 * (Double($0) + 0.5) / Double(shape.count) - 1 + 0.01 / Double(shape.count) }
  grid.shuffle(using: &generator)
  return Tensor(shape, grid.map { scale * $0 })
}

/// Positive numbers away from 0.
func positive(_ shape: Shape, _ stream: String) -> Tensor<Double> {
  let x = distinct(shape, stream)
  return Tensor(shape, x.elements.map { 1.2 + 0.9 * $0 })
}

/// Whole numbers in `0 ..< bound`.
func indices(_ shape: Shape, below bound: Int) -> Tensor<Double> {
  Tensor(shape, (0..<shape.count).map { Double(($0 * 7 + 3) % bound) })
}

extension Node where S == Double {
  /// A scalar that weighs every element differently.
  var weighted: Node {
    let shape = shape.resolved(batch: 1)
    return sum(self * graph.constant(distinct(shape, "weights \(shape)")))
  }
}

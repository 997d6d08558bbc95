import Autodiff
import BLAS
import Foundation
import Tensors

/// A graph of random expressions beside the same values computed at once, element by element and without any plan.
struct RandomProgram {
  let graph = Graph<Double>()
  var generator: RandomGenerator
  /// Nodes whose values are known, in recording order.
  private(set) var known: [(node: Node<Double>, value: Tensor<Double>)] = []
  private(set) var inputs: [(node: Node<Double>, value: Tensor<Double>)] = []
  private(set) var variables: [(node: Node<Double>, name: String, value: Tensor<Double>)] = []
  /// Whether gradients and differences may disagree.
  private(set) var stopsGradients = false
  let batch: Int

  /// Shapes before and after the batch size is known; all axes are small so that shapes often meet.
  private var shapes: [SymbolicShape] {
    [[], [3], [4, 3], [2, 1, 3], [.batch, 3], [.batch, 1], [1, 3], [4, 1], [2, 4, 3]]
  }

  init(seed: UInt64, batch: Int, operations: Int) {
    generator = RandomGenerator(seed: seed)
    self.batch = batch
    for (number, shape) in shapes.enumerated() {
      let value = draw(shape.resolved(batch: batch))
      if number % 2 == 0, !shape.dimensions.contains(where: \.isBatch) {
        let name = "v\(number)"
        let node = graph.variable(name, value.shape, .tensor(value), isTrainable: true)
        variables.append((node, name, value))
        known.append((node, value))
      } else {
        let node = graph.input(shape, name: "x\(number)")
        inputs.append((node, value))
        known.append((node, value))
      }
    }
    for _ in 0..<operations { add() }
  }

  private mutating func draw(_ shape: Shape) -> Tensor<Double> {
    Tensor(shape, (0..<shape.count).map { _ in generator.uniform(in: -1..<1) })
  }

  /// A known node, the latest ones more often.
  mutating func pick() -> (node: Node<Double>, value: Tensor<Double>) {
    let recent = generator.next(upperBound: 2) == 0
    let back = generator.next(upperBound: recent ? min(4, known.count) : known.count)
    return known[known.count - 1 - back]
  }

  /// Updates every variable to a known value of its shape, and tells what that is.
  mutating func updateVariables() -> [(name: String, value: Tensor<Double>)] {
    variables.map { variable in
      let fitting = known.filter { $0.node.shape == variable.node.shape }
      let chosen = fitting[generator.next(upperBound: fitting.count)]
      graph.update(variable.node, to: chosen.node)
      return (variable.name, chosen.value)
    }
  }

  private mutating func add() {
    let (a, b, c) = (pick(), pick(), pick())
    switch generator.next(upperBound: 16) {
    case 0: unary(a, tanh(a.node)) { Foundation.tanh($0) }
    case 1: unary(a, abs(a.node)) { Swift.abs($0) }
    case 2: unary(a, 0.5 * a.node - 1) { 0.5 * $0 - 1 }
    case 3: unary(a, sigmoid(a.node)) { 1 / (1 + Foundation.exp(-$0)) }
    case 4: unary(a, relu(a.node)) { Swift.max($0, 0) }
    case 5: unary(a, maximum(a.node, graph.constant(0.25))) { Swift.max($0, 0.25) }
    case 6: binary(a, b, { $0 + $1 }, { $0 + $1 })
    case 7: binary(a, b, { $0 - $1 }, { $0 - $1 })
    case 8: binary(a, b, { tanh($0 * $1) }, { Foundation.tanh($0 * $1) })
    case 9: binary(a, b, { maximum($0, $1) }, { Swift.max($0, $1) })
    case 10: binary(a, b, { select(greater($0, $1), $0, 0.5 * $1) }, { $0 > $1 ? $0 : 0.5 * $1 })
    case 11: reduce(a, keeping: generator.next(upperBound: 2) == 0)
    case 12: reshape(a)
    case 13: multiply(a, b)
    case 14: mean(a)
    default:
      stopsGradients = true
      binary(c, a, { $0 + stopGradient($1) }, { $0 + $1 })
    }
  }

  private mutating func unary(
    _ a: (node: Node<Double>, value: Tensor<Double>), _ node: Node<Double>, _ function: (Double) -> Double
  ) {
    let shape = node.shape.resolved(batch: batch)
    guard shape == a.value.shape else { return }
    known.append((node, Tensor(shape, a.value.elements.map(function))))
  }

  private mutating func binary(
    _ a: (node: Node<Double>, value: Tensor<Double>), _ b: (node: Node<Double>, value: Tensor<Double>),
    _ nodes: (Node<Double>, Node<Double>) -> Node<Double>, _ function: (Double, Double) -> Double
  ) {
    guard broadcasts(a.node.shape, b.node.shape) else { return }
    let node = nodes(a.node, b.node)
    let shape = node.shape.resolved(batch: batch)
    let values = Self.positions(of: shape).map { function(Self.element(a.value, $0), Self.element(b.value, $0)) }
    known.append((node, Tensor(shape, values)))
  }

  private func broadcasts(_ a: SymbolicShape, _ b: SymbolicShape) -> Bool {
    zip(a.dimensions.reversed(), b.dimensions.reversed()).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 }
  }

  private mutating func reduce(_ a: (node: Node<Double>, value: Tensor<Double>), keeping: Bool) {
    guard a.node.rank > 0 else { return }
    let axis = generator.next(upperBound: a.node.rank)
    let node = sum(a.node, axes: [axis], keepingDimensions: keeping)
    let kept = Shape(a.value.shape.dimensions.enumerated().map { $0.offset == axis ? 1 : $0.element })
    var total = Tensor<Double>(kept, repeating: 0)
    for position in Self.positions(of: a.value.shape) {
      let target = Self.offset(kept, position)
      total.elements[target] += Self.element(a.value, position)
    }
    known.append((node, Tensor(node.shape.resolved(batch: batch), total.elements)))
  }

  private mutating func mean(_ a: (node: Node<Double>, value: Tensor<Double>)) {
    let average = a.value.elements.reduce(0, +) / Double(a.value.shape.count)
    known.append((Autodiff.mean(a.node), Tensor([], [average])))
  }

  private mutating func reshape(_ a: (node: Node<Double>, value: Tensor<Double>)) {
    let shape = SymbolicShape([1] + a.node.shape.dimensions.reversed().filter { $0 != 1 }.reversed())
    let node = a.node.reshaped(to: shape)
    known.append((node, Tensor(shape.resolved(batch: batch), a.value.elements)))
  }

  private mutating func multiply(
    _ a: (node: Node<Double>, value: Tensor<Double>), _ b: (node: Node<Double>, value: Tensor<Double>)
  ) {
    guard a.node.rank == 2, b.node.rank == 2, a.node.shape[1] == b.node.shape[1] else { return }
    let node = 0.2 * matrixProduct(a.node, b.node, transposingSecond: true)
    let (rows, columns, inner) = (a.value.shape[0], b.value.shape[0], a.value.shape[1])
    var result = Tensor<Double>([rows, columns], repeating: 0)
    for row in 0..<rows {
      for column in 0..<columns {
        for k in 0..<inner {
          result.elements[row * columns + column] +=
            0.2 * a.value.elements[row * inner + k] * b.value.elements[column * inner + k]
        }
      }
    }
    known.append((node, result))
  }

  /// The indices of every element in row-major order.
  static func positions(of shape: Shape) -> [[Int]] {
    shape.dimensions.reduce([[]]) { positions, size in positions.flatMap { p in (0..<size).map { p + [$0] } } }
  }

  /// Where `shape`, broadcast, keeps the element at `position`.
  static func offset(_ shape: Shape, _ position: [Int]) -> Int {
    zip(shape.dimensions, position.suffix(shape.rank)).reduce(0) { $0 * $1.0 + ($1.0 == 1 ? 0 : $1.1) }
  }

  static func element(_ tensor: Tensor<Double>, _ position: [Int]) -> Double {
    tensor.elements[offset(tensor.shape, position)]
  }
}

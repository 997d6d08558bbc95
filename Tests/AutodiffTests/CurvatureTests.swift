import Autodiff
import BLAS
import Foundation
import Tensors
import Testing

/// LeCun's diagonal second derivatives where they are the exact Gauss-Newton diagonal.
@Suite("Diagonal curvatures")
struct CurvatureTests {
  @Test("of a linear layer with squared errors are exact")
  func linear() throws {
    let graph = Graph<Double>()
    let (x, target) = (graph.input([.batch, 3]), graph.input([.batch, 2]))
    let w = graph.parameter("w", [3, 2], .glorotUniform)
    let b = graph.parameter("b", [2], .zeros)
    let loss = mean(square(x • w + b - target))
    let curvatures = graph.diagonalCurvatures(of: loss, withRespectTo: [w, b])
    let plan = try graph.compile(curvatures, batch: 4, state: State(seed: 1))
    let value = distinct([4, 3], "x")
    try plan.set(x, to: value)
    plan.run()
    // The mean is over 4·2 squares, each with second derivative 2.
    let squares = (0..<3).map { column in (0..<4).map { pow(value.elements[$0 * 3 + column], 2) }.reduce(0, +) / 4 }
    #expect(furthest(try plan.value(of: curvatures[0]).elements, from: squares.flatMap { [$0, $0] }).error < 1e-13)
    #expect(furthest(try plan.value(of: curvatures[1]).elements, from: [1, 1]).error < 1e-13)
  }

  @Test("of two layers follow the chain by hand")
  func twoLayers() throws {
    let graph = Graph<Double>()
    let first = graph.variable("first", [1, 1], .tensor(Tensor([1, 1], [0.6])), isTrainable: true)
    let second = graph.variable("second", [1, 1], .tensor(Tensor([1, 1], [-1.5])), isTrainable: true)
    let x = graph.constant(Tensor<Double>([1, 1], [0.8]))
    let loss = sum(square(tanh(x • first) • second - 0.25))
    let curvatures = graph.diagonalCurvatures(of: loss, withRespectTo: [first, second])
    let plan = try graph.compile(curvatures, state: State())
    plan.run()
    let hidden = Foundation.tanh(0.48)
    let expected = [2 * pow(1.5 * (1 - hidden * hidden) * 0.8, 2), 2 * hidden * hidden]
    #expect(furthest(try curvatures.map { try plan.scalar($0) }, from: expected).error < 1e-13)
  }

  @Test("through local response normalization square its Jacobian")
  func responseNormalization() throws {
    let graph = Graph<Double>()
    let x = graph.input([1, 5])
    let y = localResponseNormalization(x, size: 4, k: 1, alpha: 0.7)
    let weights = graph.constant(Tensor<Double>([1, 5], [1, 2, 3, 4, 5]))
    let curvature = graph.diagonalCurvatures(of: sum(weights * square(y)), withRespectTo: [x])[0]
    let rows = (0..<5).map { index in
      graph.gradients(of: sum(y.sliced(axis: 1, from: index, to: index + 1)), withRespectTo: [x])[0]
    }
    let plan = try graph.compile([curvature] + rows, state: State())
    try plan.set(x, to: distinct([1, 5], "x"))
    plan.run()
    let jacobian = try rows.map { try plan.value(of: $0).elements }
    var expected = [Double](repeating: 0, count: 5)
    for (row, entries) in jacobian.enumerated() {
      for (column, entry) in entries.enumerated() { expected[column] += 2 * Double(row + 1) * entry * entry }
    }
    #expect(jacobian[0][1] != 0 && jacobian[2][0] != 0 && jacobian[0][2] == 0)
    #expect(furthest(try plan.value(of: curvature).elements, from: expected).error < 1e-13)
  }

  @Test("of logits under both cross-entropies are p(1 - p)/n")
  func crossEntropy() throws {
    let graph = Graph<Double>()
    let (logits, labels) = (graph.input([2, 3]), graph.input([2]))
    let losses = [
      mean(softmaxCrossEntropy(logits, labels: labels)),
      mean(softmaxCrossEntropy(logits, probabilities: oneHot(labels, depth: 3))),
    ]
    let curvatures = losses.map { graph.diagonalCurvatures(of: $0, withRespectTo: [logits])[0] }
    let p = softmax(logits)
    let plan = try graph.compile(curvatures + [p], state: State())
    try plan.set(logits, to: distinct([2, 3], "logits"))
    try plan.set(labels, to: Tensor([2], [2, 0]))
    plan.run()
    let expected = try plan.value(of: p).elements.map { $0 * (1 - $0) / 2 }
    for curvature in curvatures {
      #expect(furthest(try plan.value(of: curvature).elements, from: expected).error < 1e-13)
    }
  }
}

import Autodiff
import BLAS
import Foundation
import NeuralNetworks
import Tensors
import Testing

/// Every loss against its formula, written out plainly, and its gradient against central differences.
@Suite("Losses")
struct LossTests {
  static let outputs: Tensor<Double> = sample([4, 3], "outputs", in: -2...2)
  static let labels = Tensor<Double>([4], [2, 0, 1, 2])
  static let values: Tensor<Double> = sample([4, 3], "values", in: 0...1)
  static let probabilities = Tensor<Double>([4, 3], [0.2, 0.3, 0.5, 1, 0, 0, 0.1, 0.1, 0.8, 0, 0.5, 0.5])

  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let loss: Loss
    let targets: Tensor<Double>
    /// The loss of one example from its outputs and its target row or class.
    let formula: @Sendable (_ y: [Double], _ t: [Double]) -> Double
    var testDescription: String { name }
  }

  static func softmax(_ y: [Double]) -> [Double] {
    let total = y.map { exp($0) }.reduce(0, +)
    return y.map { exp($0) / total }
  }

  static func residuals(_ y: [Double], _ t: [Double]) -> Double {
    zip(y, t).map { (y: Double, t: Double) -> Double in (y - t) * (y - t) }.reduce(0, +)
  }

  static func hinge(_ y: [Double], _ own: Int, margin: Double) -> Double {
    var total = 0.0
    for index in y.indices where index != own { total += max(0, margin - y[own] + y[index]) }
    return total / Double(y.count)
  }

  static let cases: [Case] = [
    Case(name: "softmax cross-entropy", loss: .softmaxCrossEntropy, targets: labels) { y, t in
      -log(softmax(y)[Int(t[0])])
    },
    Case(
      name: "softmax cross-entropy of probabilities", loss: .softmaxCrossEntropyOfProbabilities, targets: probabilities
    ) {
      y, t in -zip(softmax(y), t).map { (p: Double, t: Double) -> Double in t * log(p) }.reduce(0, +)
    },
    Case(name: "sigmoid cross-entropy", loss: .sigmoidCrossEntropy, targets: values) { y, t in
      zip(y, t).map { (y: Double, t: Double) -> Double in
        let p: Double = 1 / (1 + exp(-y))
        return -t * log(p) - (1 - t) * log(1 - p)
      }.reduce(0, +)
    },
    Case(name: "squared error", loss: .squaredError, targets: values) { y, t in
      residuals(y, t) / 3
    },
    Case(name: "residual sum of squares", loss: Loss(.residualSumOfSquares, target: .values), targets: values) { y, t in
      residuals(y, t)
    },
    Case(name: "hinge", loss: .hinge, targets: labels) { y, t in
      hinge(y, Int(t[0]), margin: 1)
    },
    Case(name: "hinge, margin 0.3", loss: Loss(.hinge(margin: 0.3), target: .classIndex), targets: labels) { y, t in
      hinge(y, Int(t[0]), margin: 0.3)
    },
    Case(name: "equation 8", loss: .distance, targets: labels) { y, t in y[Int(t[0])] },
    Case(name: "equation 9", loss: .maximumAPosteriori(j: 0.4), targets: labels) { y, t in
      y[Int(t[0])] + log(exp(-0.4) + y.map { exp(-$0) }.reduce(0, +))
    },
  ]

  static func rows(_ tensor: Tensor<Double>) -> [[Double]] {
    let width = tensor.count / tensor.shape[0]
    return (0..<tensor.shape[0]).map { Array(tensor.elements[($0 * width)..<(($0 + 1) * width)]) }
  }

  @Test("are their formulas, in Float and in Double", arguments: cases)
  func value(_ entry: Case) throws {
    let expected = zip(Self.rows(Self.outputs), Self.rows(entry.targets)).map { entry.formula($0, $1) }
    try compare(entry, expected, Double.self)
    try compare(entry, expected, Float.self)
  }

  func compare<S: Scalar>(_ entry: Case, _ expected: [Double], _ type: S.Type) throws {
    let graph = Graph<S>()
    let output = graph.input([.batch, 3])
    let target = graph.input(SymbolicShape([.batch] + entry.targets.shape.dimensions.dropFirst().map { Dimension($0) }))
    let losses = entry.loss.perExample(output, target)
    let average = entry.loss(output, target)
    let plan = try graph.compile([losses, average], batch: 4, state: State<S>())
    try plan.set(output, to: Tensor<S>(converting: Self.outputs))
    try plan.set(target, to: Tensor<S>(converting: entry.targets))
    plan.run()
    let tolerance = S.self == Float.self ? 1e-6 : 1e-13
    expectEqual(try plan.value(of: losses), expected, within: tolerance, entry.name)
    expectEqual(try plan.value(of: average), [expected.reduce(0, +) / 4], within: tolerance, entry.name)
  }

  @Test("have the gradients that central differences give", arguments: cases)
  func gradient(_ entry: Case) throws {
    let graph = Graph<Double>()
    let output = graph.input([.batch, 3])
    let target = graph.input(SymbolicShape([.batch] + entry.targets.shape.dimensions.dropFirst().map { Dimension($0) }))
    let check = try GradientCheck(
      of: entry.loss(output, target), withRespectTo: [output],
      inputs: [(output, Self.outputs), (target, entry.targets)], batch: 4)
    #expect(check.count == 12 && check.kinks.isEmpty)
    #expect(check.largestError < 1e-8, "\(check)")
  }

  @Test("class weights: the weighted mean over the total weight")
  func classWeights() throws {
    let graph = Graph<Double>()
    let (output, target) = (graph.input([.batch, 3]), graph.input([.batch]))
    let weights = [0.5, 2, 3]
    let loss = Loss.softmaxCrossEntropy(output, target, classWeights: weights)
    let plan = try graph.compile([loss], batch: 4, state: State<Double>())
    try plan.set(output, to: Self.outputs)
    try plan.set(target, to: Self.labels)
    plan.run()
    let each = zip(Self.rows(Self.outputs), Self.labels.elements).map { -log(Self.softmax($0)[Int($1)]) }
    let own = Self.labels.elements.map { weights[Int($0)] }
    let expected = zip(each, own).reduce(0) { $0 + $1.0 * $1.1 } / own.reduce(0, +)
    #expect(abs(try plan.scalar(loss) - expected) < 1e-13)
  }

  @Test("a batch of classes that do not count has the loss 0 and no gradient")
  func zeroWeights() throws {
    let graph = Graph<Float>()
    let (output, target) = (graph.input([.batch, 3]), graph.input([.batch]))
    let loss = Loss.softmaxCrossEntropy(output, target, classWeights: [0, 1, 1])
    let gradient = graph.gradients(of: loss, withRespectTo: [output])[0]
    let plan = try graph.compile([loss, gradient], batch: 2, state: State<Float>())
    try plan.set(output, to: Tensor([2, 3], [1, 2, 3, -1, 0, 4]))
    try plan.set(target, to: Tensor([2], [0, 0]))
    plan.run()
    #expect(try plan.scalar(loss) == 0)
    #expect(try plan.value(of: gradient) == Tensor([2, 3], repeating: 0))
  }

  @Test("large outputs do not overflow")
  func stability() throws {
    for (loss, label) in [(Loss.softmaxCrossEntropy, 0), (.maximumAPosteriori(j: 0.1), 1)] as [(Loss, Float)] {
      let graph = Graph<Float>()
      let (output, target) = (graph.input([.batch, 2]), graph.input([.batch]))
      let value = loss(output, target)
      let plan = try graph.compile([value], batch: 1, state: State<Float>())
      try plan.set(output, to: Tensor([1, 2], [-500, 900]))
      try plan.set(target, to: Tensor([1], [label]))
      plan.run()
      #expect(abs(try plan.scalar(value) - 1_400) < 1e-3, "\(loss.kind)")
    }
  }

  @Test("targets of the wrong shape, and the wrong number of class weights, are refused")
  func refusals() {
    func failure(_ record: (Graph<Float>, Node<Float>) -> Void) -> Bool {
      let graph = Graph<Float>()
      record(graph, graph.input([.batch, 3]))
      return (try? graph.validate()) == nil
    }
    #expect(failure { _ = Loss.softmaxCrossEntropy($1, $0.input([.batch, 3])) })
    #expect(failure { _ = Loss.squaredError($1, $0.input([.batch, 2])) })
    #expect(failure { _ = Loss.hinge($1, $0.input([.batch]), classWeights: [1, 2]) })
    #expect(failure { _ = Loss.squaredError($1, $0.input([.batch, 3]), classWeights: [1, 2, 3]) })
    #expect(failure { _ = Loss.hinge($1, $0.input([.batch]), classWeights: [1, -2, 3]) })
    #expect(failure { _ = Loss.hinge($1, $0.input([.batch]), classWeights: [1, .nan, 3]) })
    #expect(!failure { _ = Loss.hinge($1, $0.input([.batch]), classWeights: [1, 0, 3]) })
  }
}

import Autodiff
import BLAS
import NeuralNetworks
import Tensors
import Testing

@Suite("L-BFGS")
struct LBFGSTests {
  /// Rosenbrock's valley over pairs of elements: Σ 100(y - x²)² + (1 - x)².
  func rosenbrock<S: Scalar>(_ start: Tensor<Double>) -> (Graph<S>, loss: Node<S>, variable: Node<S>) {
    let graph = Graph<S>()
    let pairs = graph.variable("pairs", start.shape, .tensor(start), isTrainable: true)
    let x = pairs.sliced(axis: 1, from: 0, to: 1)
    let y = pairs.sliced(axis: 1, from: 1, to: 2)
    return (graph, sum(100.0 * square(y - square(x)) + square(1.0 - x)), pairs)
  }

  @Test("finds the end of Rosenbrock's valley")
  func valley() throws {
    let (_, loss, variable): (Graph<Double>, Node<Double>, Node<Double>) = rosenbrock(
      Tensor([4, 2], [-1.2, 1, 0, 0, 3, -2, -5, 5]))
    let state = State<Double>()
    let result = try LBFGS(gradientTolerance: 1e-9).minimize(loss, over: [variable], state: state)
    #expect(result.converged && result.iterations < 200, "\(result)")
    #expect(result.value < 1e-15 && result.gradientNorm <= 1e-9)
    expectEqual(state["pairs"], [Double](repeating: 1, count: 8), within: 1e-8, "the minimum")
  }

  @Test("works in Float")
  func single() throws {
    let (_, loss, variable): (Graph<Float>, Node<Float>, Node<Float>) = rosenbrock(Tensor([1, 2], [-1.2, 1]))
    let state = State<Float>()
    let result = try LBFGS(gradientTolerance: 1e-4).minimize(loss, over: [variable], state: state)
    #expect(result.value < 1e-6, "\(result)")
    expectEqual(state["pairs"], [1, 1], within: 1e-3, "the minimum")
  }

  @Test("ridge regression: the closed form, to 1e-8")
  func ridge() throws {
    let (examples, features, lambda) = (40, 6, 0.7)
    var x: Tensor<Double> = sample([examples, features], "x")
    // Columns of different lengths, so that the problem is not round.
    for index in x.elements.indices { x.elements[index] *= [1, 3, 0.2, 10, 1, 5][index % features] }
    let y: Tensor<Double> = sample([examples, 1], "y")

    let graph = Graph<Double>()
    let inputs = graph.input([.batch, Dimension(features)])
    let targets = graph.input([.batch, 1])
    let weights = graph.parameter("w", [features, 1], .zeros)
    let loss = sum(square(inputs • weights - targets)) + lambda * sum(square(weights))
    let state = State<Double>()
    let result = try LBFGS(gradientTolerance: 1e-11).minimize(
      loss, over: [weights], inputs: [(inputs, x), (targets, y)], state: state, batch: examples)

    let solution = solve(x, y, lambda)
    let found = try #require(state["w"])
    for (a, b) in zip(found.elements, solution) {
      #expect(abs(a - b) <= 1e-8 * abs(b), "\(a) and \(b); \(result)")
    }
  }

  /// (XᵀX + λI)w = Xᵀy by elimination.
  func solve(_ x: Tensor<Double>, _ y: Tensor<Double>, _ lambda: Double) -> [Double] {
    let (rows, n) = (x.shape[0], x.shape[1])
    var system = (0..<n).map { i in
      (0..<n).map { j in (0..<rows).reduce(i == j ? lambda : 0) { $0 + x[$1, i] * x[$1, j] } }
        + [(0..<rows).reduce(0) { $0 + x[$1, i] * y[$1, 0] }]
    }
    for pivot in 0..<n {
      for row in 0..<n where row != pivot {
        let factor = system[row][pivot] / system[pivot][pivot]
        for column in pivot...n { system[row][column] -= factor * system[pivot][column] }
      }
    }
    return (0..<n).map { system[$0][n] / system[$0][$0] }
  }

  @Test("trains a small network on all data at once")
  func network() throws {
    let network = Sequential {
      Dense(6, activation: .tanh)
      Dense(2)
    }
    let graph = Graph<Double>()
    let input = graph.input([.batch, 2])
    let labels = graph.input([.batch])
    let loss =
      Loss.softmaxCrossEntropy(network(input).output, labels) + 1e-4
      * graph.trainableVariables
      .dropFirst().reduce(sum(square(graph.trainableVariables[0]))) { $0 + sum(square($1)) }
    let state = State<Double>(seed: 4)
    let result = try LBFGS(gradientTolerance: 1e-7).minimize(
      loss, over: graph.trainableVariables,
      inputs: [(input, Tensor([4, 2], [-1, -1, -1, 1, 1, -1, 1, 1])), (labels, Tensor([4], [0, 1, 1, 0]))],
      state: state, batch: 4)
    #expect(result.converged && result.value < 0.05, "\(result)")
  }

  @Test("stops at the limit of iterations, and at once where it starts at the minimum")
  func limits() throws {
    let (_, loss, variable): (Graph<Double>, Node<Double>, Node<Double>) = rosenbrock(Tensor([1, 2], [-1.2, 1]))
    let state = State<Double>()
    let early = try LBFGS(maximumIterations: 3).minimize(loss, over: [variable], state: state)
    #expect(early.iterations == 3 && !early.converged && early.value < 24.2)
    state["pairs"] = Tensor([1, 2], [1, 1])
    let none = try LBFGS().minimize(loss, over: [variable], state: state)
    #expect(none.converged && none.iterations == 0 && none.evaluations == 1)
  }

  @Test("refuses starts that are not finite and nodes that are no variables")
  func refusals() throws {
    let graph = Graph<Double>()
    let x = graph.variable("x", [], .tensor(Tensor([], [-1])), isTrainable: true)
    #expect(throws: MinimizationError.self) { try LBFGS().minimize(log(x), over: [x], state: State()) }
    let y = square(x)
    #expect(throws: MinimizationError.notAVariable("\(y)")) { try LBFGS().minimize(y, over: [y], state: State()) }
  }

  @Test("a function without a minimum ends without convergence")
  func unbounded() throws {
    let graph = Graph<Double>()
    let x = graph.variable("x", [], .tensor(Tensor([], [1])), isTrainable: true)
    let result = try LBFGS(maximumIterations: 20).minimize(-square(x), over: [x], state: State())
    #expect(!result.converged)
  }
}

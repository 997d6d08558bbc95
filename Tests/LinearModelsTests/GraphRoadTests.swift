import Autodiff
import BLAS
import LinearModels
import NeuralNetworks
import Tensors
import Testing

/// The heat of hardening cement (in calories a gram) and the shares of four compounds in it (in per cent): Woods, Steinour
/// and Starke, Industrial and Engineering Chemistry 24, 1932. The shares nearly sum to 100, so least squares is unsure.
enum Cement {
  static let names = ["aluminate", "silicate3", "ferrite", "silicate2"]
  static let inputs = Matrix(
    rows: 13, columns: 4,
    elements: [
      7, 26, 6, 60, 1, 29, 15, 52, 11, 56, 8, 20, 11, 31, 8, 47, 7, 52, 6, 33, 11, 55, 9, 22, 3, 71, 17, 6, 1, 31, 22,
      44, 2, 54, 18, 22, 21, 47, 4, 26, 1, 40, 23, 34, 11, 66, 9, 12, 10, 68, 8, 12,
    ])
  static let heat = [78.5, 74.3, 104.3, 87.6, 95.9, 109.2, 102.7, 72.5, 93.1, 115.9, 83.8, 113.3, 109.4]

  static var design: DesignMatrix { get throws { try DesignMatrix(inputs, names: names) } }
}

/// One loss, two roads: the solvers of `LinearModels`, and the loss written on a graph of `Double` and trained.
///
/// The graph sees the standardised inputs, so that the penalty is that of the models; the objective is
/// `RSS + l1 Σ|b| + l2 Σb²` with a free intercept.
@Suite struct GraphRoadTests {
  /// The graph of a squared error with everything that training changes.
  private struct Recording {
    let graph = Graph<Double>()
    let x: Node<Double>
    let y: Node<Double>
    let intercept: Node<Double>

    init() {
      x = graph.input([.batch, 4])
      y = graph.input([.batch, 1])
      intercept = graph.parameter("intercept", [1], .zeros)
    }

    /// RSS, the sum of the squared residuals.
    func rss(_ beta: Node<Double>) -> Node<Double> { sum(square(y - (x • beta + intercept))) }

    var data: [(node: Node<Double>, value: Tensor<Double>)] {
      let standard = NaiveStandardisation(Cement.inputs, Cement.heat)
      let rows = Cement.inputs.rows
      let elements = (0..<rows).flatMap { row in standard.columns.map { $0[row] } }
      return [(x, Tensor([rows, 4], elements)), (y, Tensor([rows, 1], Cement.heat))]
    }

    /// Runs a plan of gradient steps of one rate, recorded by an optimizer, and returns the state at the end.
    func train(
      _ loss: Node<Double>, _ variables: [Node<Double>], _ optimizer: any Optimizer, steps: Int,
      state: State<Double> = State()
    ) throws -> State<Double> {
      let gradients = graph.gradients(of: loss, withRespectTo: variables)
      let parameters = zip(variables, gradients).map { variable, gradient in
        let name = graph.name(of: variable) ?? ""
        return OptimizedParameter(variable: variable, gradient: gradient, name: name, isWeight: name != "intercept")
      }
      optimizer.record(
        OptimizerContext(graph: graph, parameters: parameters, learningRate: graph.constant(optimizer.learningRate)))
      let plan = try graph.compile([loss], batch: Cement.inputs.rows, state: state)
      for (node, value) in data { try plan.set(node, to: value) }
      for _ in 0..<steps { plan.run() }
      return state
    }
  }

  /// A rate below 1 / the largest curvature of RSS + l2 Σb², 2 (λ_max(Z'Z) + l2), with λ_max at most the trace n p.
  private func rate(l2: Double = 0) -> Double { 1 / (2 * (13 * 4 + l2)) }

  /// RSS + l1 Σ|b| + l2 Σb² of standardised coefficients, in plain loops.
  private func objective(_ b: [Double], intercept: Double, l1: Double, l2: Double) -> Double {
    let standard = NaiveStandardisation(Cement.inputs, Cement.heat)
    var value = b.reduce(0) { $0 + l1 * abs($1) + l2 * $1 * $1 }
    for row in Cement.heat.indices {
      let fitted = standard.columns.indices.reduce(intercept) { $0 + standard.columns[$1][row] * b[$1] }
      value += (Cement.heat[row] - fitted) * (Cement.heat[row] - fitted)
    }
    return value
  }

  /// What the solver and the trained graph reach, beside each other.
  private func expectSame(
    _ fit: LinearFit, _ b: [Double], intercept: Double, coefficientTolerance: Double,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    #expect(fit.isCertified && fit.dualityGap < 1e-12, sourceLocation: sourceLocation)
    let mean = Cement.heat.reduce(0, +) / Double(Cement.heat.count)
    let solver = objective(fit.standardizedCoefficients.values, intercept: mean, l1: fit.l1, l2: fit.l2)
    let trained = objective(b, intercept: intercept, l1: fit.l1, l2: fit.l2)
    #expect(close(2 * fit.certificate.primal, solver, 1e-12), sourceLocation: sourceLocation)
    #expect(
      abs(trained - solver) <= 1e-8 * solver, "solver \(solver), graph \(trained)", sourceLocation: sourceLocation)
    expectClose(b, fit.standardizedCoefficients.values, coefficientTolerance, sourceLocation: sourceLocation)
  }

  private func values(_ state: State<Double>, _ name: String = "beta") throws -> [Double] {
    try #require(state[name]).elements
  }

  private let settings = RegressionSettings(tolerance: 1e-12)

  @Test(arguments: [0.5, 5, 100]) func ridgeByGradientDescent(_ lambda: Double) throws {
    let fit = try Ridge(lambda: .rss(lambda), settings: settings).fit(Cement.design, Cement.heat)
    let recording = Recording()
    let beta = recording.graph.parameter("beta", [4, 1], .zeros)
    let loss = recording.rss(beta) + lambda * sum(square(beta))
    let state = try recording.train(
      loss, [beta, recording.intercept], SGD(learningRate: rate(l2: lambda)), steps: 4_000)
    try expectSame(fit, values(state), intercept: values(state, "intercept")[0], coefficientTolerance: 1e-8)
  }

  @Test(arguments: [0.5, 5, 100]) func ridgeByLBFGS(_ lambda: Double) throws {
    let fit = try Ridge(lambda: .rss(lambda), settings: settings).fit(Cement.design, Cement.heat)
    let recording = Recording()
    let beta = recording.graph.parameter("beta", [4, 1], .zeros)
    let loss = recording.rss(beta) + lambda * sum(square(beta))
    let state = State<Double>()
    let result = try LBFGS().minimize(
      loss, over: [beta, recording.intercept], inputs: recording.data, state: state, batch: 13)
    #expect(result.converged && result.iterations < 60, "\(result)")
    #expect(close(result.value, 2 * fit.certificate.primal, 1e-8))
    try expectSame(fit, values(state), intercept: values(state, "intercept")[0], coefficientTolerance: 1e-6)
  }

  @Test(arguments: [0.5, 5, 100]) func ridgeByProximalGradient(_ lambda: Double) throws {
    let fit = try Ridge(lambda: .rss(lambda), settings: settings).fit(Cement.design, Cement.heat)
    let recording = Recording()
    let beta = recording.graph.parameter("beta", [4, 1], .zeros)
    let state = try recording.train(
      recording.rss(beta), [beta, recording.intercept],
      ProximalSGD(learningRate: rate(), penalty: .l2(lambda)), steps: 4_000)
    try expectSame(fit, values(state), intercept: values(state, "intercept")[0], coefficientTolerance: 1e-8)
  }

  /// The proximal map makes exact zeros: the same ones as the solver.
  @Test(arguments: [2.0, 30, 150]) func lassoByProximalGradient(_ lambda: Double) throws {
    let fit = try Lasso(lambda: .rss(lambda), settings: settings).fit(Cement.design, Cement.heat)
    let recording = Recording()
    let beta = recording.graph.parameter("beta", [4, 1], .zeros)
    let state = try recording.train(
      recording.rss(beta), [beta, recording.intercept],
      ProximalSGD(learningRate: rate(), penalty: .l1(lambda)), steps: 30_000)
    let found = try values(state)
    try expectSame(fit, found, intercept: values(state, "intercept")[0], coefficientTolerance: 1e-7)
    #expect(found.indices.filter { found[$0] != 0 } == fit.standardizedCoefficients.support)
    #expect(fit.standardizedCoefficients.support.count < 4)
  }

  /// |b| has no derivative at 0, where the lasso wants to be. With b = u v, min ½(u² + v²) = |b|, and a smooth loss has the
  /// same minimum (Hoff, Computational Statistics and Data Analysis 115, 2017). A maximum lies at u = v = 0, so the start
  /// is elsewhere.
  private func smoothLasso(_ recording: Recording, _ lambda: Double) -> (loss: Node<Double>, variables: [Node<Double>])
  {
    let u = recording.graph.parameter("u", [4, 1], .constant(1))
    let v = recording.graph.parameter("v", [4, 1], .constant(0.5))
    let loss = recording.rss(u * v) + (lambda / 2) * (sum(square(u)) + sum(square(v)))
    return (loss, [u, v, recording.intercept])
  }

  private func product(_ state: State<Double>) throws -> [Double] {
    zip(try values(state, "u"), try values(state, "v")).map { $0 * $1 }
  }

  @Test(arguments: [2.0, 30, 150]) func lassoByGradientDescent(_ lambda: Double) throws {
    let fit = try Lasso(lambda: .rss(lambda), settings: settings).fit(Cement.design, Cement.heat)
    let recording = Recording()
    let (loss, variables) = smoothLasso(recording, lambda)
    // The curvature grows with u² and v², which are at most about |b|.
    let state = try recording.train(loss, variables, SGD(learningRate: 2e-4), steps: 100_000)
    try expectSame(fit, product(state), intercept: values(state, "intercept")[0], coefficientTolerance: 1e-5)
  }

  @Test(arguments: [2.0, 30, 150]) func lassoByLBFGS(_ lambda: Double) throws {
    let fit = try Lasso(lambda: .rss(lambda), settings: settings).fit(Cement.design, Cement.heat)
    let recording = Recording()
    let (loss, variables) = smoothLasso(recording, lambda)
    let state = State<Double>()
    let result = try LBFGS(maximumIterations: 2_000).minimize(
      loss, over: variables, inputs: recording.data, state: state, batch: 13)
    #expect(close(result.value, 2 * fit.certificate.primal, 1e-8), "\(result)")
    try expectSame(fit, product(state), intercept: values(state, "intercept")[0], coefficientTolerance: 1e-4)
  }

  /// The kink itself: steps along sign(b) with a constant rate only circle the minimum, at a distance that the rate sets.
  @Test func subgradientsCircle() throws {
    let lambda = 30.0
    let fit = try Lasso(lambda: .rss(lambda), settings: settings).fit(Cement.design, Cement.heat)
    let best = 2 * fit.certificate.primal
    func excess(_ rate: Double) throws -> Double {
      let recording = Recording()
      let beta = recording.graph.parameter("beta", [4, 1], .zeros)
      let loss = recording.rss(beta) + lambda * sum(abs(beta))
      let state = try recording.train(loss, [beta, recording.intercept], SGD(learningRate: rate), steps: 30_000)
      return try objective(values(state), intercept: values(state, "intercept")[0], l1: lambda, l2: 0) / best - 1
    }
    let (coarse, fine) = (try excess(4e-3), try excess(4e-4))
    #expect(coarse > 1e-5 && fine > 1e-7 && fine < coarse, "\(coarse), \(fine)")
  }
}

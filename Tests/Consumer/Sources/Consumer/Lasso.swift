import Ridgeline

extension Consumer {
  /// The lasso by two roads: the solver with its certificate, and the loss written on a graph and trained.
  static func lasso() throws {
    let (rows, columns, lambda) = (40, 3, 20.0)
    var generator = RandomGenerator(seed: 11, stream: "lasso")
    let numbers = (0..<rows * columns).map { _ in Double.random(in: -1...1, using: &generator) }
    let inputs = Matrix(rows: rows, columns: columns, elements: numbers)
    let targets = (0..<rows).map { row in 1 + 2 * inputs[row, 0] + Double.random(in: -0.1...0.1, using: &generator) }

    // The first road. The inputs stay as they are, so that the loss of the second is the same to the letter.
    let settings = RegressionSettings(standardisation: .none, tolerance: 1e-12)
    let fit = try Lasso(lambda: .rss(lambda), settings: settings).fit(inputs, targets)
    expect(fit.isCertified && fit.coefficients.support == [0], "the lasso keeps \(fit.coefficients.support)")

    // The second road: RSS on the graph; the proximal step w <- prox(w - rate * gradient) knows the penalty.
    let graph = Graph<Double>()
    let x = graph.input([.batch, Dimension(columns)])
    let y = graph.input([.batch, 1])
    let beta = graph.parameter("beta", [columns, 1], .zeros)
    let intercept = graph.parameter("intercept", [1], .zeros)
    let rss = sum(square(y - (x • beta + intercept)))
    let objective = rss + lambda * sum(abs(beta))
    let gradients = graph.gradients(of: rss, withRespectTo: [beta, intercept])
    let descent = ProximalSGD(learningRate: 0.01, penalty: .l1(lambda))
    descent.record(
      OptimizerContext(
        graph: graph,
        parameters: [
          OptimizedParameter(variable: beta, gradient: gradients[0], name: "beta", isWeight: true),
          OptimizedParameter(variable: intercept, gradient: gradients[1], name: "intercept", isWeight: false),
        ], learningRate: graph.constant(descent.learningRate)))
    let state = State<Double>()
    let plan = try graph.compile([objective], batch: rows, state: state)
    try plan.set(x, to: Tensor([rows, columns], numbers))
    try plan.set(y, to: Tensor([rows, 1], targets))
    for _ in 0..<2_000 { plan.run() }

    // The solver's objective is kept at half scale.
    let (solved, trained) = (2 * fit.certificate.primal, try plan.scalar(objective))
    expect(abs(trained - solved) <= 1e-8 * solved, "the graph reaches \(trained), the solver \(solved)")
    let found = state["beta"]?.elements ?? []
    expect(found.count == columns && found[1] == 0 && found[2] == 0, "the graph's coefficients are \(found)")
    expect(abs(found[0] - fit.coefficients[0]) < 1e-9, "a coefficient is \(found[0]), not \(fit.coefficients[0])")
  }
}

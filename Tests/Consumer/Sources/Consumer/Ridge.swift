import Ridgeline

extension Consumer {
  /// Ridge regression written by hand on a graph, against its closed form (X'X + λI)⁻¹ X'y on centred data.
  static func ridge() throws {
    let (rows, columns, lambda) = (40, 3, 2.5)
    var generator = RandomGenerator(seed: 7, stream: "ridge")
    let numbers = (0..<rows * columns).map { _ in Double.random(in: -1...1, using: &generator) }
    let inputs = Matrix(rows: rows, columns: columns, elements: numbers)
    let targets = (0..<rows).map { row in
      1 + 2 * inputs[row, 0] - 3 * inputs[row, 1] + Double.random(in: -0.1...0.1, using: &generator)
    }

    let graph = Graph<Double>()
    let x = graph.input([.batch, Dimension(columns)])
    let y = graph.input([.batch, 1])
    let beta = graph.parameter("beta", [columns, 1], .zeros)
    let intercept = graph.parameter("intercept", [1], .zeros)
    let residual = y - (x • beta + intercept)
    let loss = sum(residual * residual) + lambda * sum(beta * beta)
    let gradients = graph.gradients(of: loss, withRespectTo: [beta, intercept])
    graph.update(beta, to: beta - 0.01 * gradients[0])
    graph.update(intercept, to: intercept - 0.01 * gradients[1])
    let state = State<Double>()
    let plan = try graph.compile([loss] + gradients, batch: rows, state: state)
    try plan.set(x, to: Tensor([rows, columns], inputs.elements))
    try plan.set(y, to: Tensor([rows, 1], targets))
    for _ in 0..<2_000 { plan.run() }
    let steepest = try gradients.map { try plan.value(of: $0).elements.map(abs).max() ?? 0 }.max() ?? 0
    expect(steepest < 1e-9, "the gradient at the end is \(steepest)")

    let means = (0..<columns).map { column in (0..<rows).reduce(0.0) { $0 + inputs[$1, column] } / Double(rows) }
    let mean = targets.reduce(0, +) / Double(rows)
    let centred = Matrix(
      rows: rows, columns: columns, elements: numbers.indices.map { numbers[$0] - means[$0 % columns] })
    var gram = symmetricRankK(centred, transposeA: true)
    for column in 0..<columns { gram[column, column] += lambda }
    let projected = matrixVectorMultiply(centred, targets.map { $0 - mean }, transposeA: true)
    let expected = try Cholesky(gram).solve(projected)
    let found = state["beta"]?.elements ?? []
    expect(found.count == columns, "the state has no coefficients")
    for (found, expected) in zip(found, expected) {
      expect(abs(found - expected) < 1e-9, "a coefficient is \(found), its closed form \(expected)")
    }
    let free = mean - zip(means, expected).reduce(0) { $0 + $1.0 * $1.1 }
    let intercepts = state["intercept"]?.elements ?? []
    expect(intercepts.count == 1 && abs(intercepts[0] - free) < 1e-9, "the intercept is \(intercepts), not \(free)")
  }
}

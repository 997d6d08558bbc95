import BLAS

/// What a model is fitted to.
struct Observations: Sendable {
  let x: DesignMatrix
  let y: [Double]
  let weights: [Double]?
  let offsets: [Double]?

  /// The sum of the weights.
  var weight: Double { weights?.reduce(0, +) ?? Double(y.count) }

  /// The observations at these positions, in this order and as often as they are named.
  func selecting(_ rows: [Int]) -> Observations {
    func chosen(_ values: [Double]) -> [Double] { rows.map { values[$0] } }
    return Observations(
      x: x.selectingRows(rows), y: chosen(y), weights: weights.map(chosen), offsets: offsets.map(chosen))
  }

  /// All positions but these.
  func rows(without rows: [Int]) -> [Int] {
    let left = Set(rows)
    return y.indices.filter { !left.contains($0) }
  }
}

extension GeneralizedLinearModel {
  /// Fits a part of the observations at several strengths, each from where the one before has ended.
  ///
  /// A strength belongs to all observations; the part takes the share of its weight, so that the penalty is the same for
  /// each observation. The squared loss goes through the solvers that are made for it.
  ///
  /// - Parameters:
  ///   - part: The observations to fit.
  ///   - weight: The weight of all observations.
  ///   - penalties: l1 and l2 on the scale ``LambdaScale/rss``.
  ///   - body: Takes the position of a strength and its fit, and says whether to go on.
  func fitEach(
    _ part: Observations, of weight: Double, _ penalties: [(l1: Double, l2: Double)],
    _ body: (Int, GeneralizedLinearFit) throws(LinearModelError) -> Bool
  ) throws(LinearModelError) {
    let share = part.weight / weight
    if family == .gaussian, settings.bounds == nil, try penalty.groups(settings) == nil {
      let problem = try RegressionProblem(
        part.x, part.y, weights: part.weights, offsets: part.offsets, settings: settings, pool: .shared)
      let model = ElasticNet(lambda: 0, mixing: penalty.mixing, settings: settings)
      var solver = PathSolver(model, problem, pool: .shared)
      let strengths = penalties.map { (l1: $0.l1 * share, l2: $0.l2 * share) }
      solver.expects(strengths)
      for (index, strength) in strengths.enumerated() {
        let fit = try solver.fit(l1: strength.l1, l2: strength.l2)
        guard try body(index, GeneralizedLinearFit(fit)) else { return }
      }
      return
    }
    let problem = try GeneralizedProblem(
      family, part.x, part.y, weights: part.weights, offsets: part.offsets, settings: settings, pool: .shared)
    var solver = ProximalNewton(problem, settings: settings, pool: .shared)
    for (index, strength) in penalties.enumerated() {
      guard try body(index, try fit(&solver, l1: strength.l1 * share, l2: strength.l2 * share)) else { return }
    }
  }
}

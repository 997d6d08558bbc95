import BLAS

extension ElasticNet {
  /// The fit within the bounds of the settings, by the proximal Newton method.
  func boundedFit(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?
  ) throws(LinearModelError) -> LinearFit {
    let problem = try GeneralizedProblem(
      .gaussian, x, y, weights: weights, offsets: offsets, settings: settings, pool: .shared)
    let (l1, l2) = try parts(lambda, problem.lambdaContext)
    let box = try BoxPenalty(problem, l1: l1, l2: l2, bounds: settings.bounds)
    var solver = ProximalNewton(problem, settings: settings, pool: .shared)
    return LinearFit(
      problem, solver.fit(box), l1: l1, l2: l2, bounds: try settings.bounds?.values(problem.names))
  }
}

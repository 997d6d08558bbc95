import BLAS
import RealModule

extension GeneralizedProblem {
  // Each loop is switched over once, so that it is compiled for its family.

  /// The datafit at some margins: its value and what the next step is made of.
  struct Point: Sendable {
    /// Σ w f(η), half of the deviance.
    let halfDeviance: Double
    /// √w (y − μ), so that Z' times it is minus the gradient.
    let residual: [Double]
    /// f''(η); 0 in rows of weight 0.
    let curvature: [Double]
  }

  /// η of a row.
  func predictor(_ row: Int, _ margins: [Double], _ intercept: Double) -> Double {
    (offsets?[row] ?? 0) + intercept + margins[row]
  }

  /// The datafit with its derivatives.
  func point(_ margins: [Double], _ intercept: Double) -> Point {
    func evaluate<D: Datafit>(_ datafit: D.Type) -> Point {
      let n = target.count
      var (sum, residual, curvature) = (0.0, [Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
      for row in 0..<n {
        let weight = design.rows.weight(row)
        guard weight > 0 else { continue }
        let eta = predictor(row, margins, intercept)
        sum += weight * D.loss(target[row], eta)
        let derivatives = D.derivatives(target[row], eta)
        residual[row] = (design.rows.roots?[row] ?? 1) * derivatives.residual
        curvature[row] = derivatives.curvature
      }
      return Point(halfDeviance: sum, residual: residual, curvature: curvature)
    }
    return switch family {
    case .gaussian: evaluate(SquaredDatafit.self)
    case .binomial: evaluate(LogisticDatafit.self)
    case .poisson: evaluate(PoissonDatafit.self)
    }
  }

  /// Σ w f(η); infinite where it overflows.
  func halfDeviance(_ margins: [Double], _ intercept: Double) -> Double {
    func evaluate<D: Datafit>(_ datafit: D.Type) -> Double {
      var sum = 0.0
      for row in target.indices where design.rows.weight(row) > 0 {
        sum += design.rows.weight(row) * D.loss(target[row], predictor(row, margins, intercept))
      }
      return sum.isNaN ? .infinity : sum
    }
    return switch family {
    case .gaussian: evaluate(SquaredDatafit.self)
    case .binomial: evaluate(LogisticDatafit.self)
    case .poisson: evaluate(PoissonDatafit.self)
    }
  }

  /// Σ w of the divergences at θ = s (y − μ); see ``Datafit/divergence(_:_:scaling:)``.
  func divergence(_ margins: [Double], _ intercept: Double, scaling: Double) -> Double {
    func evaluate<D: Datafit>(_ datafit: D.Type) -> Double {
      var sum = 0.0
      for row in target.indices where design.rows.weight(row) > 0 {
        let eta = predictor(row, margins, intercept)
        sum += design.rows.weight(row) * D.divergence(target[row], eta, scaling: scaling)
      }
      return sum.isNaN ? .infinity : sum
    }
    if scaling == 1 { return 0 }
    return switch family {
    case .gaussian: evaluate(SquaredDatafit.self)
    case .binomial: evaluate(LogisticDatafit.self)
    case .poisson: evaluate(PoissonDatafit.self)
    }
  }

  /// The intercept that is best beside some margins, which makes Σ w (y − μ) = 0; 0 without an intercept.
  ///
  /// Where none is finite it is one at which every mean is its target in floating-point numbers.
  func optimalIntercept(_ margins: [Double], from start: Double) -> Double {
    guard hasIntercept else { return 0 }
    switch family {
    case .gaussian:
      return design.rows.mean(target.indices.map { target[$0] - margins[$0] })
    case .poisson:
      // Σ w y = e^b_0 Σ w e^(offset + margin), with the largest exponent taken out.
      let largest = extremes(margins).high
      var (targets, means) = (0.0, 0.0)
      for row in target.indices where design.rows.weight(row) > 0 {
        targets += design.rows.weight(row) * target[row]
        means += design.rows.weight(row) * Double.exp(predictor(row, margins, -largest))
      }
      return targets > 0 ? Double.log(targets) - Double.log(means) - largest : -40 - largest
    case .binomial:
      return logisticIntercept(margins, from: start)
    }
  }

  /// Newton's method on the decreasing function Σ w (y − μ) of the intercept, kept within a bracket.
  private func logisticIntercept(_ margins: [Double], from start: Double) -> Double {
    let (least, greatest) = extremes(margins)
    let rows = design.rows
    guard hasFiniteIntercept else {
      return target.indices.contains { rows.weight($0) > 0 && target[$0] == 1 } ? 40 - least : -40 - greatest
    }
    // At these ends every mean lies on one side of the mean target.
    let mean = rows.mean(target)
    let logit = Double.log(mean) - Double.log(1 - mean)
    var (low, high) = (logit - greatest, logit - least)
    var intercept = min(max(start, low), high)
    for _ in 0..<200 {
      var (excess, slope) = (0.0, 0.0)
      for row in target.indices where rows.weight(row) > 0 {
        let eta = predictor(row, margins, intercept)
        let derivatives = LogisticDatafit.derivatives(target[row], eta)
        excess += rows.weight(row) * derivatives.residual
        slope += rows.weight(row) * derivatives.curvature
      }
      if excess > 0 { low = intercept } else { high = intercept }
      if excess.magnitude <= 1e-16 * rows.total { break }
      var next = slope > 0 ? intercept + excess / slope : .nan
      if !(next > low && next < high) { next = 0.5 * (low + high) }
      if (next - intercept).magnitude <= 1e-16 * max(1, intercept.magnitude) { break }
      intercept = next
    }
    return intercept
  }

  /// The least and the greatest offset + margin.
  private func extremes(_ margins: [Double]) -> (low: Double, high: Double) {
    var (low, high) = (Double.infinity, -Double.infinity)
    for row in target.indices where design.rows.weight(row) > 0 {
      let value = predictor(row, margins, 0)
      (low, high) = (min(low, value), max(high, value))
    }
    return (low, high)
  }
}

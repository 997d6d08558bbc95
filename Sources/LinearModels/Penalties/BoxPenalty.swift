/// The elastic net within bounds, g_j(b) = α_j |b| + ½ β_j b² for l_j ≤ b ≤ u_j and infinite outside.
///
/// **The conjugate** g_j*(v) = sup_{l ≤ b ≤ u} (v b − α|b| − ½ β b²) is taken at
///
/// - b̂ = clamp(S(v, α) / β, l, u) for β > 0, S being the soft threshold: without the bounds the supremum of a concave
///   function is there, and with them it is the nearest point that they allow;
/// - b̂ = clamp(0, l, u) for β = 0 and |v| ≤ α, b̂ = u for v > α and b̂ = l for v < −α, for which g* is infinite where that
///   bound is: the dual point must satisfy v ≤ α where there is no upper bound, and v ≥ −α where there is no lower one.
///
/// With two finite bounds every dual point is feasible. Without bounds this is the conjugate of ``DualityBound``.
///
/// **Optimality** is u_j ∈ ∂g_j(b): at an upper bound everything above the slope belongs to it, at a lower bound everything
/// below.
struct BoxPenalty: ProximalPenalty {
  /// α_j and β_j.
  let penalty: CoordinatePenalty
  /// The bounds on the standardised scale; nil without any.
  let lower: [Double]?
  let upper: [Double]?

  func low(_ column: Int) -> Double { lower?[column] ?? -.infinity }
  func high(_ column: Int) -> Double { upper?[column] ?? .infinity }
  func clamped(_ value: Double, _ column: Int) -> Double { min(max(value, low(column)), high(column)) }

  func value(_ b: [Double]) -> Double {
    var sum = 0.0
    for (column, value) in b.enumerated() where value != 0 { sum += penalty.value(column, value) }
    return sum
  }

  func start(_ b: [Double]) -> [Double] {
    lower == nil && upper == nil ? b : b.enumerated().map { clamped($1, $0) }
  }

  /// ∂g_j(b).
  func subdifferential(_ column: Int, _ b: Double) -> (low: Double, high: Double) {
    let threshold = penalty.threshold(column)
    let slope = penalty.curvature(column) * b
    var (least, greatest) = (slope - threshold, slope + threshold)
    if b > 0 { least = greatest } else if b < 0 { greatest = least }
    if b == high(column) { greatest = .infinity }
    if b == low(column) { least = -.infinity }
    return (least, greatest)
  }

  /// The distance of u_j from ∂g_j(b).
  func violation(_ column: Int, _ b: Double, _ u: Double) -> Double {
    let (least, greatest) = subdifferential(column, b)
    return max(least - u, u - greatest, 0)
  }

  func violation(_ b: [Double], _ u: [Double]) -> Double {
    b.indices.reduce(0) { max($0, violation($1, b[$1], u[$1])) }
  }

  /// Whether a coefficient can change by a little in both directions without a kink.
  func isSmooth(_ column: Int, _ b: Double) -> Bool {
    b > low(column) && b < high(column) && (b != 0 || penalty.threshold(column) == 0)
  }

  func workingSet(_ b: [Double], _ u: [Double], _ statistics: ColumnStatistics) -> [Int] {
    var (kept, violators): ([Int], [(column: Int, size: Double)]) = ([], [])
    let takesAll = b.count <= 64
    for column in b.indices where statistics.squaredNorms[column] > 0 {
      if takesAll || isSmooth(column, b[column]) {
        kept.append(column)
      } else {
        let size = violation(column, b[column], u[column])
        if size > 0 { violators.append((column, size / statistics.squaredNorms[column].squareRoot())) }
      }
    }
    let limit = max(64, kept.count)
    if violators.count > limit { violators = Array(violators.sorted { $0.size > $1.size }.prefix(limit)) }
    return (kept + violators.map(\.column)).sorted()
  }

  func dualScaling(_ u: [Double], noise: (Int) -> Double) -> Double? {
    var scaling = 1.0
    for (column, value) in u.enumerated() where penalty.curvature(column) == 0 {
      let isBounded = value > 0 ? high(column) < .infinity : low(column) > -.infinity
      let threshold = penalty.threshold(column)
      guard !isBounded, value.magnitude > threshold else { continue }
      if threshold > 0 {
        scaling = min(scaling, threshold / value.magnitude)
      } else if !(value.magnitude <= noise(column)) {
        return nil
      }
    }
    return scaling
  }

  /// b̂, where v b − g_j(b) is largest; b itself where v lies outside the domain by rounding.
  private func conjugatePoint(_ column: Int, _ v: Double, _ b: Double) -> Double {
    let (threshold, curvature) = (penalty.threshold(column), penalty.curvature(column))
    if curvature > 0 {
      let shrunk = v > threshold ? v - threshold : (v < -threshold ? v + threshold : 0)
      return clamped(shrunk / curvature, column)
    }
    if v.magnitude <= threshold { return clamped(0, column) }
    let bound = v > 0 ? high(column) : low(column)
    return bound.isFinite ? bound : (threshold > 0 ? clamped(0, column) : b)
  }

  func gap(_ b: [Double], _ u: [Double], scaling s: Double) -> Double {
    var sum = 0.0
    for (column, b) in b.enumerated() {
      let v = s * u[column]
      let best = conjugatePoint(column, v, b)
      let (threshold, curvature) = (penalty.threshold(column), penalty.curvature(column))
      // g(b) − g(b̂) − v (b − b̂), with the common sign taken out so that nothing cancels near the optimum.
      var slope = 0.5 * curvature * (b + best) - v
      var kink = 0.0
      if b * best >= 0 {
        let sign: Double = b + best > 0 ? 1 : (b + best < 0 ? -1 : 0)
        slope += threshold * sign
      } else {
        kink = threshold * (b.magnitude - best.magnitude)
      }
      sum += max((b - best) * slope + kink, 0)
      // A free coefficient whose column is orthogonal only up to rounding.
      if curvature == 0, threshold == 0, b == best, low(column) == -.infinity || high(column) == .infinity,
        isSmooth(column, b)
      {
        sum += (b * v).magnitude
      }
    }
    return sum
  }

  func provedZero(_ u: [Double], scaling s: Double, radius: Double, _ statistics: ColumnStatistics) -> ColumnSet {
    var set = ColumnSet(columnCount: u.count)
    for column in u.indices where low(column) <= 0 && high(column) >= 0 {
      let (least, greatest) = subdifferential(column, 0)
      let reach = statistics.squaredNorms[column].squareRoot() * radius
      if s * u[column] - reach > least, s * u[column] + reach < greatest { set.insert(column) }
    }
    return set
  }

  func unheld(_ b: [Double], _ statistics: ColumnStatistics) -> [Int] {
    b.indices.filter { penalty.isFree($0) && isSmooth($0, b[$0]) && statistics.squaredNorms[$0] > 0 }
  }
}

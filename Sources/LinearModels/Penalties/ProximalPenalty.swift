/// A convex penalty Σ_j g_j of blocks of coefficients, in half scale, as the proximal Newton method and its certificate see it.
///
/// b are the standardised coefficients and u = Z'(√w (y − μ)), minus the gradient of the datafit, all columns of each.
protocol ProximalPenalty: Sendable {
  /// Σ_j g_j(b_j), within the bounds.
  func value(_ b: [Double]) -> Double

  /// Coefficients within the bounds to start from.
  func start(_ b: [Double]) -> [Double]

  /// The largest distance of u_j from ∂g_j(b_j).
  func violation(_ b: [Double], _ u: [Double]) -> Double

  /// The columns of the next quadratic model, blocks together: those that move already and the worst violators.
  func workingSet(_ b: [Double], _ u: [Double], _ statistics: ColumnStatistics) -> [Int]

  /// Minimises a quadratic model over its columns.
  ///
  /// - Parameters:
  ///   - model: The model, which starts from the present coefficients.
  ///   - columns: Its columns, as ``workingSet(_:_:_:)`` gave them.
  ///   - tolerance: The violation of the optimality conditions that is small enough.
  /// - Returns: The number of sweeps.
  func minimise(_ model: inout QuadraticModel, _ columns: [Int], tolerance: Double) -> Int

  /// The largest s ≤ 1 at which s u lies in the domain of every conjugate g_j*; nil if none but 0 does.
  ///
  /// - Parameter noise: What counts as rounding in each u_j of a coefficient without penalty.
  func dualScaling(_ u: [Double], noise: (Int) -> Double) -> Double?

  /// Σ_j g_j(b_j) + g_j*(s u_j) − s b_j u_j, every term of which is at least 0; s is 0 or at most ``dualScaling(_:noise:)``.
  func gap(_ b: [Double], _ u: [Double], scaling s: Double) -> Double

  /// The columns that are 0 for every dual point within a radius of the one that s u belongs to.
  func provedZero(_ u: [Double], scaling s: Double, radius: Double, _ statistics: ColumnStatistics) -> ColumnSet

  /// The columns with a coefficient that nothing holds back: without penalty, and not at a bound.
  func unheld(_ b: [Double], _ statistics: ColumnStatistics) -> [Int]
}

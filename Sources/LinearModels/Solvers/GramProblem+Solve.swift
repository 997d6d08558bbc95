extension GramProblem {
  /// Blocked steps in a row before sweeps look for the signs again.
  private static let blockedSteps = 16

  /// Rounds without progress before the rest is rounding.
  private static let largestStalls = 50

  /// Solves the problem of these columns to a relative gap, by steps to the minimum with the signs held and sweeps in turns.
  ///
  /// The step comes first: from the coefficients of the penalty before it goes straight to the solution wherever the support
  /// stays, since the path is linear there.
  ///
  /// - Parameters:
  ///   - tolerance: The relative duality gap, of these columns alone.
  ///   - maximumIterations: The most sweeps, those before this call included.
  ///   - iterations: The sweeps made so far; counted on.
  /// - Returns: Whether the gap was reached.
  mutating func solve(_ tolerance: Double, maximumIterations: Int, iterations: inout Int) -> Bool {
    var extrapolation = Extrapolation()
    var (stalls, sweeps) = (0, 2)
    var (best, isSwept) = (Double.infinity, false)
    while iterations < maximumIterations {
      // A blocked step has dropped a coefficient; the next may go further.
      var steps = Self.blockedSteps
      var step = stepToSignedMinimum()
      while step == .blocked, steps > 0 {
        step = stepToSignedMinimum()
        steps -= 1
      }
      // Signs that are far from right are cheaper to find by sweeps.
      if step == .blocked { sweeps = min(2 * sweeps, 50) }
      if step == .singular { extrapolation.visit(&self) }
      minimiseOverFree()
      // A gap forgives a column that should come in for next to nothing: one sweep lets it in.
      if relativeGap <= tolerance, isSwept || !hasViolator { return true }
      // With the exact minimum of a support the gap is only that of columns that should come in.
      let reached = objective
      stalls = reached < best - max(1e-4 * tolerance, 1e-15) * targetSquares ? 0 : stalls + 1
      best = min(best, reached)
      if stalls >= Self.largestStalls { return false }
      _ = sweep(0..<count)
      isSwept = true
      iterations += 1
      let support = support
      for _ in 0..<sweeps {
        iterations += 1
        if sweep(support) <= 1e-3 * tolerance * targetSquares { break }
      }
      minimiseOverFree()
    }
    return false
  }

  /// Whether a coefficient that is 0 should not be.
  private var hasViolator: Bool {
    coefficients.indices.contains { coefficients[$0] == 0 && gradient[$0].magnitude > thresholds[$0] }
  }
}

extension GramProblem {
  /// Solves the problem of these columns to a relative gap, by sweeps and factorisations in turns.
  ///
  /// - Parameters:
  ///   - tolerance: The relative duality gap, of these columns alone.
  ///   - maximumIterations: The most sweeps, those before this call included.
  ///   - iterations: The sweeps made so far; counted on.
  /// - Returns: Whether the gap was reached.
  mutating func solve(_ tolerance: Double, maximumIterations: Int, iterations: inout Int) -> Bool {
    var extrapolation = Extrapolation()
    var stalls = 0
    // Sweeps that cost as much as one factorisation of the support, at the speeds of a vector pass and of POTRF.
    func sweepsPerFactor(_ support: Int) -> Int { min(max(support * support / (30 * max(count, 1)), 1), 50) }
    while iterations < maximumIterations {
      let before = objective
      _ = sweep(0..<count)
      iterations += 1
      let support = support
      for _ in 0..<sweepsPerFactor(support.count) {
        iterations += 1
        if sweep(support) <= 1e-3 * tolerance * targetSquares { break }
      }
      minimiseOverFree()
      if relativeGap <= tolerance { return true }
      // A blocked step has dropped a coefficient; the next may go further.
      var steps = support.count <= 256 ? support.count : 16
      var step = stepToSignedMinimum()
      while step == .blocked, steps > 0 {
        step = stepToSignedMinimum()
        steps -= 1
      }
      if step == .singular { extrapolation.visit(&self) }
      minimiseOverFree()
      if relativeGap <= tolerance { return true }
      // With the exact minimum of a support the gap is only that of columns that should come in.
      stalls = objective < before - max(1e-5 * tolerance, 1e-16) * targetSquares ? 0 : stalls + 1
      if stalls >= 200 { return false }
    }
    return false
  }
}

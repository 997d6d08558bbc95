import BLAS

extension GramProblem {
  /// How a step to the minimum on the sign-fixed support ended.
  enum SignedStep {
    /// The coefficients are the minimum over the support with these signs, to rounding.
    case exact
    /// A coefficient met 0 on the way: the step ends there, and the objective is smaller.
    case blocked
    /// The columns of the support are dependent in floating-point numbers and none could be dropped: nothing was changed.
    case singular
  }

  /// Goes to the minimum over the coefficients that are not 0 with their signs held, where the penalty is smooth:
  /// (G_AA + diag β) b = c_A − α sign(b). On the way the first coefficient that would change its sign stops at 0.
  mutating func stepToSignedMinimum() -> SignedStep {
    let support = support
    guard !support.isEmpty else { return .exact }
    // Taken out of self, so that bringing it up to date copies nothing.
    var factor = SupportFactor()
    swap(&factor, &self.factor)
    defer { swap(&factor, &self.factor) }
    let isIndependent = gram.withUnsafeBufferPointer {
      factor.update(to: support, gram: $0.baseAddress!, stride: capacity, curvatures: curvatures)
    }
    if isIndependent { return step(along: factor.support) { factor.solve($0) } }
    switch signedFactor(support) {
    case .success(let found): return step(along: support) { found.solve($0) }
    case .failure(let dependence): return dropDependent(support, dependence.index) ? .blocked : .singular
    }
  }

  /// The step itself, with the solver of (G_AA + diag β) d = slopes.
  private mutating func step(along support: [Int], _ solve: ([Double]) -> [Double]) -> SignedStep {
    let before = objective
    let old = coefficients
    var (step, blocking) = (1.0, -1)
    let change = solve(slopes(support))
    for (index, position) in support.enumerated() where thresholds[position] > 0 {
      let (b, d) = (coefficients[position], change[index])
      if (b > 0 && b + d <= 0) || (b < 0 && b + d >= 0), -b / d < step { (step, blocking) = (-b / d, position) }
    }
    for (index, position) in support.enumerated() { coefficients[position] += step * change[index] }
    if blocking >= 0 { coefficients[blocking] = 0 }
    refreshGradient()
    guard objective <= before + 1e-12 * targetSquares else {
      // The factor of a nearly singular matrix led astray.
      coefficients = old
      refreshGradient()
      return .singular
    }
    if blocking >= 0 { return .blocked }
    let left = slopes(support)
    let largest = thresholds.max() ?? 0
    guard left.contains(where: { $0.magnitude > 1e-13 * largest }) else { return .exact }
    // One refinement, kept only where it leaves the signs alone.
    for (index, correction) in solve(left).enumerated() {
      let position = support[index]
      let refined = coefficients[position] + correction
      if thresholds[position] == 0 || (refined > 0) == (coefficients[position] > 0) { coefficients[position] = refined }
    }
    refreshGradient()
    return .exact
  }

  /// c_A − G_A b − α sign(b) − β b: minus the gradient of the smooth objective on the support.
  private func slopes(_ support: [Int]) -> [Double] {
    support.map { position in
      let b = coefficients[position]
      let sign = b > 0 ? thresholds[position] : (b < 0 ? -thresholds[position] : 0)
      return gradient[position] - sign - curvatures[position] * b
    }
  }

  /// The first column of a support, by its index there, that depends on those before it.
  private struct Dependence: Error {
    let index: Int
  }

  /// The factor of G_AA + diag β.
  private func signedFactor(_ support: [Int]) -> Result<Cholesky<Double>, Dependence> {
    let size = support.count
    var system = Matrix<Double>(rows: size, columns: size)
    let stride = capacity
    system.withUnsafeMutableElements { system in
      gram.withUnsafeBufferPointer { gram in
        for (i, row) in support.enumerated() {
          for j in 0...i { system[i * size + j] = gram[row * stride + support[j]] }
          system[i * size + i] += curvatures[row]
        }
      }
    }
    do {
      let factor = try Cholesky(system)
      // A pivot that is all rounding belongs to a dependent column.
      for (i, position) in support.enumerated() {
        let pivot = factor.lower[i, i]
        if pivot * pivot <= SupportFactor.dependence * (gram[position * stride + position] + curvatures[position]) {
          return .failure(Dependence(index: i))
        }
      }
      return .success(factor)
    } catch LinearAlgebraError.notPositiveDefinite(let order) {
      return .failure(Dependence(index: order - 1))
    } catch {
      return .failure(Dependence(index: 0))
    }
  }

  /// Moves along the dependence of a column of the support on those before it, which leaves the fit as it is, in the
  /// direction that makes Σ α |b| no larger, until a coefficient is 0.
  ///
  /// - Returns: Whether one was dropped.
  private mutating func dropDependent(_ support: [Int], _ index: Int) -> Bool {
    var index = index
    var before = Array(support[..<index])
    var independent: Cholesky<Double>?
    while independent == nil, !before.isEmpty {
      switch signedFactor(before) {
      case .success(let factor): independent = factor
      case .failure(let earlier):
        // LAPACK stopped at a later column than the first one whose pivot is rounding.
        index = earlier.index
        before = Array(support[..<index])
      }
    }
    guard let factor = independent else { return false }
    let last = support[index]
    // z_last = Σ x_k z_k: the direction is (x, -1).
    var direction = factor.solve(before.map { gram[last * capacity + $0] })
    direction.append(-1)
    let involved = Array(support[...index])
    // The slope of the objective, signs held: nearly that of the penalty alone, as the fit hardly changes.
    var slope = 0.0
    for (position, d) in zip(involved, direction) {
      let b = coefficients[position]
      let sign = b > 0 ? thresholds[position] : (b < 0 ? -thresholds[position] : 0)
      slope += (sign + curvatures[position] * b - gradient[position]) * d
    }
    if slope > 0 { direction = direction.map { -$0 } }
    var (step, blocking) = (Double.infinity, -1)
    for (position, d) in zip(involved, direction) where thresholds[position] > 0 && coefficients[position] * d < 0 {
      let length = -coefficients[position] / d
      if length < step { (step, blocking) = (length, position) }
    }
    guard blocking >= 0 else { return false }
    let (old, objectiveBefore) = (coefficients, objective)
    for (position, d) in zip(involved, direction) { coefficients[position] += step * d }
    coefficients[blocking] = 0
    refreshGradient()
    if objective <= objectiveBefore + 1e-12 * targetSquares { return true }
    coefficients = old
    refreshGradient()
    return false
  }

  /// Minimises over the free coefficients together, the others held, so that the residual is orthogonal to their columns.
  mutating func minimiseOverFree() {
    guard !free.isEmpty else { return }
    let size = free.count
    var block = Matrix<Double>(rows: size, columns: size)
    for (i, row) in free.enumerated() {
      for (j, column) in free.enumerated() { block[i, j] = gram[row * capacity + column] }
    }
    guard let eigen = try? SymmetricEigen(block) else { return }
    let limit = (eigen.values.last ?? 0) * Double(size) * 4 * Double.ulpOfOne
    for _ in 0..<2 {
      var inDirections = matrixVectorMultiply(eigen.vectors, free.map { gradient[$0] }, transposeA: true)
      for (k, value) in eigen.values.enumerated() { inDirections[k] = value > limit ? inDirections[k] / value : 0 }
      for (index, change) in matrixVectorMultiply(eigen.vectors, inDirections).enumerated() {
        coefficients[free[index]] += change
      }
      refreshGradient()
    }
  }
}

import BLAS

/// An elastic net restricted to some columns of a sparse design, in terms of its residual: a coordinate step costs the entries
/// of its column, and no Gram matrix takes memory.
///
/// Sweeps find the support and the signs; on the sign-fixed support, where the objective is quadratic, conjugate gradients
/// find the rest of the digits, with products in single precision while the columns are independent enough for them.
struct ResidualDescent: Sendable {
  /// The column of each position.
  private(set) var columns: [Int] = []
  /// The position of each column; -1 outside.
  private(set) var positions: [Int]
  /// b.
  var coefficients: [Double] = []

  private let sparse: SparseColumns
  /// The columns once more, for products that need few digits; nil where there are too many rows, and from when on these have
  /// led astray.
  private var singlePrecision: SinglePrecisionColumns?
  private let norms: [Double]
  private let target: [Double]
  private let targetSquares: Double
  private var penalty: CoordinatePenalty
  /// t − Σ b_j x_j / scale_j, which is the residual but for the centring of the columns.
  private var raw: [Double]
  /// Σ √w times `raw`; the residual is raw − √w rawSum / Σw, orthogonal to √w.
  private var rawSum = 0.0

  private static let columnsPerTask = 256
  private static let largestStalls = 50
  private static let largestConjugateSteps = 200
  /// The share of a gap that conjugate gradients may leave on a support that is still to change.
  private static let forcing = 0.01
  /// How far products in single precision may take the slopes down before these are computed again.
  private static let singlePrecisionShare = 1e-4
  /// By how much they may then turn out larger before nearly dependent columns are taken to need all digits.
  private static let largestDrift = 10.0

  init(_ sparse: SparseColumns, _ problem: RegressionProblem, penalty: CoordinatePenalty) {
    self.sparse = sparse
    self.penalty = penalty
    norms = problem.design.statistics.squaredNorms
    (target, targetSquares) = (problem.target, problem.targetSquares)
    positions = [Int](repeating: -1, count: norms.count)
    raw = target
    singlePrecision = SinglePrecisionColumns(sparse)
  }

  /// Takes columns in, with coefficients to start from.
  mutating func append(_ added: [Int], coefficients values: [Double]? = nil) {
    for column in added {
      positions[column] = columns.count
      columns.append(column)
    }
    coefficients += values ?? [Double](repeating: 0, count: added.count)
    singlePrecision?.append(added, squaredNorms: norms)
  }

  mutating func setPenalty(_ penalty: CoordinatePenalty) { self.penalty = penalty }

  /// Solves the problem of these columns to a relative gap; see ``GramProblem/solve(_:maximumIterations:iterations:)``.
  mutating func solve(
    _ tolerance: Double, maximumIterations: Int, iterations: inout Int, pool: ThreadPool
  ) -> Bool {
    var best = Double.infinity
    var stalls = 0
    // What conjugate gradients may leave of the gap, relative to the tolerance. More digits than a share of the last gap are
    // wasted on a support that is still to change.
    var share = 0.5
    var (gap, isSettled) = (1e-2, false)
    refresh(pool)
    while iterations < maximumIterations {
      let accuracy = isSettled ? share * tolerance : max(share * tolerance, Self.forcing * gap)
      let hasCrossed = stepToSignedMinimum(accuracy, pool: pool)
      let reached = objective
      stalls = reached < best - max(1e-4 * tolerance, 1e-15) * targetSquares ? 0 : stalls + 1
      best = min(best, reached)
      let products = correlations(Array(columns.indices), raw, rawSum, pool)
      gap = relativeGap(products)
      if gap <= tolerance { return true }
      if stalls >= Self.largestStalls { return false }
      let violating = columns.indices.filter { coefficients[$0] == 0 && products[$0].magnitude > threshold($0) }
      if isSettled, violating.isEmpty, !hasCrossed {
        share = max(0.1 * share, 1e-6)
        singlePrecision = nil
      }
      isSettled = violating.isEmpty && !hasCrossed
      // What goes round in circles is left to whole sweeps.
      sweep(stalls < 3 ? violating : Array(columns.indices))
      iterations += 1
      guard hasCrossed || stalls >= 3 else { continue }
      let support = support
      for _ in 0..<2 {
        sweep(support)
        iterations += 1
      }
    }
    return false
  }

  // MARK: Coordinates

  private var support: [Int] { columns.indices.filter { coefficients[$0] != 0 } }

  /// The threshold of |z_j'r| of each position, and its curvature.
  private func threshold(_ position: Int) -> Double { penalty.threshold(columns[position]) }
  private func curvature(_ position: Int) -> Double { penalty.curvature(columns[position]) }

  private mutating func sweep(_ list: some Sequence<Int>) {
    let (columns, penalty, norms, sparse) = (columns, penalty, norms, sparse)
    var sum = rawSum
    raw.withUnsafeMutableBufferPointer { raw in
      coefficients.withUnsafeMutableBufferPointer { b in
        sparse.withUnsafeParts { starts, rowIndices, values in
          for position in list {
            let column = columns[position]
            let square = norms[column]
            guard square > 0 else { continue }
            let entries = starts[column]..<starts[column + 1]
            let (mean, scale) = (sparse.means[column], sparse.inverseScales[column])
            let product =
              SparseColumns.dot(entries, rowIndices, values, UnsafeBufferPointer(raw)) - mean * sum
            let point = product * scale + square * b[position]
            let threshold = penalty.threshold(column)
            let shrunk = point > threshold ? point - threshold : (point < -threshold ? point + threshold : 0)
            let new = shrunk / (square + penalty.curvature(column))
            let change = (new - b[position]) * scale
            guard change != 0 else { continue }
            b[position] = new
            for entry in entries { raw[Int(rowIndices[entry])] -= change * values[entry] }
            sum -= change * mean * sparse.totalWeight
          }
        }
      }
    }
    rawSum = sum
  }

  /// The residual from the coefficients, which takes off the rounding errors of many small steps.
  private mutating func refresh(_ pool: ThreadPool) {
    let support = support
    let (fitted, sum) = product(support, support.map { coefficients[$0] }, pool)
    raw = target
    Double.axpy(raw.count, -1, fitted, 1, &raw, 1)
    rawSum = (sparse.roots.map { Double.dot(target.count, $0, target) } ?? target.reduce(0, +)) - sum
  }

  // MARK: Certificates

  /// ‖r‖², without what is along √w where the columns are centred.
  private func squares(_ vector: [Double], _ sum: Double) -> Double {
    let whole = Double.sumOfSquares(vector.count, vector)
    return isCentred ? max(whole - sum * sum / sparse.totalWeight, 0) : whole
  }

  private var isCentred: Bool { sparse.means.contains { $0 != 0 } }

  private var objective: Double {
    var value = 0.5 * squares(raw, rawSum)
    for (position, column) in columns.enumerated() { value += penalty.value(column, coefficients[position]) }
    return value
  }

  /// The duality gap of the restricted problem, relative to ½‖t‖².
  ///
  /// - Parameter products: z_j'r of every position.
  private func relativeGap(_ products: [Double]) -> Double {
    guard targetSquares > 0 else { return 0 }
    let local = CoordinatePenalty(l1: penalty.l1, l2: penalty.l2, factors: columns.map { penalty.factors[$0] })
    let support = support
    return DualityBound(
      local, support: support, values: support.map { coefficients[$0] }, correlations: products,
      residualSquares: squares(raw, rawSum),
      residualTarget: Double.dot(target.count, raw, target), targetSquares: targetSquares,
      squaredNorms: columns.map { norms[$0] }
    ).relativeGap
  }

  // MARK: The sign-fixed support

  /// Goes towards the minimum with the signs held by conjugate gradients; coefficients that would change their sign become 0,
  /// or the step ends at the first of them where that does not make the objective smaller.
  ///
  /// - Parameter accuracy: Conjugate gradients end where what they leave of the slopes makes a smaller relative gap.
  /// - Returns: Whether any did.
  private mutating func stepToSignedMinimum(_ accuracy: Double, pool: ThreadPool) -> Bool {
    let support = support
    guard !support.isEmpty else { return false }
    let before = objective
    let old = coefficients
    let size = support.count
    let thresholds = support.map(threshold)
    let curvatures = support.map(curvature)
    var residual = slopes(support, coefficients, raw, rawSum, pool)
    let weight = support.indices.reduce(0) { $0 + thresholds[$1] * coefficients[support[$1]].magnitude }
    // A slope of e times its threshold scales the dual point by 1 / (1 + e), which costs the dual e Σ α |b|.
    let enough = accuracy * 0.5 * targetSquares / weight
    func largestShare() -> Double {
      var largest = 0.0
      for index in 0..<size { largest = max(largest, residual[index].magnitude / thresholds[index]) }
      return largest
    }
    var change = [Double](repeating: 0, count: size)
    var direction = residual
    var squared = Double.sumOfSquares(size, residual)
    var share = largestShare()
    var replaceBelow = Self.singlePrecisionShare * share
    for _ in 0..<Self.largestConjugateSteps where squared > 0 && share > enough {
      let applied = gramProduct(support, direction, curvatures, pool)
      let curve = Double.dot(size, direction, applied)
      guard curve > 0, curve.isFinite else {
        singlePrecision = nil
        break
      }
      let length = squared / curve
      Double.axpy(size, length, direction, 1, &change, 1)
      Double.axpy(size, -length, applied, 1, &residual, 1)
      share = largestShare()
      if share < replaceBelow, share > enough, singlePrecision != nil {
        // The slopes themselves, in place of those that the products of single precision have led to (van der Vorst and Ye,
        // "Residual replacement strategies for Krylov subspace iterative methods", SIAM J. Sci. Comput. 22, 2000).
        residual = slopes(support, after: change, pool)
        let claimed = share
        share = largestShare()
        if share > Self.largestDrift * claimed { singlePrecision = nil }
        replaceBelow = Self.singlePrecisionShare * share
      }
      let next = Double.sumOfSquares(size, residual)
      let ratio = next / squared
      for index in 0..<size { direction[index] = residual[index] + ratio * direction[index] }
      squared = next
    }
    var step = 1.0
    var blocking = -1
    for (index, position) in support.enumerated() {
      let b = coefficients[position]
      let moved = b + change[index]
      if b * moved <= 0, -b / change[index] < step { (step, blocking) = (-b / change[index], position) }
      coefficients[position] = b * moved > 0 ? moved : 0
    }
    refresh(pool)
    guard blocking >= 0, objective > before else { return blocking >= 0 }
    coefficients = old
    for (index, position) in support.enumerated() { coefficients[position] += step * change[index] }
    coefficients[blocking] = 0
    refresh(pool)
    return true
  }

  /// z_j'r − α sign(b_j) − β b_j on a support, for a residual that belongs to the coefficients.
  private func slopes(
    _ support: [Int], _ coefficients: [Double], _ vector: [Double], _ sum: Double, _ pool: ThreadPool
  ) -> [Double] {
    var slopes = correlations(support, vector, sum, pool)
    for (index, position) in support.enumerated() {
      let sign = self.coefficients[position] > 0 ? 1.0 : -1.0
      slopes[index] -= sign * threshold(position) + curvature(position) * coefficients[position]
    }
    return slopes
  }

  /// The same once the coefficients of the support have changed, their signs held.
  private func slopes(_ support: [Int], after change: [Double], _ pool: ThreadPool) -> [Double] {
    var moved = coefficients
    for (index, position) in support.enumerated() { moved[position] += change[index] }
    let (fitted, sum) = product(support, change, pool)
    var vector = raw
    Double.axpy(vector.count, -1, fitted, 1, &vector, 1)
    return slopes(support, moved, vector, rawSum - sum, pool)
  }

  /// (Z_A'Z_A + diag β) d, to single precision where that is at hand.
  private func gramProduct(
    _ support: [Int], _ direction: [Double], _ curvatures: [Double], _ pool: ThreadPool
  ) -> [Double] {
    var applied: [Double]
    if let singlePrecision {
      applied = singlePrecision.gramProduct(support, direction, pool: pool)
    } else {
      let (image, sum) = product(support, direction, pool)
      applied = correlations(support, image, sum, pool)
    }
    for index in support.indices { applied[index] += curvatures[index] * direction[index] }
    return applied
  }

  /// Z_A v but for its centring, and √w' of it; in parts that do not depend on the number of threads.
  private func product(
    _ support: [Int], _ factors: [Double], _ pool: ThreadPool
  ) -> (vector: [Double], sum: Double) {
    let n = target.count
    let parts = support.count >= 2 * Self.columnsPerTask ? 2 : 1
    var vectors = [Double](repeating: 0, count: parts * n)
    var sums = [Double](repeating: 0, count: parts)
    vectors.withUnsafeMutableBufferPointer { vectors in
      sums.withUnsafeMutableBufferPointer { sums in
        sparse.withUnsafeParts { starts, rowIndices, values in
          pool.run(parts) { part in
            let vector = vectors.baseAddress! + part * n
            var sum = 0.0
            for index in part * support.count / parts..<(part + 1) * support.count / parts where factors[index] != 0 {
              let column = columns[support[index]]
              let factor = factors[index] * sparse.inverseScales[column]
              for entry in starts[column]..<starts[column + 1] {
                vector[Int(rowIndices[entry])] += factor * values[entry]
              }
              sum += factor * sparse.means[column]
            }
            sums[part] = sum * sparse.totalWeight
          }
        }
      }
    }
    if parts == 1 { return (vectors, sums[0]) }
    for row in 0..<n { vectors[row] += vectors[n + row] }
    vectors.removeLast(n)
    return (vectors, sums[0] + sums[1])
  }

  /// z_j'v of positions, for a vector v that is centred by its sum.
  private func correlations(
    _ list: [Int], _ vector: [Double], _ sum: Double, _ pool: ThreadPool
  ) -> [Double] {
    sparse.correlations(of: list.map { columns[$0] }, vector, rootSum: sum, pool: pool)
  }
}

import BLAS

extension GroupPenalty {
  /// Block coordinate descent on the quadratic model, each group minimised exactly, and Newton steps over the groups that
  /// are not 0, where the penalty is smooth: sweeps find which those are, the steps give the digits.
  func minimise(_ model: inout QuadraticModel, _ columns: [Int], tolerance: Double) -> Int {
    var blocks: [GroupBlock] = []
    for (position, column) in columns.enumerated() {
      if let last = blocks.last, last.group == groups[column] {
        blocks[blocks.count - 1].positions.append(position)
      } else {
        blocks.append(GroupBlock(group: groups[column], threshold: thresholds[groups[column]], positions: [position]))
      }
    }
    for index in blocks.indices { blocks[index].decompose(model) }
    var (sweeps, stalls) = (0, 0)
    var smallest = Double.infinity
    for _ in 0..<500 {
      for block in blocks { block.minimise(&model) }
      sweeps += 1
      for _ in 0..<3 {
        for block in blocks where block.threshold == 0 || block.norm(model.coefficients) > 0 { block.minimise(&model) }
        sweeps += 1
      }
      for _ in 0..<8 where !GroupBlock.newtonStep(&model, blocks) { break }
      model.refresh()
      let violation = blocks.reduce(0) { max($0, $1.violation(model)) }
      if violation <= tolerance { break }
      stalls = violation < 0.5 * smallest ? 0 : stalls + 1
      smallest = min(smallest, violation)
      if stalls >= 40 { break }
    }
    return sweeps
  }
}

/// One group of a quadratic model.
struct GroupBlock {
  let group: Int
  let threshold: Double
  var positions: [Int]
  /// H_GG = V diag(values) V'.
  private var values: [Double] = []
  private var vectors = Matrix<Double>(rows: 0, columns: 0)

  init(group: Int, threshold: Double, positions: [Int]) {
    (self.group, self.threshold, self.positions) = (group, threshold, positions)
  }

  mutating func decompose(_ model: QuadraticModel) {
    guard let eigen = try? SymmetricEigen(model.block(positions)) else { return }
    let floor = 1e-15 * Double(positions.count) * (eigen.values.last ?? 0)
    (values, vectors) = (eigen.values.map { $0 > floor ? $0 : 0 }, eigen.vectors)
  }

  func norm(_ values: [Double]) -> Double {
    positions.reduce(0) { $0 + values[$1] * values[$1] }.squareRoot()
  }

  /// Minimises −q'b + ½ b'Hb + α‖b‖ over the group, the others held, with q the descent at b_G = 0.
  ///
  /// Away from 0, (H + (α/ρ) I) b = q with ρ = ‖b‖: ρ is the root of the decreasing and convex
  /// Σ_k (V'q)_k² / (λ_k ρ + α)² − 1, to which Newton's method climbs from below.
  func minimise(_ model: inout QuadraticModel) {
    guard !values.isEmpty, let largest = values.last, largest > 0 else { return }
    let old = positions.map { model.coefficients[$0] }
    var turned = matrixVectorMultiply(vectors, old, transposeA: true)
    for k in turned.indices { turned[k] *= values[k] }
    let point = zip(positions, matrixVectorMultiply(vectors, turned)).map { model.descent[$0] + $1 }
    let target = matrixVectorMultiply(vectors, point, transposeA: true)
    let size = point.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var solution = [Double](repeating: 0, count: positions.count)
    if threshold == 0 {
      for k in values.indices where values[k] > 0 { solution[k] = target[k] / values[k] }
    } else if size > threshold {
      // From below: with the largest eigenvalue for all of them the root is smaller.
      var radius = (size - threshold) / largest
      for _ in 0..<100 {
        var (sum, slope) = (-1.0, 0.0)
        for k in values.indices {
          let denominator = values[k] * radius + threshold
          let square = target[k] * target[k] / (denominator * denominator)
          sum += square
          slope -= 2 * square * values[k] / denominator
        }
        guard sum > 0, slope < 0 else { break }
        let next = radius - sum / slope
        if next <= radius { break }
        radius = next
      }
      for k in values.indices { solution[k] = target[k] * radius / (values[k] * radius + threshold) }
    }
    let result = matrixVectorMultiply(vectors, solution)
    for (position, value) in zip(positions, result) { model.change(position, to: value) }
  }

  /// The distance of the descent from the subdifferential.
  func violation(_ model: QuadraticModel) -> Double {
    let size = norm(model.coefficients)
    if size == 0 { return max(norm(model.descent) - threshold, 0) }
    return positions.reduce(0) { sum, position in
      let difference = model.descent[position] - threshold * model.coefficients[position] / size
      return sum + difference * difference
    }.squareRoot()
  }

  /// A Newton step over all groups that are not 0, as far as the objective falls.
  ///
  /// The Hessian of α‖b‖ is (α/ρ)(I − bb'/ρ²).
  ///
  /// - Returns: Whether it was taken and another may help.
  static func newtonStep(_ model: inout QuadraticModel, _ blocks: [GroupBlock]) -> Bool {
    let active = blocks.filter { $0.threshold == 0 || $0.norm(model.coefficients) > 0 }
    let positions = active.flatMap(\.positions)
    guard !positions.isEmpty else { return false }
    let hessian = model.block(positions)
    var system = hessian
    var right = positions.map { model.descent[$0] }
    var first = 0
    for block in active {
      let radius = block.norm(model.coefficients)
      if block.threshold > 0 {
        let b = block.positions.map { model.coefficients[$0] / radius }
        for i in b.indices {
          right[first + i] -= block.threshold * b[i]
          system[first + i, first + i] += block.threshold / radius
          for j in b.indices { system[first + i, first + j] -= block.threshold / radius * b[i] * b[j] }
        }
      }
      first += block.positions.count
    }
    guard let step = regularisedSolve(system, right) else { return false }
    let smooth = zip(positions, step).reduce(0) { $0 - model.descent[$1.0] * $1.1 }
    let curvature = zip(matrixVectorMultiply(hessian, step), step).reduce(0) { $0 + $1.0 * $1.1 }
    let downhill = -zip(right, step).reduce(0) { $0 + $1.0 * $1.1 }
    guard downhill < 0 else { return false }
    func penalty(_ length: Double) -> Double {
      var (sum, first) = (0.0, 0)
      for block in active {
        var squares = 0.0
        for (i, position) in block.positions.enumerated() {
          let value = model.coefficients[position] + length * step[first + i]
          squares += value * value
        }
        sum += block.threshold * squares.squareRoot()
        first += block.positions.count
      }
      return sum
    }
    let before = penalty(0)
    var length = 1.0
    while length > 1e-6 {
      let change = length * smooth + 0.5 * length * length * curvature + penalty(length) - before
      if change <= 1e-4 * length * downhill + 1e-16 * before {
        for (position, d) in zip(positions, step) {
          model.change(position, to: model.coefficients[position] + length * d)
        }
        return true
      }
      length *= 0.5
    }
    return false
  }
}

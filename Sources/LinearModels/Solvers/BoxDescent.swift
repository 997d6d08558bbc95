import BLAS

extension BoxPenalty {
  /// Coordinate descent on the quadratic model, and Newton steps over the coefficients that are neither 0 nor at a bound:
  /// sweeps find which those are, the steps give the digits.
  func minimise(_ model: inout QuadraticModel, _ columns: [Int], tolerance: Double) -> Int {
    let box = Box(self, columns)
    // Factorisations after one another: of a small system as many as it has walls.
    let steps = columns.count <= 256 ? max(columns.count, 1) : 16
    var (sweeps, stalls) = (0, 0)
    var smallest = Double.infinity
    for _ in 0..<200 {
      box.sweep(&model, Array(0..<columns.count))
      sweeps += 1
      for _ in 0..<3 {
        box.sweep(&model, columns.indices.filter { box.isSmooth($0, model.coefficients[$0]) })
        sweeps += 1
      }
      // A step that ends at a wall has fixed a coefficient there; the next may go further.
      for _ in 0..<steps where box.newtonStep(&model) == false { break }
      model.refresh()
      let violation = box.violation(model)
      if violation <= tolerance { break }
      stalls = violation < 0.5 * smallest ? 0 : stalls + 1
      smallest = min(smallest, violation)
      if stalls >= 20 { break }
    }
    return sweeps
  }
}

/// The penalty of the columns of one model, by position.
private struct Box {
  let thresholds: [Double]
  let curvatures: [Double]
  let lower: [Double]
  let upper: [Double]

  init(_ penalty: BoxPenalty, _ columns: [Int]) {
    thresholds = columns.map(penalty.penalty.threshold)
    curvatures = columns.map(penalty.penalty.curvature)
    lower = columns.map(penalty.low)
    upper = columns.map(penalty.high)
  }

  func isSmooth(_ position: Int, _ b: Double) -> Bool {
    b > lower[position] && b < upper[position] && (b != 0 || thresholds[position] == 0)
  }

  /// Minimises over each of the positions in turn, the others held.
  func sweep(_ model: inout QuadraticModel, _ positions: [Int]) {
    for a in positions {
      let square = model.hessian[a, a]
      guard square + curvatures[a] > 0 else { continue }
      let point = model.descent[a] + square * model.coefficients[a]
      let threshold = thresholds[a]
      let shrunk = point > threshold ? point - threshold : (point < -threshold ? point + threshold : 0)
      model.change(a, to: min(max(shrunk / (square + curvatures[a]), lower[a]), upper[a]))
    }
  }

  /// Moves the smooth coefficients toward their common minimum, up to the first kink or bound.
  ///
  /// - Returns: Whether a coefficient has come to a wall, so that another step may help.
  func newtonStep(_ model: inout QuadraticModel) -> Bool {
    let active = (0..<model.count).filter {
      isSmooth($0, model.coefficients[$0]) && model.hessian[$0, $0] + curvatures[$0] > 0
    }
    guard !active.isEmpty else { return false }
    var system = model.block(active)
    let right = active.enumerated().map { index, a in
      system[index, index] += curvatures[a]
      let b = model.coefficients[a]
      let sign: Double = b > 0 ? 1 : (b < 0 ? -1 : 0)
      return model.descent[a] - thresholds[a] * sign - curvatures[a] * b
    }
    guard let step = regularisedSolve(system, right) else { return false }
    var (length, blocking, wall) = (1.0, -1, 0.0)
    for (a, d) in zip(active, step) where d != 0 {
      let b = model.coefficients[a]
      var end = d > 0 ? upper[a] : lower[a]
      if thresholds[a] > 0, b * d < 0, d > 0 ? end > 0 : end < 0 { end = 0 }
      let reach = (end - b) / d
      if reach < length { (length, blocking, wall) = (reach, a, end) }
    }
    for (a, d) in zip(active, step) {
      model.change(a, to: a == blocking ? wall : model.coefficients[a] + length * d)
    }
    return blocking >= 0
  }

  /// The largest violation of the optimality conditions of the model.
  func violation(_ model: QuadraticModel) -> Double {
    var largest = 0.0
    for a in 0..<model.count {
      let (b, u) = (model.coefficients[a], model.descent[a])
      let slope = curvatures[a] * b
      var (least, greatest) = (slope - thresholds[a], slope + thresholds[a])
      if b > 0 { least = greatest } else if b < 0 { greatest = least }
      if b == upper[a] { greatest = .infinity }
      if b == lower[a] { least = -.infinity }
      largest = max(largest, least - u, u - greatest)
    }
    return largest
  }
}

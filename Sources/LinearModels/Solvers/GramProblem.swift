import BLAS

/// An elastic net restricted to some columns, in terms of their Gram matrix: everything a coordinate step needs.
///
/// Positions count the columns in the order in which they came in; G = Z_W'Z_W, c = Z_W't and q = c − G b = Z_W'r. A
/// changed coefficient costs one pass over a row of G, however many observations there are.
struct GramProblem: Sendable {
  /// The column of each position.
  private(set) var columns: [Int] = []
  /// The position of each column; -1 outside.
  private(set) var positions: [Int]
  /// G with room to grow: entry (i, j) is `gram[i * capacity + j]`.
  private(set) var gram: [Double] = []
  private(set) var capacity = 0
  /// c = Z_W't.
  private(set) var targetCorrelations: [Double] = []
  /// b.
  var coefficients: [Double] = []
  /// q = c − G b.
  var gradient: [Double] = []
  /// α of each position.
  private(set) var thresholds: [Double] = []
  /// β of each position.
  private(set) var curvatures: [Double] = []
  /// The positions of free coefficients whose column holds something.
  private(set) var free: [Int] = []
  /// ‖t‖².
  let targetSquares: Double
  /// The factor of the last support.
  var factor = SupportFactor()

  private var penalty: CoordinatePenalty

  /// A problem without columns.
  init(columnCount: Int, targetSquares: Double, penalty: CoordinatePenalty) {
    positions = [Int](repeating: -1, count: columnCount)
    self.targetSquares = targetSquares
    self.penalty = penalty
  }

  /// The number of columns that are in.
  var count: Int { columns.count }

  /// Takes in columns with their products against all columns then in.
  ///
  /// - Parameters:
  ///   - added: Columns that are not in yet.
  ///   - products: Z_added'Z_W, a row for each added column, against the old columns and then the added ones.
  ///   - correlations: Z_added't.
  mutating func append(_ added: [Int], products: Matrix<Double>, correlations: [Double]) {
    let (old, total) = (count, count + added.count)
    reserve(total)
    for (index, column) in added.enumerated() {
      positions[column] = old + index
      columns.append(column)
    }
    gram.withUnsafeMutableBufferPointer { gram in
      products.withUnsafeElements { products in
        for index in added.indices {
          (gram.baseAddress! + (old + index) * capacity).update(from: products + index * total, count: total)
        }
        // Transposed row by row of the target, so that writes are contiguous.
        for other in 0..<old {
          let row = gram.baseAddress! + other * capacity + old
          for index in added.indices { row[index] = products[index * total + other] }
        }
      }
    }
    for (index, column) in added.enumerated()
    where penalty.factors[column] == 0 && gram[(old + index) * capacity + old + index] > 0 {
      free.append(old + index)
    }
    targetCorrelations += correlations
    coefficients += [Double](repeating: 0, count: added.count)
    thresholds += added.map(penalty.threshold)
    curvatures += added.map(penalty.curvature)
    gradient += [Double](repeating: 0, count: added.count)
    refreshGradient()
  }

  private mutating func reserve(_ total: Int) {
    guard total > capacity else { return }
    let room = capacity == 0 ? total : max(total, capacity + capacity / 2)
    var larger = [Double](repeating: 0, count: room * room)
    for row in 0..<count {
      larger.replaceSubrange(
        row * room..<row * room + count, with: gram[row * capacity..<row * capacity + count])
    }
    (gram, capacity) = (larger, room)
  }

  /// Changes the penalty; the coefficients stay as they are, to start from.
  mutating func setPenalty(_ penalty: CoordinatePenalty) {
    if penalty.l2 != self.penalty.l2 { factor.reset() }
    self.penalty = penalty
    for (position, column) in columns.enumerated() {
      thresholds[position] = penalty.threshold(column)
      curvatures[position] = penalty.curvature(column)
    }
  }

  /// q = c − G b from the coefficients, which takes off the rounding errors of many small steps.
  mutating func refreshGradient() {
    let (m, stride) = (count, capacity)
    gradient.withUnsafeMutableBufferPointer { gradient in
      targetCorrelations.withUnsafeBufferPointer { _ = gradient.update(from: $0) }
      gram.withUnsafeBufferPointer { gram in
        for (position, value) in coefficients.enumerated() where value != 0 {
          Double.axpy(m, -value, gram.baseAddress! + position * stride, 1, gradient.baseAddress!, 1)
        }
      }
    }
  }

  /// Minimises over each of the positions in turn, the others held: b = S(q + G_aa b, α) / (G_aa + β).
  ///
  /// - Returns: The largest decrease of the objective by a single step, up to a factor: max G_aa (change)².
  mutating func sweep(_ list: some Sequence<Int>) -> Double {
    let (m, stride) = (count, capacity)
    var largest = 0.0
    gram.withUnsafeBufferPointer { gram in
      coefficients.withUnsafeMutableBufferPointer { b in
        gradient.withUnsafeMutableBufferPointer { q in
          thresholds.withUnsafeBufferPointer { thresholds in
            curvatures.withUnsafeBufferPointer { curvatures in
              for a in list {
                let square = gram[a * stride + a]
                let curvature = square + curvatures[a]
                // A column of nothing keeps its coefficient of 0.
                guard square > 0 else { continue }
                let point = q[a] + square * b[a]
                let threshold = thresholds[a]
                let shrunk = point > threshold ? point - threshold : (point < -threshold ? point + threshold : 0)
                let change = shrunk / curvature - b[a]
                guard change != 0 else { continue }
                b[a] = shrunk / curvature
                Double.axpy(m, -change, gram.baseAddress! + a * stride, 1, q.baseAddress!, 1)
                largest = max(largest, square * change * change)
              }
            }
          }
        }
      }
    }
    return largest
  }

  /// The positions that are not 0, and the free ones.
  var support: [Int] {
    (0..<count).filter { coefficients[$0] != 0 || (thresholds[$0] == 0 && gram[$0 * capacity + $0] > 0) }
  }

  /// ‖r‖² = ‖t‖² − c'b − q'b and r't = ‖t‖² − c'b.
  var residualProducts: (squares: Double, target: Double) {
    let m = count
    guard m > 0 else { return (targetSquares, targetSquares) }
    let fitted = Double.dot(m, targetCorrelations, coefficients)
    return (max(targetSquares - fitted - Double.dot(m, gradient, coefficients), 0), targetSquares - fitted)
  }

  /// The objective in half scale.
  var objective: Double {
    var value = 0.5 * residualProducts.squares
    for position in 0..<count {
      let b = coefficients[position]
      value += thresholds[position] * b.magnitude + 0.5 * curvatures[position] * b * b
    }
    return value
  }

  /// The duality gap of the restricted problem, relative to ½‖t‖².
  ///
  /// It steers the iteration and certifies nothing, so that rounding in nearly dependent free columns does not count.
  var relativeGap: Double {
    guard targetSquares > 0 else { return 0 }
    let (squares, target) = residualProducts
    let local = CoordinatePenalty(l1: penalty.l1, l2: penalty.l2, factors: columns.map { penalty.factors[$0] })
    let support = (0..<count).filter { coefficients[$0] != 0 }
    return DualityBound(
      local, support: support, values: support.map { coefficients[$0] }, correlations: gradient,
      residualSquares: squares, residualTarget: target, targetSquares: targetSquares,
      squaredNorms: (0..<count).map { gram[$0 * capacity + $0] }, orthogonality: 1e-6
    ).relativeGap
  }
}

import BLAS

/// Leave-one-out and generalised cross-validation errors of ridge over a grid of lambdas.
///
/// With the hat matrix H of the standardised, weighted problem, h_i = w_i / Σw (the intercept) + Σ_F q_if² (the free
/// columns) + Σ_k u_ik² d_k² / (d_k² + λ), and the residual without observation i is r_i / (1 − h_i). The columns keep the
/// standardisation of all rows. Observations of weight 0 do not count.
///
/// - leave-one-out: Σ w_i (r_i / (1 − h_i))² / Σ w_i.
/// - generalised: (RSS / Σ w_i) / (1 − Σ h_i / m)² over m observations (Golub, Heath and Wahba, 1979).
public struct RidgeValidation: Sendable {
  /// The grid, on the scale ``LambdaScale/rss``, in the order in which it was given.
  public let lambdas: [Lambda]
  /// The weighted mean squared error without the observation predicted; infinite where an observation determines its own
  /// prediction.
  public let leaveOneOut: [Double]
  /// The generalised cross-validation score.
  public let generalised: [Double]
  /// Σ h_i, the intercept's share included.
  public let degreesOfFreedom: [Double]
  /// The residual sum of squares.
  public let rss: [Double]

  /// The position of the smallest leave-one-out error; nil for an empty grid.
  public var leaveOneOutMinimum: Int? { leaveOneOut.indices.min { leaveOneOut[$0] < leaveOneOut[$1] } }
  /// The position of the smallest generalised score; nil for an empty grid.
  public var generalisedMinimum: Int? { generalised.indices.min { generalised[$0] < generalised[$1] } }

  private static let rowsPerTask = 256

  /// The validations of several targets, each without its part in the free columns (t − QQ't).
  static func all(
    _ spectrum: RidgeSpectrum, targets: [[Double]], _ values: [Double], pool: ThreadPool
  ) -> [RidgeValidation] {
    let rows = spectrum.problem.design.rows
    let (n, grid) = (rows.count, values.count)
    let width = targets.count * grid
    let left = spectrum.leftVectors(pool: pool)
    let rank = left.rows
    var shrinkage = Matrix<Double>(rows: rank, columns: grid)
    for (column, lambda) in values.enumerated() {
      let inverse = spectrum.inverse(lambda)
      for k in 0..<rank { shrinkage[k, column] = spectrum.squares[k] * inverse[k] }
    }
    // Of every target a block of the grid's columns.
    var shrunk = Matrix<Double>(rows: rank, columns: width)
    for (target, values) in targets.enumerated() {
      // u_k't of the rows of U', which are 0 where a direction has no spread.
      let h = matrixVectorMultiply(left, values, pool: pool)
      for k in 0..<rank { for column in 0..<grid { shrunk[k, target * grid + column] = h[k] * shrinkage[k, column] } }
    }
    let base = Self.freeLeverages(spectrum)

    let tasks = (n + Self.rowsPerTask - 1) / Self.rowsPerTask
    // Per task: Σ (r / (1 − h))² of every target and lambda, then Σ r² of these, then Σ h of every lambda.
    let length = 2 * width + grid
    var sums = [Double](repeating: 0, count: tasks * length)
    sums.withUnsafeMutableBufferPointer { sums in
      pool.run(tasks) { task in
        let first = task * Self.rowsPerTask
        let count = min(Self.rowsPerTask, n - first)
        var fitted = [Double](repeating: 0, count: count * width)
        var leverage = [Double](repeating: 0, count: count * grid)
        var squared = [Double](repeating: 0, count: rank * count)
        left.withUnsafeElements { left in
          for k in 0..<rank {
            for row in 0..<count { squared[k * count + row] = left[k * n + first + row] * left[k * n + first + row] }
          }
          guard rank > 0, width > 0 else { return }
          shrunk.withUnsafeElements {
            Double.gemm(true, false, count, width, rank, 1, left + first, n, $0, width, 0, &fitted, width)
          }
          shrinkage.withUnsafeElements {
            Double.gemm(true, false, count, grid, rank, 1, squared, count, $0, grid, 0, &leverage, grid)
          }
        }
        let errors = sums.baseAddress! + task * length
        let (squares, hats) = (errors + width, errors + 2 * width)
        fitted.withUnsafeBufferPointer { fitted in
          leverage.withUnsafeBufferPointer { leverage in
            for row in 0..<count where rows.weight(first + row) > 0 {
              for column in 0..<grid {
                let hat = base[first + row] + leverage[row * grid + column]
                hats[column] += hat
                let remaining = 1 - hat
                for target in targets.indices {
                  let place = target * grid + column
                  let residual = targets[target][first + row] - fitted[row * width + place]
                  let error = remaining > 1e-13 ? residual / remaining : .infinity
                  errors[place] += error * error
                  squares[place] += residual * residual
                }
              }
            }
          }
        }
      }
    }

    var totals = [Double](repeating: 0, count: length)
    for task in 0..<tasks {
      for index in totals.indices { totals[index] += sums[task * length + index] }
    }
    let degrees = Array(totals[(2 * width)...])
    return targets.indices.map { target in
      RidgeValidation(
        values, errors: totals[target * grid..<(target + 1) * grid],
        squares: totals[width + target * grid..<width + (target + 1) * grid], degrees: degrees, rows)
    }
  }

  private init(
    _ values: [Double], errors: ArraySlice<Double>, squares: ArraySlice<Double>, degrees: [Double], _ rows: RowWeights
  ) {
    lambdas = values.map { .rss($0) }
    leaveOneOut = errors.map { $0 / rows.total }
    rss = Array(squares)
    degreesOfFreedom = degrees
    let count = Double(rows.positiveCount)
    generalised = zip(squares, degrees).map { rss, degrees in
      let remaining = 1 - degrees / count
      return remaining > 1e-13 ? rss / rows.total / (remaining * remaining) : .infinity
    }
  }

  /// The part of h_i that no lambda changes.
  private static func freeLeverages(_ spectrum: RidgeSpectrum) -> [Double] {
    let design = spectrum.problem.design
    let n = design.rowCount
    var base = (0..<n).map { design.choice.centres ? design.rows.weight($0) / design.rows.total : 0 }
    let basis = spectrum.free.basis
    for k in 0..<basis.rows {
      for row in 0..<n { base[row] += basis[k, row] * basis[k, row] }
    }
    return base
  }
}

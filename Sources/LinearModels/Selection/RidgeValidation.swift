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

  init(_ spectrum: RidgeSpectrum, _ values: [Double], pool: ThreadPool) {
    let problem = spectrum.problem
    let rows = problem.design.rows
    let (n, grid) = (rows.count, values.count)
    let left = spectrum.leftVectors(pool: pool)
    let rank = left.rows
    // u_k't of the rows of U', which are 0 where a direction has no spread.
    let h = matrixVectorMultiply(left, spectrum.projectedTarget, pool: pool)
    var shrinkage = Matrix<Double>(rows: rank, columns: grid)
    shrinkage.withUnsafeMutableElements { shrinkage in
      for (column, lambda) in values.enumerated() {
        let inverse = spectrum.inverse(lambda)
        for k in 0..<rank { shrinkage[k * grid + column] = spectrum.squares[k] * inverse[k] }
      }
    }
    var shrunk = shrinkage
    shrunk.withUnsafeMutableElements { shrunk in
      for k in 0..<rank { Double.scal(grid, h[k], shrunk + k * grid, 1) }
    }
    let base = Self.freeLeverages(spectrum)

    let tasks = (n + Self.rowsPerTask - 1) / Self.rowsPerTask
    // Per task: Σ (r / (1 − h))² of every lambda, then Σ r², then Σ h.
    var sums = [Double](repeating: 0, count: tasks * grid * 3)
    sums.withUnsafeMutableBufferPointer { sums in
      pool.run(tasks) { task in
        let first = task * Self.rowsPerTask
        let count = min(Self.rowsPerTask, n - first)
        var fitted = [Double](repeating: 0, count: count * grid)
        var leverage = fitted
        var squared = [Double](repeating: 0, count: rank * count)
        left.withUnsafeElements { left in
          for k in 0..<rank {
            for row in 0..<count { squared[k * count + row] = left[k * n + first + row] * left[k * n + first + row] }
          }
          guard rank > 0, grid > 0 else { return }
          shrunk.withUnsafeElements {
            Double.gemm(true, false, count, grid, rank, 1, left + first, n, $0, grid, 0, &fitted, grid)
          }
          shrinkage.withUnsafeElements {
            Double.gemm(true, false, count, grid, rank, 1, squared, count, $0, grid, 0, &leverage, grid)
          }
        }
        let (errors, squares, hats) = (
          sums.baseAddress! + task * grid * 3, sums.baseAddress! + task * grid * 3 + grid,
          sums.baseAddress! + task * grid * 3 + 2 * grid
        )
        fitted.withUnsafeBufferPointer { fitted in
          leverage.withUnsafeBufferPointer { leverage in
            for row in 0..<count where rows.weight(first + row) > 0 {
              let (target, own) = (spectrum.projectedTarget[first + row], base[first + row])
              for column in 0..<grid {
                let residual = target - fitted[row * grid + column]
                let hat = own + leverage[row * grid + column]
                let remaining = 1 - hat
                let error = remaining > 1e-13 ? residual / remaining : .infinity
                errors[column] += error * error
                squares[column] += residual * residual
                hats[column] += hat
              }
            }
          }
        }
      }
    }

    var totals = [Double](repeating: 0, count: grid * 3)
    for task in 0..<tasks {
      for index in totals.indices { totals[index] += sums[task * grid * 3 + index] }
    }
    lambdas = values.map { .rss($0) }
    leaveOneOut = (0..<grid).map { totals[$0] / rows.total }
    rss = (0..<grid).map { totals[grid + $0] }
    degreesOfFreedom = (0..<grid).map { totals[2 * grid + $0] }
    let count = Double(rows.positiveCount)
    generalised = zip(rss, degreesOfFreedom).map { rss, degrees in
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

import BLAS
import LinearModels
import Tensors
import Testing

/// Regressions of many shapes whose columns are at times constant, duplicated, nearly duplicated or combinations of others.
struct RandomRegression {
  var x: Matrix<Double>
  var y: [Double]
  var weights: [Double]?
  var factors: [Double]?

  init(seed: UInt64, nearDuplicates: Bool = true) {
    var random = RandomGenerator(seed: seed, stream: "regressions")
    func draw(_ count: Int) -> Int { min(Int(random.uniform() * Double(count)), count - 1) }
    let (n, p) = (3 + draw(60), 1 + draw(80))
    let correlation = [0, 0.5, 0.95, 0.999][draw(4)]
    let density = draw(3) == 0 ? 0.3 : 1.0
    var columns: [[Double]] = []
    for j in 0..<p {
      var column = (0..<n).map { _ in random.uniform() < density ? random.normal() : 0 }
      if j > 0 {
        let (first, second) = (columns[draw(j)], columns[draw(j)])
        switch draw(16) {
        case 0: column = [Double](repeating: random.normal(), count: n)
        case 1: column = first
        case 2: column = zip(first, second).map { $0 - 2 * $1 }
        case 3 where nearDuplicates:
          let size = [1e-4, 1e-7, 1e-10][draw(3)]
          column = first.map { $0 + size * random.normal() }
        default:
          let rest = (1 - correlation * correlation).squareRoot()
          column = zip(columns[j - 1], column).map { correlation * $0 + rest * $1 }
        }
      }
      columns.append(column)
    }
    var signal = [Double](repeating: 3, count: n)
    for _ in 0..<4 {
      let (column, weight) = (columns[draw(p)], random.normal())
      for i in 0..<n { signal[i] += weight * column[i] }
    }
    let noise = [0, 0.1, 1][draw(3)]
    y = signal.map { $0 + noise * random.normal() }
    weights = draw(3) == 0 ? (0..<n).map { _ in draw(8) == 0 ? 0 : 0.2 + random.uniform() } : nil
    factors = draw(2) == 0 ? (0..<p).map { _ in [0, 0.5, 1, 1, 1, 2, 5, 1][draw(8)] } : nil
    x = Matrix(rows: n, columns: p)
    for i in 0..<n { for j in 0..<p { x[i, j] = columns[j][i] } }
  }

  var dense: DesignMatrix { get throws { try DesignMatrix(x) } }

  var sparse: DesignMatrix {
    get throws {
      var entries: [(row: Int, column: Int, value: Double)] = []
      for i in 0..<x.rows { for j in 0..<x.columns where x[i, j] != 0 { entries.append((i, j, x[i, j])) } }
      return try DesignMatrix(SparseMatrix(rows: x.rows, columns: x.columns, entries: entries))
    }
  }

  /// The relative duality gap of coefficients on the original scale, in plain loops. The dual point is the residual without its
  /// part along the free columns, whose coefficients cannot be better than rounding lets them be.
  func gap(_ fit: LinearFit) -> Double {
    let plain = NaiveStandardisation(x, y, weights: weights)
    let b = fit.standardizedCoefficients.values
    let r = plain.residual(b)
    let whole = squares(plain.target)
    guard whole > 1e-20 else { return 0 }
    var theta = r
    var basis: [[Double]] = []
    func project(_ v: inout [Double]) {
      for _ in 0..<2 {
        for q in basis {
          let along = zip(q, v).reduce(0) { $0 + $1.0 * $1.1 }
          for i in v.indices { v[i] -= along * q[i] }
        }
      }
    }
    for (j, column) in plain.columns.enumerated() where factors?[j] == 0 {
      var rest = column
      project(&rest)
      let size = squares(rest).squareRoot()
      guard size > 1e-13 * squares(column).squareRoot(), size > 0 else { continue }
      basis.append(rest.map { $0 / size })
    }
    project(&theta)
    var (primal, scale, conjugate) = (0.5 * squares(r), 1.0, 0.0)
    for (j, c) in plain.correlations(theta).enumerated() {
      let v = factors?[j] ?? 1
      primal += 0.5 * v * (fit.l1 * b[j].magnitude + fit.l2 * b[j] * b[j])
      guard v > 0 else { continue }
      if fit.l2 == 0 {
        scale = min(scale, 0.5 * fit.l1 * v / max(c.magnitude, 1e-300))
      } else {
        let excess = max(c.magnitude - 0.5 * fit.l1 * v, 0)
        conjugate += 0.5 * excess * excess / (fit.l2 * v)
      }
    }
    let product = zip(theta, plain.target).reduce(0) { $0 + $1.0 * $1.1 }
    let dual = scale * product - 0.5 * scale * scale * squares(theta) - conjugate
    return (primal - dual) / (0.5 * whole)
  }
}

@Suite struct RandomProblemTests {
  /// Every fit of a path is certified, and the plain judge agrees.
  @Test(arguments: 0..<300)
  func pathsAreCertified(_ seed: Int) throws {
    let problem = RandomRegression(seed: UInt64(seed))
    let mixing = [1, 1, 0.7][seed % 3]
    let settings = RegressionSettings(penaltyFactors: problem.factors, tolerance: 1e-8, maximumIterations: 20_000)
    let x = seed % 2 == 0 ? try problem.dense : try problem.sparse
    let path = try ElasticNet(lambda: 1, mixing: mixing, settings: settings).path(
      x, problem.y, weights: problem.weights, grid: .automatic(count: 12, ratio: 1e-3))
    for fit in path.fits {
      #expect(fit.isCertified, "l1 \(fit.l1): gap \(fit.dualityGap), \(fit.certificate.state)")
      let gap = problem.gap(fit)
      // Free columns that differ by 1e-10 of their size (seed 226) are one column to the solver, whose correlations with the
      // residual the certificate lets be off by 1e-12: along their difference that is worth some 1e-7 of the target.
      #expect(gap <= 1e-6, "l1 \(fit.l1): the judge finds \(gap), the certificate says \(fit.dualityGap)")
    }
  }

  /// The homotopy agrees with its certificates between its knots, down to a thousandth of the first, or says that it has lost
  /// its way, which it seldom does.
  @Test func homotopiesAreExact() throws {
    var complete = 0
    for seed in 0..<200 {
      let problem = RandomRegression(seed: UInt64(1000 + seed), nearDuplicates: seed % 4 == 0)
      let settings = RegressionSettings(penaltyFactors: problem.factors, tolerance: 1e-8)
      let path = try LassoHomotopy(settings: settings).fit(problem.dense, problem.y, weights: problem.weights)
      guard path.isComplete else { continue }
      complete += 1
      guard let first = path.knots.first else { continue }
      for share in [0.9, 0.5, 0.2, 0.05, 0.01, 0.001] {
        let fit = try path.fit(at: .rss(first.lambda.value * share))
        #expect(fit.isCertified, "seed \(seed) at \(share): gap \(fit.dualityGap)")
        let gap = problem.gap(fit)
        #expect(gap <= 1e-7, "seed \(seed) at \(share): the judge finds \(gap)")
      }
    }
    #expect(complete >= 180, "\(complete) of 200 homotopies were followed to their end")
  }
}

import BLAS
import LinearModels
import Testing

@Suite struct LeastSquaresTests {
  /// NIST's Longley data: six nearly dependent inputs, with certified values.
  @Test func longley() throws {
    let columns: [[Double]] = [
      [83, 88.5, 88.2, 89.5, 96.2, 98.1, 99, 100, 101.2, 104.6, 108.4, 110.8, 112.6, 114.2, 115.7, 116.9],
      [
        234289, 259426, 258054, 284599, 328975, 346999, 365385, 363112, 397469, 419180, 442769, 444546, 482704, 502601,
        518173, 554894,
      ],
      [2356, 2325, 3682, 3351, 2099, 1932, 1870, 3578, 2904, 2822, 2936, 4681, 3813, 3931, 4806, 4007],
      [1590, 1456, 1616, 1650, 3099, 3594, 3547, 3350, 3048, 2857, 2798, 2637, 2552, 2514, 2572, 2827],
      [
        107608, 108632, 109773, 110929, 112075, 113270, 115094, 116219, 117388, 118734, 120445, 121950, 123366, 125368,
        127852, 130081,
      ],
      (1947...1962).map(Double.init),
    ]
    let y: [Double] = [
      60323, 61122, 60171, 61187, 63221, 63639, 64989, 63761, 66019, 67857, 68169, 66513, 68655, 69564, 69331, 70551,
    ]
    let certified: [(estimate: Double, error: Double)] = [
      (-3482258.63459582, 890420.383607373), (15.0618722713733, 84.9149257747669),
      (-0.358191792925910e-1, 0.334910077722432e-1), (-2.02022980381683, 0.488399681651699),
      (-1.03322686717359, 0.214274163161675), (-0.511041056535807e-1, 0.226073200069370),
      (1829.15146461355, 455.478499142212),
    ]
    let x = Matrix(rows: 16, columns: 6, elements: (0..<16).flatMap { row in columns.map { $0[row] } })
    let fit = try LeastSquares().fit(x, y)
    for (term, expected) in zip(fit.terms, certified) {
      #expect(abs(term.estimate / expected.estimate - 1) < 1e-9, "\(term.name)")
      #expect(abs(term.standardError / expected.error - 1) < 1e-9, "\(term.name)")
    }
    #expect(abs(fit.residualStandardError / 304.854073561965 - 1) < 1e-10)
    #expect(abs(fit.rSquared - 0.995479004577296) < 1e-12)
    #expect(try abs(#require(fit.fStatistic) / 330.285339234588 - 1) < 1e-9)
    #expect(fit.degreesOfFreedom == 9 && fit.fit.isCertified && fit.fit.solver.solver == .qr)
    let table = fit.description
    #expect(table.contains("(Intercept)  -3.48226e+06      890420   -3.911   0.00356  **"))
    #expect(table.contains("F-statistic: 330.285 on 6 and 9 degrees of freedom, p = 4.98403e-10"))
  }

  /// (X'WX)⁻¹ by Gauss–Jordan elimination on the raw columns, weighted or not, with and without an intercept.
  @Test(arguments: [false, true], [false, true])
  func inference(_ isWeighted: Bool, _ intercept: Bool) throws {
    let problem = TestProblem(30, 4, seed: 51, density: 0.8)
    var weights = problem.weights
    weights[7] = 0
    let w = isWeighted ? weights : [Double](repeating: 1, count: 30)
    let rows = (0..<30).map { i in (intercept ? [1.0] : []) + (0..<4).map { problem.x[i, $0] } }
    let size = rows[0].count
    var system = [[Double]](repeating: [Double](repeating: 0, count: 2 * size), count: size)
    var right = [Double](repeating: 0, count: size)
    let y = isWeighted ? zip(problem.y, problem.offsets).map { $0 - $1 } : problem.y
    for i in 0..<30 {
      for a in 0..<size {
        for b in 0..<size { system[a][b] += w[i] * rows[i][a] * rows[i][b] }
        right[a] += w[i] * rows[i][a] * y[i]
      }
    }
    for a in 0..<size { system[a][size + a] = 1 }
    for a in 0..<size {
      let pivot = system[a][a]
      for c in 0..<2 * size { system[a][c] /= pivot }
      for b in 0..<size where b != a {
        let factor = system[b][a]
        for c in 0..<2 * size { system[b][c] -= factor * system[a][c] }
      }
    }
    let beta = (0..<size).map { a in (0..<size).reduce(0) { $0 + system[a][size + $1] * right[$1] } }
    var rss = 0.0
    for i in 0..<30 {
      let error = y[i] - (0..<size).reduce(0) { $0 + rows[i][$1] * beta[$1] }
      rss += w[i] * error * error
    }
    let degrees = (isWeighted ? 29 : 30) - size
    for x in [try problem.dense, try problem.sparse] {
      let fit = try LeastSquares(intercept: intercept)
        .fit(x, problem.y, weights: isWeighted ? weights : nil, offsets: isWeighted ? problem.offsets : nil)
      #expect(fit.degreesOfFreedom == degrees && fit.fit.isCertified)
      expectClose(fit.terms.map(\.estimate), beta, 1e-9)
      #expect(close(fit.fit.rss, rss, 1e-10))
      for a in 0..<size {
        let error = (rss / Double(degrees) * system[a][size + a]).squareRoot()
        #expect(close(fit.terms[a].standardError, error, 1e-9))
        #expect(close(fit.terms[a].tValue, beta[a] / error, 1e-8))
      }
      let intervals = try fit.confidenceIntervals(level: 0.9)
      #expect(intervals.count == size)
      // Around a prediction: x C x' by its definition.
      let means = try fit.predictionIntervals(x, level: 0.9, ofObservation: false)
      let observations = try fit.predictionIntervals(x, level: 0.9)
      for i in [0, 13] {
        var variance = 0.0
        for a in 0..<size { for b in 0..<size { variance += rows[i][a] * system[a][size + b] * rows[i][b] } }
        let t = (intervals[0].upperBound - fit.terms[0].estimate) / fit.terms[0].standardError
        let half = t * (rss / Double(degrees) * variance).squareRoot()
        #expect(close((means[i].upperBound - means[i].lowerBound) / 2, half, 1e-8))
        let wide = t * (rss / Double(degrees) * (1 + variance)).squareRoot()
        #expect(close((observations[i].upperBound - observations[i].lowerBound) / 2, wide, 1e-8))
      }
    }
  }

  @Test func dependentColumnsAreNamed() throws {
    var problem = TestProblem(20, 6, seed: 52)
    for i in 0..<20 {
      problem.x[i, 2] = problem.x[i, 0] - 3 * problem.x[i, 1]
      problem.x[i, 4] = 8
    }
    for x in [try problem.dense, try problem.sparse] {
      #expect(throws: LinearModelError.dependentColumns(["x3", "x5"])) { try LeastSquares().fit(x, problem.y) }
      // Without an intercept the constant is a column like another.
      #expect(throws: LinearModelError.dependentColumns(["x3"])) {
        try LeastSquares(intercept: false).fit(x, problem.y)
      }
    }
  }

  @Test func tooFewObservations() throws {
    let problem = TestProblem(5, 4, seed: 53)
    #expect(throws: LinearModelError.tooFewObservations(expectedMoreThan: 5, found: 5)) {
      try LeastSquares().fit(problem.dense, problem.y)
    }
    #expect(try LeastSquares(intercept: false).fit(problem.dense, problem.y).degreesOfFreedom == 1)
    let mean = try LeastSquares().fit(Matrix<Double>(rows: 3, columns: 0), [1, 2, 6])
    #expect(mean.terms.map(\.estimate) == [3] && mean.fStatistic == nil && mean.rSquared == 0)
    #expect(throws: LinearModelError.self) { try mean.confidenceIntervals(level: 1) }
  }

  @Test(.enabled(if: PublishedData.isThere, "set RIDGELINE_DATA to a folder with regression/ in it"))
  func published() throws {
    let (x, y) = try PublishedData.diabetes()
    #expect(abs(try LeastSquares().fit(x, y).fit.rss - 1_263_983.156255) < 1e-5)
    let (inputs, names, target, train) = try PublishedData.prostate()
    let design = try DesignMatrix(inputs, names: names)
    let rows = (0..<97).filter { train[$0] }
    let fit = try LeastSquares().fit(design.selectingRows(rows), rows.map { target[$0] })
    let test = (0..<97).filter { !train[$0] }
    let predictions = try fit.fit.predict(design.selectingRows(test))
    let error = zip(predictions, test).map { ($0 - target[$1]) * ($0 - target[$1]) }.reduce(0, +) / 30
    #expect(abs(error - 0.5213) < 5e-5)
  }
}

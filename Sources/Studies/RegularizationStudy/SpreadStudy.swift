import BLAS
import Foundation
import LinearModels
import Tensors

/// Many training sets of one world: how coefficients and predictions vary, and what that does to the test error.
///
/// The inputs stay, the noise is drawn anew for every set, so that ridge's bias and variance have a formula to stand
/// beside.
struct SpreadStudy {
  static let observations = 20
  static let testCount = 200
  /// How many test inputs have their predictions drawn one by one.
  static let shownCount = 8

  let world: LinearWorld
  let trainingSets: Int
  let grid: [Double]
  private let generator: RandomGenerator
  private let x: Matrix<Double>
  private let signal: [Double]
  private let test: Matrix<Double>
  private let testSignal: [Double]

  init(_ world: LinearWorld, trainingSets: Int, lambdas: Int, _ generator: RandomGenerator) {
    self.world = world
    self.trainingSets = trainingSets
    self.generator = generator
    grid = (0..<lambdas).map { pow(10, -1 + 4 * Double($0) / Double(lambdas - 1)) }
    x = world.inputs(Self.observations, generator.fork("inputs"))
    signal = world.signal(x)
    test = world.inputs(Self.testCount, generator.fork("test"))
    testSignal = world.signal(test)
  }

  /// All models on one training set: least squares, ridge and the lasso for each lambda.
  private struct Draw: Sendable {
    var coefficients: [[Double]] = []
    var predictions: [[Double]] = []
    var ledger = FitLedger()

    mutating func append(_ fit: LinearFit, _ test: DesignMatrix) throws {
      ledger.note(fit)
      coefficients.append(fit.coefficients.values)
      predictions.append(try fit.predict(test))
    }
  }

  func run(_ work: StudyWork, share: ClosedRange<Double>, _ ledger: inout FitLedger) throws -> SpreadResults {
    let (design, inputs) = (try DesignMatrix(x), try DesignMatrix(test))
    let settings = FitLedger.settings()
    let lambdas = grid.map { Lambda.rss($0) }
    let draws = try work.map(trainingSets, share: share) { index in
      let y = world.target(signal, generator.fork("noise").fork(index))
      var draw = Draw()
      try draw.append(LeastSquares(tolerance: settings.tolerance).fit(design, y).fit, inputs)
      let ridge = try RidgeAnalysis(design, y, settings: settings)
      for lambda in lambdas { try draw.append(ridge.fit(lambda), inputs) }
      // A path comes in descending order.
      let path = try Lasso(lambda: 0, settings: settings).path(design, y, grid: .values(lambdas))
      for fit in path.fits.reversed() { try draw.append(fit, inputs) }
      return draw
    }
    for draw in draws { ledger.add(draw.ledger) }

    func risk(_ model: Int, lambda: Double) -> RiskPoint {
      RiskPoint(
        lambda: lambda, predictions: draws.map { $0.predictions[model] }, signal: testSignal, noise: world.noise,
        nonzero: Statistics.mean(draws.map { Double($0.coefficients[model].count { $0 != 0 }) }))
    }
    let count = grid.count
    let ridge = (0..<count).map { risk(1 + $0, lambda: grid[$0]) }
    let lasso = (0..<count).map { risk(1 + count + $0, lambda: grid[$0]) }
    let theory = RidgeTheory(x, signal: signal, noise: world.noise)
    let best = [(Regression.leastSquares, 0), (.ridge, 1 + Self.best(ridge)), (.lasso, 1 + count + Self.best(lasso))]
    /// The squared error of a model, a mean over the test inputs for each training set; the noise adds the same to all.
    func errors(_ model: Int) -> [Double] {
      draws.map { draw in
        zip(draw.predictions[model], testSignal).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
          / Double(testSignal.count)
      }
    }
    let differences = [(1, 0), (2, 0), (1, 2)].map { first, second in
      ErrorDifference(
        first: best[first].0, second: best[second].0,
        testError: Interval(Estimate(zip(errors(best[first].1), errors(best[second].1)).map { $0 - $1 })))
    }
    return SpreadResults(
      world: world.name, truth: world.coefficients, correlation: world.correlation, noise: world.noise,
      observations: Self.observations, trainingSets: trainingSets, testCount: Self.testCount,
      leastSquares: risk(0, lambda: 0), ridge: ridge, lasso: lasso,
      theory: ([0] + grid).map { theory.risk(lambda: $0, test, testSignal) }, differences: differences,
      coefficients: best.map { method, model in
        Spread(
          method: method, lambda: model == 0 ? 0 : grid[(model - 1) % count], truth: world.coefficients,
          draws: draws.map { $0.coefficients[model] })
      },
      predictions: best.map { method, model in
        Spread(
          method: method, lambda: model == 0 ? 0 : grid[(model - 1) % count],
          truth: Array(testSignal.prefix(Self.shownCount)),
          draws: draws.map { Array($0.predictions[model].prefix(Self.shownCount)) })
      })
  }

  private static func best(_ points: [RiskPoint]) -> Int {
    points.indices.min { points[$0].testError.mean < points[$1].testError.mean } ?? 0
  }
}

extension RiskPoint {
  /// Bias², variance and test error of predictions, means over the test inputs.
  ///
  /// The variance has S - 1 below, and the square of the mean deviation is freed of the variance's share in it, so that test
  /// error = noise² + bias² + variance holds to the digit. The intervals are Student's over the training sets; that of bias²
  /// is of its linearisation.
  init(lambda: Double, predictions: [[Double]], signal: [Double], noise: Double, nonzero: Double) {
    let (sets, points) = (Double(predictions.count), Double(signal.count))
    let means = signal.indices.map { point in predictions.reduce(0) { $0 + $1[point] } / sets }
    var (biases, variances, errors): ([Double], [Double], [Double]) = ([], [], [])
    for prediction in predictions {
      var (bias, variance, error) = (0.0, 0.0, 0.0)
      for point in signal.indices {
        let offset = means[point] - signal[point]
        let deviation = prediction[point] - means[point]
        bias += offset * offset + 2 * offset * deviation
        variance += deviation * deviation
        error += (prediction[point] - signal[point]) * (prediction[point] - signal[point])
      }
      biases.append(bias / points)
      variances.append(variance / points * sets / (sets - 1))
      errors.append(error / points + noise * noise)
    }
    let share = Statistics.mean(variances) / sets
    self.init(
      lambda: lambda, biasSquared: Interval(Estimate(biases.map { $0 - share })),
      variance: Interval(Estimate(variances)), testError: Interval(Estimate(errors)), nonzero: nonzero)
  }
}

extension Spread {
  /// The spread of draws, one list a training set.
  init(method: Regression, lambda: Double, truth: [Double], draws: [[Double]]) {
    self.init(
      method: method, lambda: lambda,
      values: truth.indices.map { index in
        let sorted = draws.map { $0[index] }.sorted()
        func quantile(_ share: Double) -> Double {
          let place = share * Double(sorted.count - 1)
          let below = Int(place)
          let above = min(below + 1, sorted.count - 1)
          return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
        }
        return SpreadValue(
          truth: truth[index], mean: Statistics.mean(sorted),
          standardDeviation: Statistics.standardDeviation(sorted), low: quantile(0.05), high: quantile(0.95),
          zeroShare: Double(sorted.count { $0 == 0 }) / Double(sorted.count))
      })
  }
}

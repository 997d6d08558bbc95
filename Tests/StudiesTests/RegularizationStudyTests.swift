import BLAS
import Foundation
import Synchronization
import Testing

@testable import Studies

@Suite struct RegularizationStudyTests {
  private func options(_ parts: [RegularizationStudyOptions.Part], seed: UInt64 = 1) -> RegularizationStudyOptions {
    var options = RegularizationStudyOptions()
    options.parts = parts
    (options.trainingSets, options.lambdas) = (300, 7)
    (options.networkSeeds, options.updates) = (2, 60)
    options.seed = seed
    return options
  }

  /// Ridge's bias and variance over the training sets lie where the formulas say, within the simulation's own error.
  @Test(arguments: [1, 2] as [UInt64]) func simulationFollowsTheory(_ seed: UInt64) throws {
    let results = try RegularizationStudy(options([.spread], seed: seed)).run()
    #expect(results.spread.map(\.world) == ["few", "many"])
    for world in results.spread {
      #expect(world.theory.count == 8)
      for (point, theory) in zip([world.leastSquares] + world.ridge, world.theory) {
        #expect(point.lambda == theory.lambda)
        for (interval, value) in [(point.biasSquared, theory.biasSquared), (point.variance, theory.variance)] {
          // Half the width is two standard errors; five of them, and what rounding leaves where there is no bias.
          let allowed = 2.5 * (interval.high - interval.low) / 2 + 1e-3 * world.noise
          #expect(abs(interval.mean - value) < allowed, "λ \(point.lambda): \(interval) and \(value)")
        }
      }
      for point in [world.leastSquares] + world.ridge + world.lasso {
        let sum = world.noise * world.noise + point.biasSquared.mean + point.variance.mean
        #expect(abs(point.testError.mean - sum) < 1e-9 * sum)
      }
      // Differences set by set have the difference of the means in the middle.
      let (ridge, lasso) = (SpreadResults.best(world.ridge), SpreadResults.best(world.lasso))
      let between = try #require(world.difference(.ridge, .lasso))
      let means = try #require(ridge).testError.mean - (try #require(lasso).testError.mean)
      #expect(abs(between.mean - means) < 1e-9 && between.low < between.mean && between.mean < between.high)
      // More penalty, less variance; and what the formula says of least squares: unbiased.
      #expect(world.theory[0].biasSquared < 1e-20)
      #expect(zip(world.theory, world.theory.dropFirst()).allSatisfy { $0.variance > $1.variance })
      #expect(world.lasso.last?.nonzero == 0 && world.leastSquares.nonzero == 8)
    }
  }

  @Test func decompositionByHand() {
    // Two sets, two points: means 2 and 0, truths 1 and 0.
    let point = RiskPoint(lambda: 3, predictions: [[1, 1], [3, -1]], signal: [1, 0], noise: 2, nonzero: 1)
    #expect(abs(point.variance.mean - 2) < 1e-15)
    #expect(abs(point.biasSquared.mean - (0.5 - 1)) < 1e-15)
    // The squared errors are 0, 1, 4 and 1.
    #expect(abs(point.testError.mean - (1.5 + 4)) < 1e-15)
  }

  @Test func everyFitIsCertifiedAndOnItsFormula() throws {
    let results = try RegularizationStudy(options([.paths, .geometry, .shrinkage, .rescaling])).run()
    #expect(results.fits.fits > 300 && results.fits.uncertified == 0)
    #expect(results.fits.largestGap <= results.fits.tolerance)
    let shrinkage = try #require(results.shrinkage)
    #expect(shrinkage.largestRidgeDeviation < 1e-12 && shrinkage.largestLassoDeviation < 1e-12)
    #expect(ShrinkageResults.lasso(-1.5, 2) == -0.5 && ShrinkageResults.lasso(0.9, 2) == 0)
    let paths = try #require(results.paths)
    #expect(paths.largestDifference < 1e-9)
    #expect(paths.knots.count >= 8 && paths.lasso.contains { $0.lambda == paths.knots[3].lambda })
    #expect(paths.lasso.first?.nonzero == 0 && paths.ridge.allSatisfy { $0.nonzero == 8 })
    #expect(zip(paths.ridge, paths.ridge.dropFirst()).allSatisfy { $0.degreesOfFreedom > $1.degreesOfFreedom })
  }

  /// The contacts satisfy the conditions of a minimum, and one contour goes through both.
  @Test(arguments: 1...5 as ClosedRange<UInt64>) func contactsAreOptimal(_ seed: UInt64) throws {
    let geometry = try #require(try RegularizationStudy(options([.geometry], seed: seed)).run().geometry)
    let (lasso, ridge) = (geometry.lasso, geometry.ridge)
    for (gradient, b) in zip(ridge.gradient, ridge.point) {
      #expect(abs(gradient + 2 * ridge.lambda * b) < 1e-6 * ridge.lambda)
    }
    #expect(lasso.point.count { $0 == 0 } == 1)
    for (gradient, b) in zip(lasso.gradient, lasso.point) {
      if b == 0 {
        #expect(abs(gradient) < lasso.lambda)
      } else {
        #expect(abs(gradient + lasso.lambda * (b < 0 ? -1 : 1)) < 1e-6 * lasso.lambda)
      }
    }
    #expect(abs(ridge.rss / lasso.rss - 1) < 1e-9)
    for contact in [lasso, ridge] {
      #expect(abs(geometry.rss(contact.point[0], contact.point[1]) / contact.rss - 1) < 1e-9)
    }
  }

  @Test func standardisingUndoesUnits() throws {
    let rows = try #require(try RegularizationStudy(options([.rescaling])).run().rescaling).rows
    #expect(rows.count == 5 * 13)
    for row in rows where row.isStandardised { #expect(row.change < 1e-9, "\(row)") }
    for method in [Regression.ridge, .lasso] {
      let changes = rows.filter { $0.method == method && !$0.isStandardised }.map(\.change)
      #expect(changes.contains { $0 > 0.05 } && changes.contains(0))
    }
  }

  @Test func networksShareExamplesAndFirstWeights() throws {
    let network = try #require(try RegularizationStudy(options([.network])).run().network)
    #expect(network.runs.count == 8 && network.selection.count == 14)
    for seed in 0..<2 {
      let firsts = network.runs.filter { $0.seed == seed }.compactMap(\.records.first)
      #expect(firsts.count == 4 && Set(firsts).count == 1)
      let lasts = network.runs.filter { $0.seed == seed }.compactMap(\.records.last)
      #expect(Set(lasts).count == 4 && lasts.allSatisfy { $0.step == 60 && $0.train < firsts[0].train })
    }
    for method in [NetworkMethod.l2, .l1, .dropout] {
      let tried = network.selection.filter { $0.method == method }
      let best = tried.min { $0.validationError.mean < $1.validationError.mean }?.strength
      #expect(network.runs(of: method).allSatisfy { $0.strength == best })
    }
    #expect(network.difference(of: .none).mean == 0)
  }

  @Test func theNumbersDependOnTheSeedAlone() throws {
    func results(seed: UInt64, threads: Int) throws -> RegularizationStudyResults {
      var options = options(RegularizationStudyOptions.Part.allCases, seed: seed)
      (options.trainingSets, options.updates) = (20, 20)
      var results = try RegularizationStudy(options, pool: ThreadPool(threads: threads)).run()
      results.study.seconds = 0
      results.environment.threads = 0
      return results
    }
    let first = try results(seed: 3, threads: 1)
    #expect(try results(seed: 3, threads: 3) == first)
    #expect(try results(seed: 4, threads: 1).paths != first.paths)
    #expect(first.study.unfinishedParts.isEmpty)
    // Through a file and back.
    let decoded = try RegularizationStudyResults(json: first.jsonData())
    #expect(decoded == first)
    #expect(try decoded.jsonData() == first.jsonData())
  }

  @Test func whatIsNotFiniteIsNull() throws {
    var results = RegularizationStudyResults(
      environment: StudyEnvironment(), study: RegularizationStudyDescription())
    results.network = NetworkResults(
      inputs: 1, hidden: [2], weights: 3, observations: 4, testCount: 5, noise: 1, learningRate: 1, momentum: 0,
      updates: 9, selection: [],
      runs: [
        NetworkRun(
          method: .none, strength: 0, seed: 0, records: [NetworkRecord(step: 9, train: .infinity, test: .nan)])
      ])
    let text = try String(decoding: results.jsonData(), as: UTF8.self)
    #expect(text.contains(#"{"step":9,"test":null,"train":null}"#))
    #expect(try RegularizationStudyResults(json: Data(text.utf8)) == results)
    let error = #expect(throws: StudyResultsError.self) {
      try RegularizationStudyResults(json: Data(text.replacing(#""seed":0"#, with: #""seed":"x""#).utf8))
    }
    #expect(error?.path == "network.runs[0].seed")
  }

  @Test func stoppingKeepsWhatIsFinished() throws {
    let study = RegularizationStudy(options([.paths, .geometry, .spread]))
    let reached = Mutex(false)
    let results = try study.run(
      progress: { progress in if progress.part == .spread { reached.withLock { $0 = true } } },
      shouldStop: { reached.withLock { $0 } })
    #expect(results.study.unfinishedParts == [.spread])
    #expect(results.paths != nil && results.geometry != nil && results.spread.isEmpty)
    #expect(throws: StudyError.stopped) { try study.run(shouldStop: { true }) }
  }

  @Test func badOptionsAreNamed() {
    func refuses(_ option: String, _ change: (inout RegularizationStudyOptions) -> Void) {
      var options = options([.paths])
      change(&options)
      let error = #expect(throws: StudyError.self) { try RegularizationStudy(options).run() }
      #expect(error?.description.contains("--\(option) ") == true)
    }
    refuses("parts") { $0.parts = [] }
    refuses("training-sets") { $0.trainingSets = 9 }
    refuses("lambdas") { $0.lambdas = 0 }
    refuses("network-seeds") { $0.networkSeeds = 1 }
    refuses("updates") { $0.updates = -1 }
  }
}

import BLAS
import Foundation
import NeuralNetworks
import Synchronization
import Testing

@testable import Studies

@Suite struct InitializerStudyTests {
  private func options(_ initializers: [String], _ parts: [InitializerStudyOptions.Part]) -> InitializerStudyOptions {
    var options = InitializerStudyOptions()
    options.initializers = initializers
    options.parts = parts
    options.width = 64
    (options.steps, options.leNetSteps, options.scaleSteps) = (6, 6, 6)
    options.seeds = 2
    options.testCount = 300
    return options
  }

  @Test func variancesFollowTheRecursion() throws {
    let results = try InitializerStudy(options(["standard", "glorot_uniform"], [.comparison])).run()
    let group = try #require(results.groups(.comparison).first)
    let standard = 1 / group.factorPerLayer(of: "standard", \.gradientStandardDeviation)
    #expect(abs(log(standard * 3.0.squareRoot())) < log(1.1), "back-propagated gradients fall by \(1 / standard)")
    let forward = group.factorPerLayer(of: "standard", \.activationStandardDeviation)
    #expect(abs(log(forward * 3.0.squareRoot())) < log(1.1))
    #expect(abs(log(group.factorPerLayer(of: "glorot_uniform", \.gradientStandardDeviation))) < log(1.15))
    for layer in results.runs.flatMap(\.layers) {
      let ratios = [
        layer.activationStandardDeviation / layer.predictedActivationStandardDeviation,
        layer.gradientStandardDeviation / layer.predictedGradientStandardDeviation,
        layer.weightGradientStandardDeviation / layer.predictedWeightGradientStandardDeviation,
      ]
      #expect(ratios.allSatisfy { (0.5...1.6).contains($0) }, "layer \(layer.layer): \(ratios)")
    }
  }

  @Test func rectifiersFollowHe() throws {
    var options = options(["he_normal"], [.comparison])
    options.activations = ["relu", "leaky_relu"]
    for group in try InitializerStudy(options).run().groups(.comparison) {
      #expect(abs(log(group.factorPerLayer(of: "he_normal", \.gradientStandardDeviation))) < log(1.25))
    }
  }

  @Test func sameSeedSameResults() throws {
    func runs(seed: UInt64) throws -> [InitializerRun] {
      var options = options(["glorot_normal"], [.comparison, .leNet5])
      options.seed = seed
      return try InitializerStudy(options).run().runs.map { run in
        var run = run
        run.seconds = 0
        return run
      }
    }
    let first = try runs(seed: 3)
    #expect(try runs(seed: 3) == first)
    #expect(try runs(seed: 9) != first)
  }

  @Test func zeroWeightsGiveZeroDerivativesAndLogTwo() throws {
    var options = options(["zeros", "glorot_uniform"], [.comparison, .threeLayer])
    (options.steps, options.scaleSteps) = (60, 60)
    let results = try InitializerStudy(options).run()
    let groups = results.groups(.comparison)
    let zero = try #require(groups[0].runs(of: "zeros").first?.derivativeProbe)
    #expect(zero.largestDifferenceBetweenInputs == 0 && zero.largestDifferenceBetweenUnits == 0)
    let other = try #require(groups[0].runs(of: "glorot_uniform").first?.derivativeProbe)
    #expect(other.largestDifferenceBetweenInputs > 0)
    let losses = results.groups(.threeLayer)[0].runs(of: "zeros").flatMap(\.loss)
    #expect(losses.count > 2)
    #expect(losses.allSatisfy { $0.value == Double(Float(log(2.0))) })
  }

  /// Other programs read results.json by these names: every one is there in every run and means what it says.
  @Test func resultsHoldTheNamesThatOthersRead() throws {
    var options = options(["zeros", "glorot_uniform"], InitializerStudyOptions.Part.allCases)
    options.activations = ["tanh", "sigmoid", "softsign", "relu", "leaky_relu"]
    (options.width, options.steps, options.leNetSteps, options.scaleSteps) = (8, 2, 2, 2)
    let data = try InitializerStudy(options).run().jsonData()
    let top = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    let environment = try #require(top["environment"] as? [String: Any])
    for key in ["cpu", "blas_library", "blas_configuration", "threads", "versions", "seed"] {
      #expect(environment[key] != nil, "\(key)")
    }
    let runs = try #require(top["runs"] as? [[String: Any]])
    #expect(Set(runs.compactMap { $0["model"] as? String }) == ["mlp", "lenet5", "three_layer"])
    #expect(Set(runs.compactMap { $0["activation"] as? String }) == Set(options.activations))
    for run in runs {
      for key in ["model", "dataset", "initializer", "activation"] { #expect(run[key] is String, "\(key)") }
      #expect(run["dataset"] as? String == "shapeset" && run["seed"] is Int)
      // A run that diverged has null for its error.
      if let error = run["test_error"] as? Double { #expect((0...1).contains(error)) }
      let layers = try #require(run["layers"] as? [[String: Any]])
      #expect(layers.compactMap { $0["layer"] as? Int } == Array(1...layers.count))
      for layer in layers {
        for key in [
          "activation_mean", "activation_std", "saturated_fraction", "gradient_std", "weight_gradient_std",
          "predicted_activation_std", "predicted_gradient_std",
        ] { #expect(layer[key] is Double || layer[key] is NSNull, "\(key)") }
        if let saturated = layer["saturated_fraction"] as? Double { #expect((0...1).contains(saturated)) }
      }
      for entry in try #require(run["loss"] as? [[String: Any]]) { #expect(Set(entry.keys) == ["step", "value"]) }
      for entry in try #require(run["weight_gradient_std_over_time"] as? [[String: Any]]) {
        #expect(Set(entry.keys) == ["step", "layers"])
        #expect((entry["layers"] as? [Any])?.count == layers.count)
      }
    }
  }

  @Test func badOptionsAreNamed() {
    func refuses(_ option: String, _ change: (inout InitializerStudyOptions) -> Void) {
      var options = options(["zeros"], [.comparison])
      change(&options)
      let error = #expect(throws: InitializerStudyError.self) { try InitializerStudy(options).run() }
      #expect(error?.description.contains(option) == true)
    }
    refuses("width") { $0.width = 0 }
    refuses("steps") { $0.steps = 0 }
    refuses("seeds") { $0.seeds = 1 }
    refuses("batch") { $0.batch = 0 }
    refuses("depth") { $0.depth = -1 }
    refuses("nonsense") { $0.initializers = ["nonsense"] }
    refuses("softmax") { $0.activations = ["softmax"] }
    refuses("learning-rate") { $0.learningRate = .nan }
    refuses("momentum") { $0.momentum = 1 }
    refuses("lenet-steps") { $0.leNetSteps = 0 }
    refuses("scale-steps") { $0.scaleSteps = -3 }
    refuses("lenet-input-deviation") { $0.leNetInputDeviation = 0 }
  }

  @Test func everyInitializerCanBeNamed() throws {
    let names = InitializerStudyOptions.initializerNames
    for name in ["constant", "variance_scaling", "lsuv", "identity", "dirac", "sparse", "lecun_normal", "he_uniform"] {
      #expect(names.contains(name))
    }
    var options = options(names, [.comparison, .leNet5])
    options.activations = ["tanh", "relu"]
    (options.width, options.steps, options.leNetSteps) = (8, 2, 2)
    (options.statisticsCount, options.testCount) = (20, 20)
    let results = try InitializerStudy(options).run()
    #expect(results.runs.count == options.runCount && options.runCount == names.count * 3 * 2)
    #expect(results.study.initializers.map(\.name) == names)
    #expect(results.study.initializers.allSatisfy { $0.name != $0.text })
    // Theory takes weights for independent and of mean 0; where they are not it says nothing.
    for run in results.runs where run.model == "mlp" {
      let predicted = run.layers.map(\.predictedGradientStandardDeviation)
      let isFinite = !["ones", "constant", "identity", "dirac"].contains(run.initializer)
      #expect(predicted.allSatisfy { $0.isFinite == isFinite }, "\(run.initializer): \(predicted)")
    }
    let error = #expect(throws: InitializerStudyError.self) {
      try InitializerStudy(self.options(["xavier"], [.comparison])).run()
    }
    for name in names { #expect(error?.description.contains(name) == true) }
  }

  /// LSUV brings every pre-activation to variance 1, so tanh's deviation is that of tanh of a standard normal variable.
  @Test func lsuvGivesUnitVarianceInTheStudy() throws {
    var options = options(["lsuv"], [.comparison])
    options.activations = ["tanh"]
    options.batch = 200
    let runs = try InitializerStudy(options).run().runs
    let expected = try #require(GaussianExpectations(.tanh, variance: 1)).standardDeviation
    for layer in runs.flatMap(\.layers) {
      let measured = layer.activationStandardDeviation
      #expect(abs(measured / expected - 1) < 0.1, "layer \(layer.layer): \(measured), expected \(expected)")
      #expect(abs(layer.predictedActivationStandardDeviation / measured - 1) < 0.15)
      #expect(abs(log(layer.predictedGradientStandardDeviation / layer.gradientStandardDeviation)) < log(1.5))
    }
    #expect(Set(runs.map(\.testError)).count == 2 && runs[0].layers != runs[1].layers)
  }

  @Test func lsuvWithoutVarianceIsAnError() throws {
    // Units that see one number each: narrow rectifiers die, and there is nothing to divide by.
    var options = options(["lsuv"], [.comparison])
    options.activations = ["relu"]
    (options.width, options.depth, options.batch, options.seeds) = (1, 60, 1, 4)
    let error = #expect(throws: InitializerStudyError.self) { try InitializerStudy(options).run() }
    #expect(error?.description.contains("lsuv") == true && error?.description.contains("hidden") == true)
  }

  @Test func inputsThatSinglePrecisionCannotHoldAreRefused() {
    for deviation in [1e300, 1e-300, .infinity, .nan, -1] {
      var options = options(["zeros"], [.comparison])
      options.inputDeviation = deviation
      #expect(throws: InitializerStudyError.self) { try options.validate() }
      options.inputDeviation = 1
      options.leNetInputDeviation = deviation
      #expect(throws: InitializerStudyError.self) { try options.validate() }
    }
  }

  @Test func stoppedAtOnceItHasNoRuns() throws {
    let results = try InitializerStudy(options(["zeros"], [.comparison])).run(shouldStop: { true })
    #expect(results.runs.isEmpty && !results.isComplete)
    #expect(results.study.plannedRuns == 6)
  }

  @Test func stoppedOnTheWayItKeepsTheFinishedRuns() throws {
    var options = options(["standard", "zeros"], [.comparison])
    options.activations = ["tanh"]
    options.width = 8
    let finished = Atomic<Int>(0)
    let pool = ThreadPool(threads: 1)
    let whole = try InitializerStudy(options, pool: pool).run()
    let part = try InitializerStudy(options, pool: pool).run(
      progress: { finished.store($0.finishedRuns, ordering: .relaxed) },
      shouldStop: { finished.load(ordering: .relaxed) >= 2 })
    #expect(whole.isComplete && !part.isComplete && part.study.plannedRuns == 4)
    #expect(part.runs.count == 2)
    // They are what they are in a study that is not stopped.
    for (run, other) in zip(part.runs, whole.runs) {
      #expect(run.initializer == other.initializer && run.seed == other.seed)
      #expect(run.layers == other.layers && run.loss == other.loss && run.testError == other.testError)
    }
    // What was not planned is not missed: files of earlier versions do not say how many runs there were to be.
    var older = part
    older.study.plannedRuns = nil
    #expect(older.isComplete)
    #expect(try InitializerStudyResults(json: part.jsonData()).study.plannedRuns == 4)
  }

  @Test func theNumberOfRunsIsKnownBefore() throws {
    for parts in [InitializerStudyOptions.Part.allCases, [.comparison, .comparison], [.scales, .threeLayer]] {
      var options = options(["zeros", "standard", "he_normal"], parts)
      options.seeds = 3
      let catalogue = try StudyCatalogue(options, StudyDataSets(options).first)
      #expect(options.runCount == catalogue.runs.count)
    }
  }
}

@Suite struct StudyPaceTests {
  private func pace() throws -> (StudyPace, [StudyRun]) {
    var options = InitializerStudyOptions()
    options.initializers = ["standard"]
    options.activations = ["tanh"]
    options.seeds = 2
    options.testCount = 300
    let data = try StudyDataSets(options).first
    let runs = try StudyCatalogue(options, data).runs
    return (StudyPace(runs, exampleShape: data.exampleShape, threads: 2), runs)
  }

  @Test func nothingIsSaidBeforeAnythingIsMeasured() throws {
    let (pace, _) = try pace()
    #expect(pace.secondsLeft == nil && pace.fraction == 0)
  }

  /// Every kind at its own pace, two threads, from the first measurements of each to the end.
  @Test func kindsThatAreMeasuredArePredictedExactly() throws {
    var (pace, runs) = try pace()
    func seconds(_ run: StudyRun) -> Double {
      switch run.model {
      case "lenet5": 3e-3
      case "three_layer": 1e-4
      default: 4e-4
      }
    }
    let total = runs.reduce(0) { $0 + seconds($1) * Double($1.steps) }
    var done = 0.0
    for run in runs {
      pace.add(run, updates: 10, seconds: 10 * seconds(run))
      done += 10 * seconds(run)
    }
    #expect(abs((pace.secondsLeft ?? 0) - (total - done) / 2) < 1e-9 * total)
    #expect(abs(pace.fraction - done / total) < 1e-9)
    for run in runs { pace.add(run, updates: run.steps - 10, seconds: seconds(run) * Double(run.steps - 10)) }
    #expect(abs(pace.secondsLeft ?? 1) < 1e-9 && abs(pace.fraction - 1) < 1e-12)
  }

  /// A kind that has not begun costs by its arithmetic: LeNet-5 more than the small fully connected network.
  @Test func kindsToComeAreForeseen() throws {
    var (pace, runs) = try pace()
    let first = try #require(runs.first)
    pace.add(first, updates: 100, seconds: 0.04)
    let leNet = runs.filter { $0.model == "lenet5" }.reduce(0) { $0 + $1.steps }
    let others = runs.filter { $0.model == "mlp" }.reduce(-100) { $0 + $1.steps }
    let threeLayers = runs.filter { $0.model == "three_layer" }.reduce(0) { $0 + $1.steps }
    let left = 2 * (pace.secondsLeft ?? 0)
    #expect(left > 4e-4 * Double(others + leNet) && left < 4e-4 * Double(others + threeLayers + 20 * leNet), "\(left)")
  }

  @Test func aRunThatEndsEarlyLeavesNothingToDo() throws {
    var (pace, runs) = try pace()
    for run in runs {
      pace.add(run, updates: 10, seconds: 1)
      pace.leaveOut(run, updates: run.steps - 10)
    }
    #expect(pace.secondsLeft == 0 && pace.fraction == 1)
  }
}

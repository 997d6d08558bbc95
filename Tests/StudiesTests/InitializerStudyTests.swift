import Foundation
import Studies
import Testing

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

  @Test func stopsWhenAsked() {
    #expect(throws: InitializerStudyError.stopped) {
      try InitializerStudy(options(["zeros"], [.comparison])).run(shouldStop: { true })
    }
  }
}

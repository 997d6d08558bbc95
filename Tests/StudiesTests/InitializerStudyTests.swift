import BLAS
import NeuralNetworks
import Studies
import Testing

@Suite("The initializer study") struct InitializerStudyTests {
  private static func small() -> InitializerStudyOptions {
    var options = InitializerStudyOptions()
    (options.width, options.depth, options.steps, options.seeds, options.lenetSteps) = (64, 4, 20, 2, 2)
    options.initializers = ["zeros", "standard", "glorot_uniform"]
    options.activations = [.tanh]
    return options
  }

  @Test("standard weights shrink gradients by about √3 a layer, Glorot's keep them")
  func gradients() throws {
    var options = Self.small()
    (options.width, options.includesSmallExperiments, options.lenetSteps) = (300, false, 0)
    let results = try InitializerStudy(options).run()
    func factor(_ name: String) -> Double {
      let runs = results.runs.filter { $0.initializer == name }
      return Statistics.geometricMean(
        runs.flatMap { run in
          zip(run.layers, run.layers.dropFirst()).map { $0.gradientStandardDeviation / $1.gradientStandardDeviation }
        })
    }
    #expect(abs(1 / factor("standard") / 3.0.squareRoot() - 1) < 0.1)
    #expect(abs(factor("glorot_uniform") - 1) < 0.15)
    for run in results.runs where run.initializer != "zeros" {
      for layer in run.layers {
        let ratio = layer.gradientStandardDeviation / layer.predictedGradientStandardDeviation
        #expect(abs(ratio - 1) < 0.25, "\(run.initializer) layer \(layer.layer)")
      }
    }
  }

  @Test("with zero weights no derivative reaches a hidden layer, and a balanced sigmoid output stays at ln 2")
  func zeros() throws {
    let results = try InitializerStudy(Self.small()).run()
    let run = try #require(results.runs.first { $0.initializer == "zeros" && $0.model == "mlp" })
    let probe = try #require(run.derivativeProbe)
    #expect(probe.rows.count == 20)
    #expect(probe.rows.allSatisfy { $0.allSatisfy { $0 == 0 } })
    let stuck = try #require(results.runs.first { $0.experiment == .threeLayer && $0.initializer == "zeros" })
    #expect(stuck.loss.allSatisfy { abs($0.value - 0.693_147_180_559_945) < 1e-6 })
  }

  @Test("the same seed gives the same results for 1 and 2 threads")
  func determinism() throws {
    var options = Self.small()
    options.includesSmallExperiments = false
    let one = try InitializerStudy(options).run(pool: ThreadPool(threads: 1))
    let two = try InitializerStudy(options).run(pool: ThreadPool(threads: 2))
    for (a, b) in zip(one.runs, two.runs) {
      #expect(a.loss == b.loss)
      #expect(a.layers == b.layers)
    }
  }

  @Test("options that make no study are refused")
  func options() {
    var options = Self.small()
    options.width = 0
    #expect(throws: InitializerStudyError.notPositive(name: "width", value: 0)) { try InitializerStudy(options).run() }
    options = Self.small()
    options.initializers = ["nonsense"]
    #expect(throws: (any Error).self) { try InitializerStudy(options).run() }
    #expect(throws: InitializerStudyError.stopped) {
      try InitializerStudy(Self.small()).run(shouldStop: { true })
    }
  }
}

import Foundation
import Studies
import Testing

@Suite struct RunGroupTests {
  private func run(
    _ initializer: String, seed: UInt64, activation: String = "tanh", deviations: [Double] = [],
    loss: [(Int, Double)] = [], testError: Double = 0.5, diverged: Int? = nil
  ) -> InitializerRun {
    InitializerRun(
      model: "mlp", dataset: "shapeset", initializer: initializer, activation: activation, seed: seed,
      layers: deviations.enumerated().map {
        LayerStatistics(layer: $0.offset + 1, activationStandardDeviation: $0.element)
      },
      loss: loss.map { StepValue(step: $0.0, value: $0.1) }, testError: testError, divergedAtStep: diverged)
  }

  private func group(_ runs: [InitializerRun]) throws -> RunGroup {
    let results = InitializerStudyResults(environment: StudyEnvironment(), study: StudyDescription(), runs: runs)
    return try #require(results.groups(.comparison).first)
  }

  @Test func groupsByModelDataAndActivation() {
    let runs = [run("a", seed: 1), run("a", seed: 1, activation: "relu"), run("b", seed: 1), run("a", seed: 2)]
    let results = InitializerStudyResults(environment: StudyEnvironment(), study: StudyDescription(), runs: runs)
    let groups = results.groups(.comparison)
    #expect(groups.map(\.activation) == ["tanh", "relu"])
    #expect(groups[0].initializers == ["a", "b"])
    #expect(groups[0].runs(of: "a").map(\.seed) == [1, 2])
    #expect(groups[0].seedCount == 2)
    #expect(results.groups(.scales).isEmpty)
  }

  @Test func factorsAreGeometricMeans() throws {
    let group = try group([
      run("a", seed: 1, deviations: [8, 4, 1]), run("a", seed: 2, deviations: [2, 1, 0.5]),
      run("zero", seed: 1, deviations: [0, 0]), run("single", seed: 1, deviations: [1]),
    ])
    // Factors 1/2, 1/4, 1/2, 1/2.
    #expect(abs(group.factorPerLayer(of: "a", \.activationStandardDeviation) - pow(2, -1.25)) < 1e-12)
    #expect(group.factorPerLayer(of: "zero", \.activationStandardDeviation).isNaN)
    #expect(group.factorPerLayer(of: "single", \.activationStandardDeviation).isNaN)
    #expect(group.factorPerLayer(of: "absent", \.activationStandardDeviation).isNaN)
    #expect(group.layerEstimates(of: "a", \.activationStandardDeviation).map(\.mean) == [5, 2.5, 0.75])
  }

  @Test func aCurveEndsWhereASeedDiverges() throws {
    let group = try group([
      run("a", seed: 1, loss: [(0, 1), (5, 2), (10, 3)]),
      run("a", seed: 2, loss: [(0, 3), (5, 4), (10, .nan)], diverged: 10),
      run("b", seed: 1, loss: [(0, 1), (3, 2)]), run("b", seed: 2, loss: [(0, 1)]),
    ])
    let curve = group.curve(of: "a", \.loss)
    #expect(curve.map(\.step) == [0, 5])
    #expect(curve.map(\.estimate.mean) == [2, 3])
    #expect(group.curve(of: "b", \.loss).map(\.step) == [0])
    #expect(group.curve(of: "absent", \.loss).isEmpty)
  }

  @Test func aDivergedSeedSpoilsTheFinalNumbers() throws {
    let group = try group([
      run("a", seed: 1, loss: [(0, 2)], testError: 0.25), run("a", seed: 2, loss: [(0, 4)], testError: 0.75),
      run("b", seed: 1, loss: [(0, 2)], testError: 0.25),
      run("b", seed: 2, loss: [(0, 4)], testError: 0.75, diverged: 3),
    ])
    #expect(group.finalLoss(of: "a").mean == 3)
    #expect(group.testError(of: "a").mean == 0.5)
    #expect(group.finalLoss(of: "b").mean.isNaN)
    #expect(group.testError(of: "b").mean.isNaN)
    #expect(group.divergedCount(of: "a") == 0 && group.divergedCount(of: "b") == 1)
  }

  @Test func histogramsAddUpOverSeeds() throws {
    func layer(_ values: [Double]?, bins: Int = 2) -> LayerStatistics {
      var layer = LayerStatistics(layer: 1)
      guard let values else { return layer }
      var histogram = Histogram(lowerBound: 0, upperBound: 1, binCount: bins)
      histogram.add(contentsOf: values)
      layer.activationHistogram = histogram
      return layer
    }
    var first = run("a", seed: 1)
    var second = run("a", seed: 2)
    first.layers = [layer([0.1, 0.9])]
    second.layers = [layer([0.2])]
    #expect(try group([first, second]).layerHistograms(of: "a", \.activationHistogram)[0]?.counts == [2, 1])
    second.layers = [layer([0.2], bins: 3)]
    #expect(try group([first, second]).layerHistograms(of: "a", \.activationHistogram) == [nil])
    second.layers = [layer(nil)]
    #expect(try group([first, second]).layerHistograms(of: "a", \.activationHistogram) == [nil])
    second.layers = []
    #expect(try group([first, second]).layerHistograms(of: "a", \.activationHistogram) == [nil])
  }
}

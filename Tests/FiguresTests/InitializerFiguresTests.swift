import Foundation
import Studies
import Testing

@testable import Figures

/// What each figure says and the data behind it.
@Suite struct InitializerFiguresTests {
  private let figures = InitializerFigures(SyntheticStudy().results)
  private let contrary = InitializerFigures(SyntheticStudy(theoryHolds: false).results)

  private func group(_ figures: InitializerFigures, _ experiment: InitializerExperiment = .comparison) throws
    -> RunGroup
  {
    try #require(figures.results.groups(experiment).first)
  }

  /// A table as dictionaries by column.
  private func rows(_ figure: Figure) throws -> [[String: String]] {
    let lines = figure.csv.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let header = try #require(lines.first)
    return lines.dropFirst().map { line in
      #expect(line.count == header.count)
      return Dictionary(uniqueKeysWithValues: zip(header, line))
    }
  }

  @Test func activationHistograms() throws {
    let group = try group(figures)
    let figure = try #require(figures.activationHistograms(group))
    let rows = try rows(figure)
    #expect(rows.count == 2 * 5 * 200)
    // The densities of a layer sum to the fraction inside [-1, 1], and theory's is a normal density.
    let layer = rows.filter { $0["initializer"] == "standard" && $0["layer"] == "5" }
    let sum = layer.compactMap { Double($0["density"] ?? "") }.reduce(0, +) * 0.01
    #expect(abs(sum - 1) < 1e-9)
    let deviation = 0.3 * pow(3, -2.5)
    let center = try #require(layer.first { $0["center"].flatMap(Double.init).map { abs($0 - 0.005) < 1e-9 } == true })
    let predicted = try #require(center["predicted_density"].flatMap(Double.init))
    let expected = exp(-0.005 * 0.005 / (2 * deviation * deviation)) / (deviation * (2 * Double.pi).squareRoot())
    #expect(abs(predicted / expected - 1) < 1e-9)
    #expect(figure.conclusion.contains("falls by a factor 1.73 a layer (theory 1.73) under `standard`"))
    #expect(figure.conclusion.contains("(theory: constant) under `glorot_uniform`"))
    #expect(!figure.conclusion.contains("misses"))
  }

  @Test func histogramsAgainstTheory() throws {
    let group = try group(contrary)
    let forward = try #require(contrary.activationHistograms(group)).conclusion
    #expect(
      forward.contains("(theory: falls by a factor 1.73, which it misses by more than 10\u{A0}%) under `standard`"))
    let backward = try #require(contrary.gradientHistograms(group)).conclusion
    #expect(backward.contains("falls by a factor 1.73 a layer (theory: constant, which it misses"))
  }

  @Test func gradientHistogramsWalkBack() throws {
    let group = try group(figures)
    let figure = try #require(figures.gradientHistograms(group))
    #expect(figure.conclusion.hasPrefix("From the output back to the input"))
    #expect(figure.conclusion.contains("falls by a factor 1.73 a layer (theory 1.73) under `standard`"))
  }

  @Test func aConstantIsLeftOutAndSaid() throws {
    let figure = try #require(
      figures.activationHistograms(
        try group(figures), initializers: ["zeros", "he_normal", "orthogonal", "glorot_normal"]))
    #expect(figure.caption.contains("Not drawn: `zeros`"))
    #expect(try !rows(figure).contains { $0["initializer"] == "zeros" })
    #expect(figure.isSupplement)
    #expect(figures.activationHistograms(try group(figures), initializers: ["zeros"]) == nil)
  }

  @Test func layerDeviations() throws {
    let group = try group(figures)
    let figure = try #require(figures.layerDeviations(group))
    let row = try #require(
      try rows(figure).first { $0["quantity"] == "gradient" && $0["initializer"] == "standard" && $0["layer"] == "1" })
    let estimate = group.layerEstimates(of: "standard", \.gradientStandardDeviation)[0]
    #expect(row["mean"].flatMap(Double.init) == estimate.mean)
    #expect(row["low"].flatMap(Double.init) == estimate.lower)
    #expect(row["high"].flatMap(Double.init) == estimate.upper)
    #expect(row["predicted"].flatMap(Double.init).map { abs($0 - 0.045 / 9) < 1e-12 } == true)
    #expect(figure.conclusion.hasPrefix("`random_uniform`, `lecun_uniform`, `glorot_uniform`"))
    #expect(figure.conclusion.contains("the gradient changes most under `standard`"))
    #expect(figure.caption.contains("`zeros`") && figure.caption.contains("what theory predicts"))
    // Nothing is predicted for this LeNet-5.
    #expect(figures.layerDeviations(figures.results.groups(.comparison)[1])?.caption.contains("theory") == false)
    let other = try #require(contrary.layerDeviations(try self.group(contrary))).conclusion
    #expect(other.contains("`standard`") && other.contains("changes most under `glorot_uniform`"))
  }

  @Test func weightGradients() throws {
    let group = try group(figures)
    let figure = try #require(figures.weightGradients(group))
    #expect(try rows(figure).count == 2 * 5 * 41)
    let spread = WeightGradientPanel(group, "standard").spreads
    #expect(spread.end > 2 * spread.start)
    #expect(figure.conclusion.contains("\(Wording.number(spread.start)) times the smallest's at the start"))
    #expect(figure.conclusion.contains("\(Wording.number(spread.end)) times after 2,000 updates"))
    let others = try #require(
      figures.weightGradients(group, initializers: ["zeros", "he_normal", "orthogonal", "lecun_uniform"]))
    #expect(others.caption.contains("`zeros`") && others.conclusion.contains("are between"))
  }

  @Test(arguments: [("tanh", 0.0), ("sigmoid", 0.5), ("relu", 0.0)])
  func predictedDensitiesLieWhereTheValuesDo(_ activation: String, _ center: Double) throws {
    let results = SyntheticStudy(activations: [activation]).results
    let group = try #require(results.groups(.comparison).first { $0.model == "mlp" })
    let figure = try #require(InitializerFigures(results).activationHistograms(group))
    let predicted = try rows(figure).filter { $0["initializer"] == "glorot_uniform" && $0["layer"] == "1" }
      .compactMap { row in
        row["predicted_density"].flatMap(Double.init).flatMap { density in
          row["center"].flatMap(Double.init).map { (center: $0, density: density) }
        }
      }
    let highest = try #require(predicted.max { $0.density < $1.density })
    let spacing = abs(predicted[1].center - predicted[0].center)
    // The bin that holds the mode, or the one next to it where the histogram does not reach it.
    let nearest = predicted.map { abs($0.center - center) }.min() ?? 0
    #expect(abs(highest.center - center) <= nearest + spacing)
    if activation == "relu" { #expect(predicted.allSatisfy { $0.center > 0 }) }
  }

  @Test func training() throws {
    let group = try group(figures)
    let figure = try #require(figures.training(group))
    #expect(try rows(figure).filter { $0["quantity"] == "loss" && $0["initializer"] == "zeros" }.count == 41)
    #expect(figure.conclusion.contains("`zeros` the highest"))
    #expect(figure.conclusion.contains("overlaps"))
    var results = figures.results
    for index in results.runs.indices where results.runs[index].experiment == .comparison {
      results.runs[index].testError = results.runs[index].initializer == "orthogonal" ? 0.01 : 0.5
    }
    let clear = InitializerFigures(results)
    let text = try #require(clear.training(try self.group(clear))).conclusion
    #expect(text.contains("`orthogonal` has the lowest mean test error") && text.contains("clear of the next"))
  }

  @Test func trainingSaysWhatDidNotLearn() throws {
    var results = figures.results
    func conclusion(_ stuck: [String], error: Double) throws -> String {
      for index in results.runs.indices where results.runs[index].experiment == .comparison {
        let isStuck = stuck.contains(results.runs[index].initializer)
        results.runs[index].loss = [StepValue(step: 0, value: 2.2), StepValue(step: 2000, value: isStuck ? 2.19 : 1)]
        results.runs[index].testError = isStuck ? error : 0.2
      }
      let figures = InitializerFigures(results)
      return try #require(figures.training(try group(figures))).conclusion
    }
    let some = try conclusion(["zeros", "standard"], error: 0.9)
    #expect(some.hasSuffix("the loss has not come 1\u{A0}% below the level of guessing with `zeros` and `standard`."))
    let none = try conclusion(group(figures).initializers, error: 0.9)
    #expect(
      none.hasPrefix("Nothing is learnt in 2,000 updates") && none.contains("are all 90\u{A0}%. That shows how slowly"))
    #expect(try !conclusion([], error: 0.9).contains("guessing"))
  }

  @Test func trainingSaysWhatDiverged() throws {
    var results = figures.results
    let index = try #require(results.runs.firstIndex { $0.initializer == "he_normal" && $0.seed == 2 })
    results.runs[index].divergedAtStep = 120
    results.runs[index].loss = results.runs[index].loss.map {
      $0.step < 120 ? $0 : StepValue(step: $0.step, value: .nan)
    }
    let figures = InitializerFigures(results)
    let figure = try #require(figures.training(try group(figures)))
    #expect(figure.caption.contains("Diverged: `he_normal` in 1 of 3, first at update 120"))
    #expect(figure.script.contains("he_normal (diverged)"))
    #expect(try rows(figure).filter { $0["quantity"] == "loss" && $0["initializer"] == "he_normal" }.count == 3)
  }

  @Test func zeroInitialisation() throws {
    let figure = try #require(figures.zeroInitialisation(try group(figures)))
    #expect(figure.conclusion.contains("exactly the same for all 20 inputs"))
    #expect(figure.conclusion.contains("the loss is stuck at 2.197"))
    #expect(try rows(figure).filter { $0["quantity"] == "derivative" && $0["initializer"] == "zeros" }.count == 80)

    var results = figures.results
    for index in results.runs.indices where results.runs[index].initializer == "zeros" {
      results.runs[index].derivativeProbe = DerivativeProbe(layer: 3, rows: [[0], [0.25]])
      results.runs[index].loss = [StepValue(step: 0, value: 2), StepValue(step: 9, value: 1)]
    }
    let learning = InitializerFigures(results)
    let text = try #require(learning.zeroInitialisation(try group(learning))).conclusion
    #expect(text.contains("the derivatives differ between inputs, by up to 0.25"))
    #expect(text.contains("the loss falls from 2 to 1") && !text.contains("stuck"))
    #expect(figures.zeroInitialisation(figures.results.groups(.comparison)[1]) == nil)
  }

  @Test func threeLayers() throws {
    let constant = try #require(figures.threeLayers(try group(figures, .threeLayer)))
    #expect(constant.conclusion.hasPrefix("From zero weights the loss stays at ln 2 = 0.6931 for 500 updates"))
    let moving = try #require(contrary.threeLayers(try group(contrary, .threeLayer)))
    #expect(moving.conclusion.contains("does not stay at ln 2"))
    // 0.0004 a step for 500 steps takes a fifth of ln 2.
    #expect(moving.conclusion.contains("by up to 0.139"))
  }

  @Test func scales() throws {
    let figure = try #require(figures.scales())
    #expect(figure.conclusion.contains("`tanh` stagnates with σ\u{A0}=\u{A0}0.0001 and σ\u{A0}=\u{A0}1"))
    #expect(figure.conclusion.contains("`relu` stagnates with σ\u{A0}=\u{A0}0.0001, diverges with σ\u{A0}=\u{A0}1"))
    #expect(figure.conclusion.contains("(a layer starts out mostly saturated: 9"))
    let rows = try rows(figure)
    #expect(rows.contains { $0["quantity"] == "saturated_fraction" && $0["activation"] == "sigmoid" })
    #expect(!rows.contains { $0["quantity"] == "saturated_fraction" && $0["activation"] == "relu" })
    #expect(rows.contains { $0["quantity"] == "activation_std" && $0["activation"] == "relu" })
  }

  @Test func nothingToDraw() {
    let empty = InitializerFigures(
      InitializerStudyResults(environment: StudyEnvironment(), study: StudyDescription(), runs: []))
    #expect(empty.scales() == nil)
    #expect(ReportSection.outline(empty).isEmpty)
  }

  @Test func bareRunsAreNoTrap() {
    // A run of which nothing was measured, and one with a single layer and a single step of huge numbers.
    let bare = InitializerRun(model: "mlp", dataset: "d", initializer: "zeros", activation: "tanh", seed: 1)
    var strange = bare
    strange.initializer = "standard"
    strange.layers = [
      LayerStatistics(
        layer: .max, activationStandardDeviation: 1e300, gradientStandardDeviation: Double.leastNonzeroMagnitude,
        predictedActivationStandardDeviation: -1)
    ]
    strange.loss = [StepValue(step: .max, value: 1e308)]
    strange.weightGradientDeviations = [WeightGradientDeviations(step: .max, deviations: [1e308])]
    strange.testErrorOverTime = [StepValue(step: .min, value: 1e308)]
    strange.derivativeProbe = DerivativeProbe(layer: 1, rows: [[], [1e308]])
    for experiment in InitializerExperiment.allCases {
      var runs = [bare, strange]
      for index in runs.indices { runs[index].experiment = experiment }
      let results = InitializerStudyResults(environment: StudyEnvironment(), study: StudyDescription(), runs: runs)
      let sections = ReportSection.outline(InitializerFigures(results))
      #expect(sections.flatMap(\.figures).allSatisfy { !$0.conclusion.isEmpty })
      #expect(ReportPage(results: results, sections: sections, notice: nil).html.hasSuffix("</html>\n"))
    }
  }
}

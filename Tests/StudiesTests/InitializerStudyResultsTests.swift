import Foundation
import Studies
import Testing

@Suite struct InitializerStudyResultsTests {
  private func results(_ runs: [InitializerRun]) -> InitializerStudyResults {
    InitializerStudyResults(
      environment: StudyEnvironment(
        cpu: "cpu", blasLibrary: "OpenBLAS", blasConfiguration: "config", threads: 2, versions: ["Swift": "6"], seed: 7),
      study: StudyDescription(inputNormalisation: "none"), runs: runs)
  }

  private let run = InitializerRun(
    model: "mlp", dataset: "shapeset", initializer: "standard", activation: "tanh", seed: .max,
    layers: [
      LayerStatistics(
        layer: 1, activationMean: 0.25, activationStandardDeviation: 0.5, saturatedFraction: 0.125,
        gradientStandardDeviation: 2, weightGradientStandardDeviation: 3, predictedActivationStandardDeviation: 4,
        predictedGradientStandardDeviation: 5)
    ],
    loss: [StepValue(step: 0, value: 2.25), StepValue(step: 10, value: .infinity)],
    weightGradientDeviations: [WeightGradientDeviations(step: 0, deviations: [0.5, .nan])], testError: 0.0625)

  private func object(_ value: Any?) throws -> [String: Any] { try #require(value as? [String: Any]) }

  @Test func keysAreThoseOfTheSchema() throws {
    let json = try JSONSerialization.jsonObject(with: results([run]).jsonData())
    let top = try object(json)
    #expect(Set(top.keys) == ["environment", "study", "runs", "conclusions"])
    let environment = try object(top["environment"])
    #expect(
      Set(environment.keys).isSuperset(of: [
        "cpu", "blas_library", "blas_configuration", "threads", "versions", "seed",
      ]))
    let first = try object((top["runs"] as? [Any])?.first)
    #expect(
      Set(first.keys) == [
        "model", "dataset", "initializer", "activation", "seed", "layers", "loss", "weight_gradient_std_over_time",
        "test_error", "experiment", "test_error_over_time", "weight_std", "seconds",
      ])
    #expect(first["initializer"] as? String == "standard")
    #expect(first["test_error"] as? Double == 0.0625)
    let layer = try object((first["layers"] as? [Any])?.first)
    #expect(
      Set(layer.keys) == [
        "layer", "activation_mean", "activation_std", "saturated_fraction", "gradient_std", "weight_gradient_std",
        "predicted_activation_std", "predicted_gradient_std", "predicted_weight_gradient_std",
      ])
    #expect(layer["activation_std"] as? Double == 0.5)
    #expect(layer["predicted_gradient_std"] as? Double == 5)
    let loss = try object((first["loss"] as? [Any])?.first)
    #expect(Set(loss.keys) == ["step", "value"])
    let gradients = try object((first["weight_gradient_std_over_time"] as? [Any])?.first)
    #expect(Set(gradients.keys) == ["step", "layers"])
    let values = try #require(gradients["layers"] as? [Any])
    #expect(values[0] as? Double == 0.5)
    #expect(values[1] is NSNull)
  }

  @Test func whatIsNotFiniteIsNull() throws {
    var diverged = run
    diverged.divergedAtStep = 10
    diverged.testError = .nan
    let text = try String(decoding: results([diverged]).jsonData(), as: UTF8.self)
    #expect(text.contains(#""value":null"#))
    #expect(text.contains(#""test_error":null"#))
    #expect(text.contains(#""diverged_at_step":10"#))
    #expect(!text.contains("nan") && !text.contains("inf"))
  }

  @Test func roundTrip() throws {
    var diverged = run
    diverged.experiment = .threeLayer
    diverged.divergedAtStep = 10
    diverged.testError = -.infinity
    diverged.derivativeProbe = DerivativeProbe(layer: 2, rows: [[0, .nan], [1, 2]])
    diverged.layers[0].name = "c1"
    diverged.layers[0].activationHistogram = Histogram(lowerBound: 0, upperBound: 1, binCount: 2)
    let original = results([run, diverged])
    let decoded = try InitializerStudyResults(json: original.jsonData())
    #expect(decoded == original)
    #expect(decoded.runs[1].testError.isNaN)
    #expect(decoded.runs[0].loss[1].value.isNaN)
    #expect(decoded.runs[0].seed == .max)
    #expect(decoded.runs[0].weightGradientDeviations[0].deviations[0] == 0.5)
    #expect(try decoded.jsonData() == original.jsonData())
  }

  @Test func aMissingMeasurementIsNaN() throws {
    let layer = try JSONDecoder().decode(LayerStatistics.self, from: Data(#"{"layer": 3}"#.utf8))
    #expect(layer.layer == 3)
    #expect(layer.activationStandardDeviation.isNaN)
    #expect(layer == LayerStatistics(layer: 3))
  }

  @Test func faultsNameTheirPlace() throws {
    var text = try String(decoding: results([run]).jsonData(), as: UTF8.self)
    text = text.replacingOccurrences(of: #""layer":1"#, with: #""layer":"one""#)
    let error = #expect(throws: StudyResultsError.self) {
      try InitializerStudyResults(json: Data(text.utf8))
    }
    #expect(error?.path == "runs[0].layers[0].layer")
    #expect(error?.description.contains("'runs[0].layers[0].layer'") == true)
  }

  @Test(arguments: ["", "{", "[]", "{}", "null", #"{"runs": 3}"#])
  func refusesOtherFiles(_ text: String) {
    #expect(throws: StudyResultsError.self) { try InitializerStudyResults(json: Data(text.utf8)) }
  }

  @Test func probesCompareInputsAndUnits() {
    let probe = DerivativeProbe(layer: 1, rows: [[1, 5], [4, 5.5]])
    #expect(probe.largestDifferenceBetweenInputs == 3)
    #expect(probe.largestDifferenceBetweenUnits == 4)
    #expect(DerivativeProbe(layer: 1, rows: [[0, 0], [0, 0]]).largestDifferenceBetweenInputs == 0)
    #expect(DerivativeProbe(layer: 1, rows: []).largestDifferenceBetweenInputs.isNaN)
    #expect(DerivativeProbe(layer: 1, rows: [[.nan], [1]]).largestDifferenceBetweenInputs.isNaN)
  }
}

import BLAS
import Foundation
import NeuralNetworks
import Tensors

extension StudyCatalogue {
  /// How the study is done, for the report.
  func description(_ data: StudyDataSets, seconds: Double) -> StudyDescription {
    let options = runOptions
    let names = Set(runs.map(\.initializerName))
    return StudyDescription(
      data: data.first.description, inputNormalisation: normalisation(data),
      statisticsExamples:
        "\(options.statisticsCount) fixed test examples; gradients are those of the cost of one example",
      saturation: "|activation| > 0.95 of the function's bound (for the sigmoid, its upper end)",
      models: models(options),
      initializers: options.initializers.filter(names.contains).map { NamedText($0, Self.formulas[$0] ?? $0) },
      predictions: VarianceTheory.formulas,
      options: [
        NamedText("depth", "\(options.depth)"), NamedText("width", "\(options.width)"),
        NamedText("steps", "\(options.steps)"), NamedText("lenet-steps", "\(options.leNetSteps)"),
        NamedText("scale-steps", "\(options.scaleSteps)"), NamedText("seeds", "\(options.seeds)"),
        NamedText("batch", "\(options.batch)"), NamedText("learning-rate", "\(options.learningRate)"),
        NamedText("momentum", "\(options.momentum)"), NamedText("input-deviation", "\(options.inputDeviation)"),
        NamedText("lenet-input-deviation", "\(options.leNetInputDeviation)"), NamedText("seed", "\(options.seed)"),
        NamedText("parts", options.parts.map(\.rawValue).joined(separator: ", ")),
      ],
      seconds: seconds)
  }

  /// How the inputs of each network are scaled.
  private func normalisation(_ data: StudyDataSets) -> String {
    let sets = data.all.map { set in
      let models = Set(runs.filter { $0.inputDeviation == set.deviation }.map(\.model)).sorted()
      return (data.all.count > 1 ? models.joined(separator: ", ") + ": " : "") + set.data.normalisation
    }
    return sets.joined(separator: "; ")
  }

  private func models(_ options: InitializerStudyOptions) -> [NamedText] {
    let perceptron =
      "\(options.depth) hidden layers of \(options.width) units, softmax, negative log-likelihood, biases 0; SGD, batch "
      + "\(options.batch), learning rate \(options.learningRate), momentum \(options.momentum), \(options.steps) updates "
      + "(random weights of several sizes: \(options.scaleSteps)); v ← momentum·v + gradient, w ← w - rate·v"
    return [
      NamedText("mlp", perceptron),
      NamedText(
        "lenet5",
        "LeNet-5 with tanh, average pooling and softmax; SGD, batch \(Self.leNetBatch), learning rate "
          + "\(Self.leNetOptimizer.learningRate), momentum \(Self.leNetOptimizer.momentum), "
          + "\(options.leNetSteps) updates"),
      NamedText(
        "three_layer",
        "20 and 10 units with ReLU, one sigmoid output, cross-entropy; SGD, batches of \(Self.threeLayerBatch / 2) "
          + "examples of either answer, learning rate \(options.learningRate), momentum \(options.momentum), "
          + "\(options.scaleSteps) updates"),
    ].filter { entry in runs.contains { $0.model == entry.name } }
  }

  private static let formulas = [
    "zeros": "W = 0", "ones": "W = 1; no theory: the mean is not 0",
    "constant": "W = 0.01; no theory: the mean is not 0", "standard": "W ~ U(±1/√n_in), Var W = 1/(3 n_in)",
    "random_uniform": "W ~ U(±0.05)", "random_normal": "W ~ N(0, 0.05²)",
    "truncated_normal": "W ~ N(0, 0.05²) cut at two deviations",
    "lecun_1998": "W ~ U(±2.4/n_in)", "lecun_uniform": "W ~ U(±√(3/n_in)), Var W = 1/n_in",
    "lecun_normal": "W normal, Var W = 1/n_in, cut at two deviations",
    "glorot_uniform": "W ~ U(±√6/√(n_in + n_out)), Var W = 2/(n_in + n_out)",
    "glorot_normal": "W normal, Var W = 2/(n_in + n_out), cut at two deviations",
    "he_uniform": "W ~ U(±√(6/n_in)), Var W = 2/n_in",
    "he_normal": "W normal, Var W = 2/n_in, cut at two deviations",
    "orthogonal": "W = Q of the QR factorisation of a normal matrix",
    "variance_scaling": "W normal, Var W = 1/n_in, cut at two deviations",
    "identity": identity, "dirac": identity,
    "sparse": "90 % of each unit's weights 0, the others N(0, 0.01²)",
    "lsuv":
      "W orthogonal, then layer after layer divided by the standard deviation of the pre-activations on the run's "
      + "first training batch, until their variance is 1 ± 0.02; theory takes the variance that the weights have then",
  ]

  private static let identity =
    "W = I (its first rows or columns), convolutions hand channel i on as channel i; no theory: nothing is random"
}

extension StudyEnvironment {
  /// This machine and this program.
  static func current(seed: UInt64, threads: Int) -> StudyEnvironment {
    let information = BLASInformation.current
    let words = information.configuration.split(separator: " ")
    #if compiler(>=6.3)
      let swift = "6.3 or later"
    #else
      let swift = "6.2"
    #endif
    return StudyEnvironment(
      cpu: processorName(), operatingSystem: ProcessInfo.processInfo.operatingSystemVersionString,
      blasLibrary: words.prefix(2).joined(separator: " "), blasConfiguration: information.description,
      simdLevel: VectorLevel.current.rawValue, threads: threads, versions: ["Ridgeline": "0.1.0", "Swift": swift],
      seed: seed)
  }

  private static func processorName() -> String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
  }
}

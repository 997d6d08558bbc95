import BLAS
import Foundation
import Tensors

extension StudyDescription {
  /// What a report says of a study's method.
  init(_ options: InitializerStudyOptions, _ examples: StudyExamples, _ initializers: [Initializer], seconds: Double) {
    let data =
      examples.name == "shapeset"
      ? "Shapeset-3x2, generated: 32x32 grey images of one or two of triangle, parallelogram and ellipse; 9 classes; "
        + "training examples never repeat; errors on 2,000 others"
      : "MNIST: 60,000 training images; errors on the first 5,000 test images"
    self.init(
      data: data, inputNormalisation: examples.normalisation,
      statisticsExamples: "the first \(StudyExamples.statisticsCount) test examples, the same for every run",
      saturation: "|activation| > 0.95 of the function's bound (for the sigmoid that is its upper end alone)",
      models: [
        NamedText(
          "mlp",
          "\(options.depth) hidden layers of \(options.width) units, softmax, cross-entropy, batch \(options.batch), "
            + "\(options.steps) updates of plain gradient descent at \(options.learningRate), biases 0"),
        NamedText("lenet5", "LeNet-5 with average pooling, batch 30, \(options.lenetSteps) updates at the same rate"),
        NamedText(
          "three_layer", "3 hidden ReLU layers and one sigmoid output, two classes in equal numbers in every batch"),
      ],
      initializers: initializers.map { NamedText($0.name, $0.description) },
      predictions: [
        NamedText(
          "activations", "Var z_l = n_(l-1)·Var W_l·E[f(z_(l-1))²] with normal z: equation 5 of the paper where f is linear"),
        NamedText(
          "gradients",
          "Var δ_l = n_(l+1)·Var W_(l+1)·E[f'(z_l)²]·Var δ_(l+1), from the measured last layer down: equation 6"),
        NamedText("gradient", "of the cost of one example by the pre-activations of a layer"),
      ],
      options: [
        NamedText("seeds", "\(options.seeds), from \(options.seed)"),
        NamedText("depth", "\(options.depth)"), NamedText("width", "\(options.width)"),
        NamedText("batch", "\(options.batch)"), NamedText("updates", "\(options.steps)"),
        NamedText("learning rate", "\(options.learningRate)"),
        NamedText("input deviation", "\(options.inputDeviation)"),
      ],
      commands: [
        "swift run -c release compare-initializers --dataset \(examples.name) --depth \(options.depth) "
          + "--width \(options.width) --steps \(options.steps) --seeds \(options.seeds) --batch \(options.batch)"
      ], seconds: seconds)
  }
}

extension StudyEnvironment {
  /// The machine that this process runs on.
  static func current(threads: Int, seed: UInt64) -> StudyEnvironment {
    let library = BLASInformation.current
    return StudyEnvironment(
      cpu: processorName(), operatingSystem: ProcessInfo.processInfo.operatingSystemVersionString,
      blasLibrary: "OpenBLAS (\(library.core) kernels)", blasConfiguration: library.configuration,
      simdLevel: "\(VectorLevel.current)", threads: threads, versions: ["ridgeline": "0.1.0"], seed: seed)
  }

  private static func processorName() -> String {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("model name") }),
      let colon = line.firstIndex(of: ":")
    else { return "unknown" }
    return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
  }
}

import Foundation
public import Studies

/// Draws the figures of the initializer study from its results.
///
/// Every function returns nil where the results hold nothing to draw. The words under a figure are chosen by the
/// measured numbers: a figure that shows the opposite of what theory says reads so.
public struct InitializerFigures: Sendable {
  /// The results that are drawn.
  public let results: InitializerStudyResults

  let looks: LookBook
  /// The runs with weights of several sizes have names of their own.
  let scaleLooks: LookBook

  /// Figures of `results`; an initializer has the same colour, dashes and symbol in all of them.
  public init(_ results: InitializerStudyResults) {
    self.results = results
    let names = [InitializerExperiment.comparison, .threeLayer].flatMap { experiment in
      results.runs.filter { $0.experiment == experiment }.map(\.initializer)
    }
    looks = LookBook(names)
    scaleLooks = LookBook(results.runs.filter { $0.experiment == .scales }.map(\.initializer))
  }

  /// The two initializers that the paper's figures compare, where `group` has them, and else its first two.
  public static func pair(of group: RunGroup) -> [String] {
    let wanted = ["standard", "glorot_uniform"].filter(group.initializers.contains)
    return wanted.count == 2 ? wanted : Array(group.initializers.prefix(2))
  }

  /// "mlp, tanh, shapeset": how a title names a group.
  static func name(_ group: RunGroup) -> String {
    "\(modelName(group.model)), \(group.activation), \(group.dataset)"
  }

  /// A model's name as readers know it.
  static func modelName(_ name: String) -> String {
    ["mlp": "MLP", "lenet5": "LeNet-5", "three_layer": "three-layer net"][name] ?? name
  }

  /// "over 5 seeds with their 95 % interval".
  static func interval(_ group: RunGroup) -> String {
    guard group.seedCount > 1 else { return "of one seed" }
    return "over \(group.seedCount) seeds with the \(Wording.percent(group.confidence)) interval"
  }

  /// "4 updates", for a sentence about the last step of a group.
  static func updates(_ group: RunGroup) -> String {
    Wording.count(group.runs.flatMap(\.loss).map(\.step).max() ?? 0, "update")
  }

  /// The loss of giving every class the same probability: ln of their number where the data is known by name, and else the
  /// lowest loss that a run of the group starts with, as tiny weights do. Infinite without any.
  static func guessingLoss(_ group: RunGroup) -> Double {
    if let classes = classCount(group) { return log(classes) }
    return group.runs.compactMap { $0.loss.first?.value }.filter(\.isFinite).min() ?? .infinity
  }

  /// The test error of giving always the same answer, 1 - 1/classes; NaN where their number is not known.
  static func guessingError(_ group: RunGroup) -> Double { classCount(group).map { 1 - 1 / $0 } ?? .nan }

  private static func classCount(_ group: RunGroup) -> Double? {
    group.model == "three_layer" ? nil : ["shapeset": 9, "mnist": 10][group.dataset]
  }

  /// The names of layers for a key above a figure.
  static func layerKey(_ layers: [LayerStatistics]) -> [(text: String, number: Int)] {
    layers.enumerated().map { (text: $1.name ?? "layer \($1.layer)", number: LookBook.number($0)) }
  }

  /// The heading of an axis of steps.
  static let stepsLabel = "updates"
}

extension RunGroup {
  /// The initializers with a positive, finite quantity in some layer: those a logarithmic axis can show.
  func drawable(_ initializers: [String], _ quantity: (LayerStatistics) -> Double) -> [String] {
    initializers.filter { initializer in
      layerEstimates(of: initializer, quantity).contains { $0.mean > 0 && $0.mean.isFinite }
    }
  }
}

import Tensors

/// Knows how large a loss may be, and the weights to go back to when one is larger.
struct DivergenceGuard {
  /// How many times the usual loss a loss may be.
  private let growthLimit: Double
  /// The first loss, or a larger one that turned out to lie in the data; nil before the first step.
  private var usualLoss: Double?
  /// All variables, the optimizer's included, after the last step whose weights gave a good loss.
  private(set) var kept: (step: Int, tensors: [String: Tensor<Float>])
  /// Variables whose loss is not known yet.
  private var candidate: (step: Int, tensors: [String: Tensor<Float>])?

  /// A guard for one call of `fit`.
  ///
  /// - Parameter kept: what to go back to before anything better is known.
  init(growthLimit: Double, usualLoss: Double?, kept: (step: Int, tensors: [String: Tensor<Float>])) {
    self.growthLimit = growthLimit
    self.usualLoss = usualLoss
    self.kept = kept
  }

  /// Whether a loss is finite and at most `growthLimit` times the largest of 1, the usual loss and `loss` of the same
  /// examples under the kept weights.
  func allows(_ loss: Double, keptLoss: Double = 0) -> Bool {
    guard loss.isFinite else { return false }
    guard let usualLoss else { return true }
    return loss <= growthLimit * max(1, abs(usualLoss), abs(keptLoss))
  }

  /// A step's loss is good: what was proposed before it becomes what is kept.
  mutating func confirm(_ loss: Double) {
    if usualLoss == nil { usualLoss = loss }
    if let candidate { kept = candidate }
    candidate = nil
  }

  /// Data with larger losses than those seen before are no divergence.
  mutating func expect(_ loss: Double) { usualLoss = max(abs(usualLoss ?? 0), abs(loss)) }

  /// Weights that are kept as soon as the next loss shows them to be good.
  ///
  /// What is not finite is never kept, even where the loss does not depend on it yet.
  mutating func propose(step: Int, _ tensors: [String: Tensor<Float>]) {
    candidate = tensors.values.allSatisfy(\.isFinite) ? (step, tensors) : nil
  }
}

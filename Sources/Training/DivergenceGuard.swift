import Autodiff
import Tensors

/// Knows how large a loss may be, and the weights to go back to when one is larger.
struct DivergenceGuard {
  /// How many times the usual loss a loss may be.
  private let growthLimit: Double
  /// The first loss, or a larger one that turned out to lie in the data; nil before the first step.
  private var usualLoss: Double?
  /// All variables, the optimizer's included, after the last step whose weights gave a good loss.
  private(set) var kept: (step: Int, tensors: [String: Tensor<Float>])
  /// Whether the next weights that give a good loss are to be kept.
  private(set) var isDue = false

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

  /// A loss is good: where it is time, the variables that gave it become what is kept.
  ///
  /// What is not finite is never kept, even where the loss does not depend on it yet. There is one copy at a time, since those of
  /// a large network fill the memory.
  mutating func confirm(_ loss: Double, step: Int, of state: State<Float>) {
    if usualLoss == nil { usualLoss = loss }
    guard isDue, state.names.allSatisfy({ state.withElements(of: $0, Trainer.areFinite) ?? true }) else { return }
    kept = (step, [:])
    kept.tensors = state.tensors
    isDue = false
  }

  /// Data with larger losses than those seen before are no divergence.
  mutating func expect(_ loss: Double) { usualLoss = max(abs(usualLoss ?? 0), abs(loss)) }

  /// Asks for the next good weights to be kept.
  mutating func renew() { isDue = true }
}

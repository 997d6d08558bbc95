import RealModule

/// How the learning rate changes while training.
public indirect enum Schedule: Hashable, Sendable {
  /// A rate that holds for some epochs.
  public struct Stage: Hashable, Sendable {
    /// How many epochs.
    public let epochs: Int
    /// The rate.
    public let rate: Double

    /// A stage of a table.
    public init(epochs: Int, rate: Double) {
      self.epochs = epochs
      self.rate = rate
    }
  }

  /// The optimizer's rate throughout.
  case constant
  /// Multiplied by `factor` at the start of each of the given epochs, counted from 0.
  case steps(at: [Int], factor: Double)
  /// One rate after the other; the last one stays. As LeNet-5's table.
  case table([Stage])
  /// rate·(1 + γ·t)^-power at step t (Caffe's `inv`).
  case inverse(gamma: Double, power: Double)
  /// From the rate to `minimum` along half a cosine over `steps` steps (Loshchilov and Hutter 2017).
  case cosine(steps: Int, minimum: Double)
  /// Linearly up to the rate over `steps` steps, then the next schedule, whose steps count from there.
  case warmUp(steps: Int, then: Schedule)
  /// Multiplied by `factor` whenever the watched metric has not improved for `patience` epochs.
  case plateau(factor: Double, patience: Int)

  /// The learning rate of a step.
  ///
  /// - Parameters:
  ///   - base: the optimizer's rate.
  ///   - step: counted from 0 over the whole training.
  ///   - epoch: counted from 0.
  ///   - history: the watched metric after each finished epoch; smaller is better.
  public func rate(base: Double, step: Int, epoch: Int, history: [Double] = []) -> Double {
    switch self {
    case .constant: return base
    case .steps(let epochs, let factor):
      return base * Double.pow(factor, epochs.filter { $0 <= epoch }.count)
    case .table(let stages):
      var end = 0
      for stage in stages {
        end += stage.epochs
        if epoch < end { return stage.rate }
      }
      return stages.last?.rate ?? base
    case .inverse(let gamma, let power): return base * Double.pow(1 + gamma * Double(step), -power)
    case .cosine(let steps, let minimum):
      let progress = Double(min(step, steps)) / Double(max(steps, 1))
      return minimum + (base - minimum) * 0.5 * (1 + Double.cos(.pi * progress))
    case .warmUp(let steps, let next):
      if step < steps { return base * Double(step + 1) / Double(steps) }
      return next.rate(base: base, step: step - steps, epoch: epoch, history: history)
    case .plateau(let factor, let patience):
      return base * Double.pow(factor, Self.plateaus(in: history, patience: patience))
    }
  }

  /// How often `history` went `patience` epochs without a new minimum; the count starts anew after each time.
  static func plateaus(in history: [Double], patience: Int) -> Int {
    var (best, waited, count) = (Double.infinity, 0, 0)
    for value in history {
      if value < best {
        (best, waited) = (value, 0)
      } else {
        waited += 1
        if waited >= max(patience, 1) { (waited, count) = (0, count + 1) }
      }
    }
    return count
  }
}

extension Schedule: CustomStringConvertible {
  /// As in `multiplied by 0.1 after 5 epochs without improvement`.
  public var description: String {
    switch self {
    case .constant: "constant"
    case .steps(let epochs, let factor):
      "multiplied by \(factor) at epochs \(epochs.map(\.description).joined(separator: ", "))"
    case .table(let stages): stages.map { "\($0.rate) for \($0.epochs)" }.joined(separator: ", ") + " epochs"
    case .inverse(let gamma, let power): "rate·(1 + \(gamma)·step)^-\(power)"
    case .cosine(let steps, let minimum): "half a cosine down to \(minimum) over \(steps) steps"
    case .warmUp(let steps, let next): "up over \(steps) steps, then \(next)"
    case .plateau(let factor, let patience):
      "multiplied by \(factor) after \(patience) epochs without improvement"
    }
  }
}

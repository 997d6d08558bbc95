public import BLAS

/// The elastic-net penalty `l1 · Σ|w| + l2 · Σw²`: one type for regressions and for layers.
///
/// Lasso is ``l1(_:)``, ridge ``l2(_:)``. There is no factor of one half: a weight decay of `c` in
/// `w ← w − rate · (gradient + c · w)` is `l2 = c / 2`.
public struct Penalty: Hashable, Sendable {
  /// The weight of `Σ|w|`; not negative.
  public let l1: Double
  /// The weight of `Σw²`; not negative.
  public let l2: Double

  /// Makes a penalty.
  ///
  /// - Precondition: Both weights are finite and not negative. Weights from outside go through ``init(validatingL1:l2:)``.
  public init(l1: Double = 0, l2: Double = 0) {
    do {
      try self.init(validatingL1: l1, l2: l2)
    } catch {
      preconditionFailure(error.description)
    }
  }

  /// Makes a penalty of weights that come from outside the program.
  ///
  /// - Throws: ``PenaltyError`` when a weight is negative, infinite or not a number.
  public init(validatingL1 l1: Double, l2: Double) throws(PenaltyError) {
    for (name, weight) in [("l1", l1), ("l2", l2)] where !(weight >= 0 && weight.isFinite) {
      throw PenaltyError(parameter: name, value: weight)
    }
    self.l1 = l1
    self.l2 = l2
  }

  /// No penalty.
  public static let none = Penalty()

  /// `weight · Σ|w|`.
  public static func l1(_ weight: Double) -> Penalty { Penalty(l1: weight) }

  /// `weight · Σw²`.
  public static func l2(_ weight: Double) -> Penalty { Penalty(l2: weight) }

  /// `l1 · Σ|w| + l2 · Σw²`.
  public static func elasticNet(l1: Double, l2: Double) -> Penalty { Penalty(l1: l1, l2: l2) }

  /// Whether both weights are 0.
  public var isNone: Bool { l1 == 0 && l2 == 0 }
}

extension Penalty {
  /// The penalty of a list of weights, summed in double precision in order.
  public func value<S: Scalar>(_ weights: [S]) -> Double {
    weights.withUnsafeBufferPointer { penaltyValue(self, $0) }
  }

  /// The subgradient `l1 · sign(w) + 2 · l2 · w`, with `sign(0) = 0`: the shortest one at 0.
  public func gradient<S: Scalar>(_ weights: [S]) -> [S] {
    mapped(weights) { penaltyGradient(self, $0, to: $1) }
  }

  /// The proximal operator `argmin_u ½‖u − w‖² + step · (l1 · Σ|u| + l2 · Σu²)`, which shrinks each weight:
  /// `sign(w) · max(|w| − step · l1, 0) / (1 + 2 · step · l2)`.
  ///
  /// - Parameters:
  ///   - weights: Where the operator is taken.
  ///   - step: The length of the gradient step it follows.
  /// - Precondition: `step >= 0`.
  public func proximal<S: Scalar>(_ weights: [S], step: Double) -> [S] {
    precondition(step >= 0, "the step of a proximal operator must not be negative: \(step)")
    return mapped(weights) { penaltyProximal(self, step, $0, to: $1) }
  }

  /// The penalty of a tensor.
  public func value<S: Scalar>(_ weights: Tensor<S>) -> Double { value(weights.elements) }

  /// The subgradient at a tensor.
  public func gradient<S: Scalar>(_ weights: Tensor<S>) -> Tensor<S> {
    Tensor(weights.shape, gradient(weights.elements))
  }

  /// The proximal operator at a tensor.
  public func proximal<S: Scalar>(_ weights: Tensor<S>, step: Double) -> Tensor<S> {
    Tensor(weights.shape, proximal(weights.elements, step: step))
  }

  private func mapped<S: Scalar>(
    _ weights: [S], _ body: (UnsafeBufferPointer<S>, UnsafeMutableBufferPointer<S>) -> Void
  ) -> [S] {
    [S](unsafeUninitializedCapacity: weights.count) { target, count in
      weights.withUnsafeBufferPointer { body($0, target) }
      count = weights.count
    }
  }
}

@specialized(where S == Float)
@specialized(where S == Double)
private func penaltyValue<S: Scalar>(_ penalty: Penalty, _ weights: UnsafeBufferPointer<S>) -> Double {
  var absolute = 0.0
  var squares = 0.0
  for weight in weights {
    let weight = Double(weight)
    absolute += weight.magnitude
    squares += weight * weight
  }
  // A weight of 0 must not turn an overflowed sum into not-a-number.
  return (penalty.l1 == 0 ? 0 : penalty.l1 * absolute) + (penalty.l2 == 0 ? 0 : penalty.l2 * squares)
}

@specialized(where S == Float)
@specialized(where S == Double)
private func penaltyGradient<S: Scalar>(
  _ penalty: Penalty, _ weights: UnsafeBufferPointer<S>, to target: UnsafeMutableBufferPointer<S>
) {
  let l1 = S(penalty.l1)
  let doubledL2 = S(2 * penalty.l2)
  for index in 0..<weights.count {
    let weight = weights[index]
    let sign: S = weight > 0 ? l1 : (weight < 0 ? -l1 : 0)
    (target.baseAddress! + index).initialize(to: sign + doubledL2 * weight)
  }
}

@specialized(where S == Float)
@specialized(where S == Double)
private func penaltyProximal<S: Scalar>(
  _ penalty: Penalty, _ step: Double, _ weights: UnsafeBufferPointer<S>, to target: UnsafeMutableBufferPointer<S>
) {
  let threshold = S(step * penalty.l1)
  let divisor = S(1 + 2 * step * penalty.l2)
  for index in 0..<weights.count {
    let weight = weights[index]
    let shrunk: S =
      weight > threshold ? weight - threshold : (weight < -threshold ? weight + threshold : (weight.isNaN ? weight : 0))
    (target.baseAddress! + index).initialize(to: shrunk / divisor)
  }
}

/// A penalty's weight that is negative, infinite or not a number.
public struct PenaltyError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `l1` or `l2`.
  public let parameter: String
  /// What was given.
  public let value: Double

  /// What was expected and what was found.
  public var description: String { "a penalty's \(parameter) must be finite and not negative, found \(value)" }
}

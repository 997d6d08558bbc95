import Foundation

/// Student's t distribution with a whole number of degrees of freedom.
///
/// The probability is a finite sum then (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4),
/// so neither the gamma function nor a table is needed.
public struct StudentDistribution: Sendable, Hashable {
  /// The degrees of freedom, at least 1.
  public let degreesOfFreedom: Int

  /// The distribution with `degreesOfFreedom` degrees of freedom, which must be at least 1.
  public init(degreesOfFreedom: Int) {
    precondition(degreesOfFreedom >= 1, "Student's t needs at least one degree of freedom, found \(degreesOfFreedom)")
    self.degreesOfFreedom = degreesOfFreedom
  }

  /// P(|T| <= t) for t >= 0.
  public func twoSidedProbability(_ t: Double) -> Double {
    probability(angle: atan(t / Double(degreesOfFreedom).squareRoot()))
  }

  /// The t with P(|T| <= t) = `confidence`, for a confidence in [0, 1): t(0.95, 4) = 2.776.
  public func twoSidedQuantile(_ confidence: Double) -> Double {
    guard confidence >= 0, confidence < 1 else { return .nan }
    // The angle of 26.7.3 lies in a bounded interval and the probability rises with it, so bisection cannot fail.
    var low = 0.0
    var high = Double.pi / 2
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if probability(angle: middle) < confidence { low = middle } else { high = middle }
    }
    return tan((low + high) / 2) * Double(degreesOfFreedom).squareRoot()
  }

  /// P(|T| <= t) as a function of theta = atan(t / sqrt(degrees of freedom)).
  private func probability(angle: Double) -> Double {
    let cosine = cos(angle)
    let isOdd = degreesOfFreedom % 2 == 1
    // The terms are c^(k), k = 1, 3, ... with factors 2/3, 4/5, ... or k = 0, 2, ... with factors 1/2, 3/4, ...
    var term = isOdd ? cosine : 1
    var sum = 0.0
    var power = isOdd ? 1 : 0
    while power <= degreesOfFreedom - 2 {
      sum += term
      term *= cosine * cosine * Double(power + 1) / Double(power + 2)
      power += 2
    }
    return isOdd ? 2 / Double.pi * (angle + sin(angle) * sum) : sin(angle) * sum
  }
}

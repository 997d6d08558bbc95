import BLAS
import Tensors
import Testing

struct PenaltyTests {
  static let penalties: [Penalty] = [.none, .l1(0.3), .l2(0.7), .elasticNet(l1: 0.2, l2: 1.5)]
  static let weights: [Double] = [0, 1, -2, 0.25, -0.01, 3.5, 1e-3]

  @Test(arguments: penalties)
  func valuesAgainstTheFormula(_ penalty: Penalty) {
    let expected = PenaltyTests.weights.map { penalty.l1 * $0.magnitude + penalty.l2 * $0 * $0 }.reduce(0, +)
    #expect((penalty.value(PenaltyTests.weights) - expected).magnitude < 1e-14)
    #expect((penalty.value(PenaltyTests.weights.map(Float.init)) - expected).magnitude < 1e-6)
    #expect(penalty.value([Float]()) == 0)
  }

  @Test(arguments: penalties)
  func gradientsAgainstDifferences(_ penalty: Penalty) {
    let gradient = penalty.gradient(PenaltyTests.weights)
    let step = 1e-6
    for (index, weight) in PenaltyTests.weights.enumerated() where weight != 0 {
      let difference = (penalty.value([weight + step]) - penalty.value([weight - step])) / (2 * step)
      #expect((gradient[index] - difference).magnitude < 1e-8)
    }
    #expect(gradient[0] == 0)
  }

  /// The operator minimises `½(u − w)² + step · penalty(u)`: no other point of a fine grid does better.
  @Test(arguments: penalties, [0, 0.5, 2])
  func proximalMinimises(_ penalty: Penalty, _ step: Double) {
    let shrunk = penalty.proximal(PenaltyTests.weights, step: step)
    for (weight, u) in zip(PenaltyTests.weights, shrunk) {
      func objective(_ u: Double) -> Double { (u - weight) * (u - weight) / 2 + step * penalty.value([u]) }
      let best = objective(u)
      for trial in stride(from: -4.0, through: 4.0, by: 0.01) { #expect(best <= objective(trial) + 1e-12) }
      for nudge in [-1e-4, 1e-4] { #expect(best <= objective(u + nudge) + 1e-15) }
    }
  }

  @Test func proximalSetsSmallWeightsToZero() {
    #expect(Penalty.l1(1).proximal([0.5, -1, 1.5, -3] as [Float], step: 1) == [0, 0, 0.5, -2])
    #expect(Penalty.l1(1).proximal([Float.nan], step: 1)[0].isNaN)
    #expect(Penalty.l2(1).proximal([3, -6] as Tensor<Double>, step: 1) == [1, -2])
  }

  @Test func weightsFromOutsideAreChecked() throws {
    for invalid in [-1, Double.nan, .infinity] {
      #expect(throws: PenaltyError.self) { try Penalty(validatingL1: invalid, l2: 0) }
      #expect(throws: PenaltyError.self) { try Penalty(validatingL1: 0, l2: invalid) }
    }
    #expect(try Penalty(validatingL1: 1, l2: 2) == .elasticNet(l1: 1, l2: 2))
    let error = #expect(throws: PenaltyError.self) { try Penalty(validatingL1: 0, l2: -1) }
    #expect(error?.description == "a penalty's l2 must be finite and not negative, found -1.0")
    #expect(Penalty.none.isNone && !Penalty.l1(1).isNone)
  }

  @Test func anInfiniteSumDoesNotMeetAZeroWeight() {
    #expect(Penalty.l1(1).value([1e200]) == 1e200)
  }
}

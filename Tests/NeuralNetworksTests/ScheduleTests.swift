import NeuralNetworks
import Testing

/// Every schedule against numbers worked out by hand.
@Suite("Schedules")
struct ScheduleTests {
  func expectRates(
    _ schedule: Schedule, _ expected: [(step: Int, epoch: Int, rate: Double)], history: [Double] = [],
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    for (step, epoch, rate) in expected {
      let found = schedule.rate(base: 0.8, step: step, epoch: epoch, history: history)
      #expect(abs(found - rate) < 1e-12, "step \(step), epoch \(epoch): \(found)", sourceLocation: sourceLocation)
    }
  }

  @Test("constant")
  func constant() { expectRates(.constant, [(0, 0, 0.8), (10_000, 99, 0.8)]) }

  @Test("steps: a factor at the start of each listed epoch")
  func steps() {
    expectRates(
      .steps(at: [2, 5], factor: 0.1),
      [(0, 0, 0.8), (50, 1, 0.8), (60, 2, 0.08), (90, 4, 0.08), (100, 5, 0.008), (999, 70, 0.008)])
  }

  @Test("table: LeNet-5's rates hold for their epochs, the last for good")
  func table() {
    let table = Schedule.table([
      .init(epochs: 2, rate: 5e-4), .init(epochs: 3, rate: 2e-4), .init(epochs: 1, rate: 1e-5),
    ])
    expectRates(
      table, [(0, 0, 5e-4), (1, 1, 5e-4), (2, 2, 2e-4), (3, 4, 2e-4), (4, 5, 1e-5), (5, 6, 1e-5), (6, 99, 1e-5)])
    expectRates(.table([]), [(3, 3, 0.8)])
  }

  @Test("inverse: rate·(1 + γt)^-power")
  func inverse() {
    // 1 + 1e-4·10,000 = 2 and 2^-0.75 = 0.5946035575013605; 1 + 3 = 4 and 4^-0.5 = 1/2.
    expectRates(.inverse(gamma: 1e-4, power: 0.75), [(0, 0, 0.8), (10_000, 7, 0.8 * 0.5946035575013605)])
    expectRates(.inverse(gamma: 1, power: 0.5), [(3, 0, 0.4)])
  }

  @Test("cosine: half a period, then the minimum")
  func cosine() {
    expectRates(
      .cosine(steps: 100, minimum: 0.2),
      [
        (0, 0, 0.8), (50, 0, 0.5), (100, 0, 0.2), (500, 0, 0.2),
        (25, 0, 0.2 + 0.3 * (1 + 0.7071067811865476)), (75, 0, 0.2 + 0.3 * (1 - 0.7071067811865476)),
      ])
    expectRates(.cosine(steps: 0, minimum: 0), [(0, 0, 0.8)])
  }

  @Test("warm-up: linear, reaching the rate at its last step; the next schedule counts from there")
  func warmUp() {
    let schedule = Schedule.warmUp(steps: 4, then: .cosine(steps: 10, minimum: 0))
    expectRates(schedule, [(0, 0, 0.2), (1, 0, 0.4), (3, 0, 0.8), (4, 0, 0.8), (9, 0, 0.4), (14, 0, 0)])
    expectRates(.warmUp(steps: 0, then: .constant), [(0, 0, 0.8)])
    expectRates(.warmUp(steps: 2, then: .steps(at: [1], factor: 0.5)), [(0, 0, 0.4), (5, 1, 0.4)])
  }

  @Test(
    "plateau: a factor after so many epochs without a new minimum",
    arguments: [
      ([], 0), ([3, 2, 1], 0), ([1, 1], 0), ([1, 1, 1], 1), ([1, 2, 3, 4], 1), ([1, 2, 3, 4, 5], 2),
      ([1, 2, 0.5, 2, 0.6], 1), ([1, 2, 0.5, 0.4, 0.3], 0), ([.nan, .nan], 1),
    ] as [([Double], Int)])
  func plateau(history: [Double], count: Int) {
    var expected = 0.8
    for _ in 0..<count { expected /= 2 }
    expectRates(.plateau(factor: 0.5, patience: 2), [(0, history.count, expected)], history: history)
  }
}

import Testing

@testable import Autodiff

@Suite("How elementwise programs are cut")
struct ElementwiseDivisionTests {
  typealias Program = ElementwiseProgram<Float>

  @Test(arguments: [0, 1, 15, 17, 1000, 4095, 4097, 10_000, 10_010, 100_000, 640_000, 1_000_000])
  func partsCoverAllElements(count: Int) {
    for registers in 0...8 {
      for periods in [[], [1], [10], [1, 10], [24], [1000], [5000], [7, 2401]] {
        let division = Program.division(count: count, registers: registers, periods: periods)
        let span = division.block * division.blocksPerTask
        #expect((1...16).contains(division.tasks) && division.block >= 1 && division.block <= Program.longestBlock)
        #expect(division.tasks * span >= count && (division.tasks - 1) * span < max(count, 1))
        guard division.tasks > 1 else { continue }
        // The longest repetition that a block can hold begins with each; and threads do not write the same lines.
        for period in periods where period <= division.block {
          #expect(division.block % period == 0, "\(count) \(periods)")
        }
        if periods.allSatisfy({ $0 == 1 }) { #expect(division.block % 16 == 0, "\(count) \(registers) \(periods)") }
      }
    }
  }

  @Test func partsAreEven() {
    let division = Program.division(count: 10_000, registers: 1, periods: [1])
    #expect(division.tasks == 2 && division.block * division.blocksPerTask == 5024)
  }
}

import BLAS
import Kernels
import Testing

@Suite struct ConcatenationTests {
  private func check<S: Scalar>(_: S.Type, rows: Int, widths: [Int], zeros: (before: Int, after: Int)) {
    var values = TestValues(seed: 14)
    let operands: [[S]] = widths.map { values.integers(rows * $0, limit: 1_000) }
    var wanted: [S] = []
    for row in 0..<rows {
      wanted += [S](repeating: 0, count: zeros.before)
      for (operand, width) in zip(operands, widths) { wanted += operand[(row * width)..<((row + 1) * width)] }
      wanted += [S](repeating: 0, count: zeros.after)
    }
    let parts = widths.enumerated().map { Concatenation<S>.Part.operand($0.offset, width: $0.element) }
    let kernel = Concatenation<S>(
      rows: rows, parts: [.zeros(width: zeros.before)] + parts + [.zeros(width: zeros.after)])
    var start = 0
    for range in kernel.resultRanges ?? [] {
      #expect(range.lowerBound == start)
      start = range.upperBound
    }
    #expect(start == wanted.count)
    let memory = operands.map { operand in
      let copy = UnsafeMutablePointer<S>.allocate(capacity: operand.count)
      copy.update(from: operand, count: operand.count)
      return copy
    }
    defer { for copy in memory { copy.deallocate() } }
    let addresses = memory.map { UnsafePointer($0) }
    for order in [TaskOrder.forward, .backward, .threads(4)] {
      let found: [S] = filled(wanted.count + 1) { output in
        execute(kernel, order) { phase, task in
          kernel.run(phase: phase, task: task, operands: addresses, output: output)
        }
      }
      #expect(found[wanted.count].isNaN, "an element past the end was written")
      expectEqual(Array(found.dropLast()), wanted, "\(rows) rows of \(widths)")
    }
    // A task writes what it promises and nothing else.
    for (task, range) in (kernel.resultRanges ?? []).enumerated() {
      let found: [S] = filled(wanted.count) {
        kernel.run(phase: 0, task: task, operands: addresses, output: $0)
      }
      #expect(found.indices.allSatisfy { range.contains($0) ? found[$0] == wanted[$0] : found[$0].isNaN })
    }
  }

  @Test(arguments: [
    (1, [3], 0, 0), (4, [1, 2], 0, 0), (5, [3], 2, 1), (1, [40_000, 30_001], 7, 0), (90_001, [1, 2], 0, 0),
    (3, [20_000], 20_000, 9_999), (700, [33, 100, 1], 1, 0),
  ])
  func againstOracle(_ rows: Int, _ widths: [Int], _ before: Int, _ after: Int) {
    check(Float.self, rows: rows, widths: widths, zeros: (before, after))
    check(Double.self, rows: rows, widths: widths, zeros: (before, after))
  }
}

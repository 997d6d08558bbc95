import BLAS
import Kernels
import Testing

@Suite struct RowsTests {
  private func check<S: Scalar>(_: S.Type, tableRows: Int, width: Int, count: Int) {
    var values = TestValues(seed: 12)
    let table: [S] = values.integers(tableRows * width), rows: [S] = values.integers(count * width)
    var indices = (0..<count).map { _ in S(Int(values.next() % UInt64(tableRows))) }
    let invalid: [S] = [-1, S(tableRows), 0.5, .nan, .infinity, -.infinity, 1e30]
    for (position, index) in invalid.enumerated() { indices[position * 3] = index }

    let gather = GatherRows<S>(tableRows: tableRows, width: width, count: count)
    let scatter = ScatterAddRows<S>(tableRows: tableRows, width: width, count: count)
    let oneHot = OneHot<S>(depth: tableRows, count: count)
    var gathered = [S](repeating: .nan, count: count * width)
    var scattered = [S](repeating: 0, count: tableRows * width)
    var indicators = [S](repeating: 0, count: count * tableRows)
    for (i, index) in indices.enumerated() {
      guard let row = Int(exactly: index), (0..<tableRows).contains(row) else { continue }
      indicators[i * tableRows + row] = 1
      for j in 0..<width {
        gathered[i * width + j] = table[row * width + j]
        scattered[row * width + j] += rows[i * width + j]
      }
    }
    for order in [TaskOrder.forward, .backward, .threads(4)] {
      expectEqual(
        filled(count * width) { out in
          execute(gather, order) { phase, task in
            gather.run(phase: phase, task: task, table: table, indices: indices, output: out)
          }
        }, gathered, "gather")
      expectEqual(
        filled(tableRows * width) { out in
          execute(scatter, order) { phase, task in
            scatter.run(phase: phase, task: task, indices: indices, rows: rows, table: out)
          }
        }, scattered, "scatter")
      expectEqual(
        filled(count * tableRows) { out in
          execute(oneHot, order) { phase, task in
            oneHot.run(phase: phase, task: task, indices: indices, output: out)
          }
        }, indicators, "one-hot")
    }
  }

  @Test(arguments: [(10, 3, 25), (300, 200, 500), (2, 1, 30)])
  func againstOracle(_ tableRows: Int, _ width: Int, _ count: Int) {
    check(Float.self, tableRows: tableRows, width: width, count: count)
    check(Double.self, tableRows: tableRows, width: width, count: count)
  }
}

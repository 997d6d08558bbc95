import BLAS
import Foundation
import Kernels
import Testing

@Suite struct SoftmaxTests {
  private func check<S: Scalar>(_: S.Type, rows: Int, columns: Int, _ tolerance: Double) {
    var values = TestValues(seed: 13)
    var x: [S] = values.uniform(rows * columns)
    // A row far from zero, a row with one dominant column, and one with a column that is impossible.
    for column in 0..<columns {
      x[column] += 500
      x[columns + column] *= 200
    }
    x[2 * columns] = -.infinity
    let labels = (0..<rows).map { _ in S(Int(values.next() % UInt64(columns))) }
    var (softmax, logSoftmax, losses): ([Double], [Double], [Double]) = ([], [], [])
    var logSums: [Double] = []
    for row in 0..<rows {
      let logits = x[(row * columns)..<((row + 1) * columns)].map { Double($0) }
      let largest = logits.max()!
      let logSum = log(logits.reduce(0) { $0 + exp($1 - largest) })
      softmax += logits.map { exp($0 - largest - logSum) }
      logSoftmax += logits.map { $0 - largest - logSum }
      losses.append(logSum - (logits[Int(labels[row])] - largest))
      logSums.append(logSum + largest)
    }
    let (plain, logarithm) = (Softmax<S>(rows: rows, columns: columns), LogSoftmax<S>(rows: rows, columns: columns))
    let loss = SoftmaxCrossEntropy<S>(rows: rows, columns: columns)
    let logSumExp = LogSumExp<S>(rows: rows, columns: columns)
    for order in [TaskOrder.forward, .backward, .threads(4)] {
      let found: [S] = filled(x.count) { out in
        execute(plain, order) { phase, task in plain.run(phase: phase, task: task, input: x, output: out) }
      }
      expectClose(found, softmax, tolerance, "softmax")
      let foundLogarithm: [S] = filled(x.count) { out in
        execute(logarithm, order) { phase, task in logarithm.run(phase: phase, task: task, input: x, output: out) }
      }
      expectClose(foundLogarithm, logSoftmax, tolerance, "log-softmax")
      let foundLosses: [S] = filled(rows) { out in
        execute(loss, order) { phase, task in
          loss.run(phase: phase, task: task, logits: x, labels: labels, losses: out)
        }
      }
      expectClose(foundLosses, losses, tolerance, "cross-entropy")
      let foundSums: [S] = filled(rows) { out in
        execute(logSumExp, order) { (phase: Int, task: Int, workspace: UnsafeMutablePointer<S>?) in
          logSumExp.run(phase: phase, task: task, input: x, output: out, workspace: workspace!)
        }
      }
      expectClose(foundSums, logSums, tolerance, "log-sum-exp")
    }
    var inPlace = x
    inPlace.withUnsafeMutableBufferPointer {
      S.softmaxRows(rows: rows, columns: columns, $0.baseAddress!, $0.baseAddress!)
    }
    expectClose(inPlace, softmax, tolerance, "softmax in place")
    inPlace = x
    inPlace.withUnsafeMutableBufferPointer {
      S.logSoftmaxRows(rows: rows, columns: columns, $0.baseAddress!, $0.baseAddress!)
    }
    expectClose(inPlace, logSoftmax, tolerance, "log-softmax in place")
  }

  @Test(arguments: [(4, 10), (64, 3), (5, 1_500), (2_000, 33)])
  func againstOracle(_ rows: Int, _ columns: Int) {
    check(Float.self, rows: rows, columns: columns, 5e-7)
    check(Double.self, rows: rows, columns: columns, 1e-14)
  }

  @Test func impossibleLabelsGiveNaN() {
    let labels: [Float] = [-1, 3, 0.5, .nan, .infinity, 2, 1e20]
    let logits = [Float](repeating: 0, count: 3 * labels.count)
    let losses = filled(labels.count) {
      Float.softmaxCrossEntropyRows(rows: labels.count, columns: 3, logits, labels, $0)
    }
    #expect(losses.map(\.isNaN) == [true, true, true, true, true, false, true])
    #expect(abs(losses[5] - log(3)) < 1e-6)
  }

  @Test func infiniteRowsHaveInfiniteSums() {
    let x: [Double] = [-.infinity, -.infinity, .infinity, 0, 1, 1, .nan, 0, 800, -.infinity]
    let kernel = LogSumExp<Double>(rows: 5, columns: 2)
    let found: [Double] = filled(5) { out in
      execute(kernel) { (phase: Int, task: Int, workspace: UnsafeMutablePointer<Double>?) in
        kernel.run(phase: phase, task: task, input: x, output: out, workspace: workspace!)
      }
    }
    #expect(found[0] == -.infinity && found[1] == .infinity && found[3].isNaN && found[4] == 800, "\(found)")
    #expect(abs(found[2] - (1 + log(2))) < 1e-14)
  }

  @Test func nanSpoilsItsRowOnly() {
    let found = filled(6) { Float.softmaxRows(rows: 2, columns: 3, [0, .nan, 1, 0, 0, 0], $0) }
    #expect(found.map(\.isNaN) == [true, true, true, false, false, false])
  }
}

import BLAS
import CKernels
import Kernels
import Testing

@Suite struct ReductionTests {
  /// [outer, reduced, inner]: every way of cutting the work, and empty axes.
  static let shapes: [[Int]] = [
    [1, 1, 1], [3, 5, 7], [1, 100_003, 1], [20, 4_001, 1], [200, 40, 9], [1, 3, 70_001], [2, 50_001, 3],
    [1, 30_011, 10], [64, 49, 33], [5, 0, 3], [0, 4, 2], [3, 4, 0], [1, 33, 64], [100_000, 1, 1],
  ]

  private func run<S: Scalar>(_ plan: Reduction<S>, _ input: [S], _ count: Int, _ order: TaskOrder) -> [S] {
    // One spare element, because an empty array has no address.
    let found = filled(count + 1) { output in
      execute(plan, order) { plan.run(phase: $0, task: $1, input: input + [0], output: output, workspace: $2) }
    }
    #expect(found[count].isNaN, "an element past the end was written")
    return Array(found.prefix(count))
  }

  private func check<S: Scalar>(_: S.Type, _ shape: [Int]) {
    let (outer, reduced, inner) = (shape[0], shape[1], shape[2])
    var values = TestValues(seed: 8)
    let input: [S] = values.integers(outer * reduced * inner, limit: 9)
    var sums = [S](repeating: 0, count: outer * inner), maxima = [S](repeating: -.infinity, count: outer * inner)
    for o in 0..<outer {
      for r in 0..<reduced {
        for i in 0..<inner {
          let (x, out) = (input[(o * reduced + r) * inner + i], o * inner + i)
          sums[out] += x
          maxima[out] = max(maxima[out], x)
        }
      }
    }
    let sum = Reduction<S>(kind: .sum, outer: outer, reduced: reduced, inner: inner)
    let maximum = Reduction<S>(kind: .maximum, outer: outer, reduced: reduced, inner: inner)
    let half = Reduction<S>(kind: .sum, outer: outer, reduced: reduced, inner: inner, scale: 0.5)
    expectEqual(run(sum, input, outer * inner, .forward), sums, "sum over \(shape)")
    expectEqual(run(half, input, outer * inner, .forward), sums.map { $0 * 0.5 }, "half the sum over \(shape)")
    expectEqual(run(maximum, input, outer * inner, .forward), maxima, "maximum over \(shape)")
  }

  @Test(arguments: shapes)
  func againstOracle(_ shape: [Int]) {
    check(Float.self, shape)
    check(Double.self, shape)
  }

  @Test(arguments: shapes)
  func bitsDoNotDependOnThreads(_ shape: [Int]) {
    var values = TestValues(seed: 9)
    let input: [Float] = values.uniform(shape.reduce(1, *)), count = shape[0] * shape[2]
    let plan = Reduction<Float>(kind: .sum, outer: shape[0], reduced: shape[1], inner: shape[2])
    let wanted = run(plan, input, count, .forward)
    for order in [TaskOrder.backward, .threads(1), .threads(2), .threads(4)] {
      expectEqual(run(plan, input, count, order), wanted, "\(shape), \(order)")
    }
  }

  /// A plain running sum of a million floats near 1 is off by 1e-3 or so.
  @Test func longSumsKeepTheirPrecision() {
    var values = TestValues(seed: 10)
    let input = (values.uniform(1_000_000) as [Float]).map { 1 + $0 * 0.1 }
    let exact = input.reduce(0.0) { $0 + Double($1) }
    for (outer, reduced, inner) in [(1, 1_000_000, 1), (1, 250_000, 4)] {
      let plan = Reduction<Float>(kind: .sum, outer: outer, reduced: reduced, inner: inner)
      let total = run(plan, input, inner, .forward).reduce(0.0) { $0 + Double($1) }
      #expect(abs(total - exact) < 3e-7 * exact)
    }
  }

  @Test("compensated sums keep what single additions lose", arguments: [1, 7, 16, 33, 200])
  func compensatedSums(_ count: Int) {
    let rounds = 4_000
    let terms = (0..<count).map { Float($0 + 1) * 1e-8 }
    for (name, kernels) in everyLevel() {
      // One element more than is added to.
      var (sums, lost) = ([Float](repeating: 1, count: count) + [5], [Float](repeating: 0, count: count))
      for _ in 0..<rounds { kernels.add_compensated(count, terms, &sums, &lost) }
      #expect(sums.removeLast() == 5)
      // Plain additions would leave the first sums at 1.
      for (sum, term) in zip(sums, terms) {
        let wanted = 1 + Double(rounds) * Double(term)
        #expect(abs(Double(sum) - wanted) <= wanted * 1.2e-7, "\(name)")
      }
    }
  }

  @Test func maximumPropagatesNaN() {
    for at in [0, 40, 99] {
      var input = [Float](repeating: 1, count: 100)
      input[at] = .nan
      for shape in [[1, 100, 1], [1, 50, 2]] {
        let plan = Reduction<Float>(kind: .maximum, outer: 1, reduced: shape[1], inner: shape[2])
        let found = run(plan, input, shape[2], .forward)
        #expect(found[at % shape[2]].isNaN)
        #expect(found.filter(\.isNaN).count == 1)
      }
    }
  }

  private func checkScalars<S: Scalar>(_: S.Type) {
    var values = TestValues(seed: 11)
    for count in [0, 1, 31, 32, 33, 1_024, 1_025, 5_000] {
      let a: [S] = values.integers(count) + [9], b: [S] = values.integers(count) + [9]
      let dot = zip(a, b).prefix(count).reduce(S(0)) { $0 + $1.0 * $1.1 }
      #expect(S.dot(count, a, b) == dot)
      #expect(S.sumOfSquares(count, a) == a.prefix(count).reduce(S(0)) { $0 + $1 * $1 })
    }
    // Rows wider than what is reduced, and results added to what is there.
    let x: [S] = values.integers(40 * 30)
    let columns = (0..<20).map { column in (0..<40).reduce(S(0)) { $0 + x[$1 * 30 + column] } }
    var found = [S](repeating: 100, count: 20)
    S.sumColumns(rows: 40, columns: 20, x, stride: 30, &found, accumulate: true)
    expectEqual(found, columns.map { $0 + 100 }, "accumulated columns")
    let rows = (0..<40).map { row in (0..<20).reduce(S(0)) { $0 + x[row * 30 + $1] } }
    expectEqual(filled(40) { S.sumRows(rows: 40, columns: 20, x, stride: 30, $0) }, rows, "rows with a stride")
    let largest = (0..<20).map { column in (0..<40).map { x[$0 * 30 + column] }.max()! }
    found = [S](repeating: 3, count: 20)
    S.maxColumns(rows: 40, columns: 20, x, stride: 30, &found, accumulate: true)
    expectEqual(found, largest.map { max($0, 3) }, "accumulated maxima")
  }

  @Test func scalarResults() {
    checkScalars(Float.self)
    checkScalars(Double.self)
  }

  @Test(
    "sums of channels over images, all at once and image by image",
    arguments: [
      [1, 1, 1], [3, 100, 6], [64, 784, 6], [37, 100, 16], [40, 9, 70], [5, 1, 1_000], [0, 4, 3],
    ])
  func channelSums(_ shape: [Int]) {
    let (images, positions, channels) = (shape[0], shape[1], shape[2])
    var values = TestValues(seed: 9)
    let input: [Float] = values.integers(images * positions * channels, limit: 9)
    var sums = [Float](repeating: 0, count: channels)
    for (index, x) in input.enumerated() { sums[index % channels] += x }
    let plan = ChannelSum<Float>(images: images, positions: positions, channels: channels)
    for order in [TaskOrder.forward, .backward] {
      let found = filled(channels) { output in
        execute(plan, order) { plan.run(phase: $0, task: $1, input: input + [0], output: output, workspace: $2) }
      }
      expectEqual(found, sums, "sum over \(shape)")
    }
    #expect(plan.imageParts.map(\.count).reduce(0, +) == images)
    let parts = plan.imageParts.map { images in
      filled(channels) { plan.run(images: images, input: input + [0], part: $0) }
    }
    for channel in 0..<channels { #expect(parts.reduce(0) { $0 + $1[channel] } == sums[channel]) }
  }

  @Test("parts made elsewhere give the same bits", arguments: [1, 2, 6, 70])
  func partsElsewhere(_ channels: Int) {
    var values = TestValues(seed: 10)
    let input: [Float] = values.uniform(64 * 400 * channels)
    let plan = ChannelSum<Float>(images: 64, positions: 400, channels: channels)
    let whole = filled(channels) { output in
      execute(plan) { plan.run(phase: $0, task: $1, input: input, output: output, workspace: $2) }
    }
    var parts = plan.imageParts.flatMap { images in
      filled(channels) { plan.run(images: images, input: input, part: $0) }
    }
    let sum = PartialSums<Float>(count: channels, parts: plan.imageParts.count)
    let together = filled(channels) { output in
      for tasks in sum.phases { for task in 0..<tasks { sum.run(task: task, output: output, workspace: &parts) } }
    }
    #expect(plan.imageParts.count > 1 && together == whole)
  }
}

import BLAS
import Kernels
import Testing

@Suite struct RearrangementTests {
  /// Output dimensions, source strides and offset into a source of 9,000 elements.
  static let views: [([Int], [Int], Int)] = [
    ([], [], 5), ([1], [7], 3), ([100], [1], 0), ([100], [0], 8), ([100], [3], 2),
    ([30, 20], [20, 1], 0), ([20, 30], [1, 20], 0), ([7, 5], [0, 1], 4), ([7, 5], [1, 0], 4),
    ([2, 3, 4, 5], [1, 2, 6, 24], 0), ([5, 4, 3, 2], [24, 0, 2, 1], 1), ([4, 1, 6], [6, 99, 1], 0),
    ([90, 100], [1, 90], 0), ([2, 90, 50], [45, 1, 90], 0), ([300, 200], [0, 1], 0), ([200, 300], [1, 0], 0),
    ([3, 0, 2], [1, 1, 1], 0), ([67, 129], [1, 67], 11),
  ]

  private func check<S: Scalar>(_: S.Type, _ dimensions: [Int], _ strides: [Int], _ offset: Int, _ order: TaskOrder) {
    let source = (0..<9_000).map { S($0) }
    let count = dimensions.reduce(1, *)
    var wanted: [S] = []
    for index in 0..<count {
      var (rest, position) = (index, offset)
      for axis in dimensions.indices.reversed() {
        position += rest % dimensions[axis] * strides[axis]
        rest /= dimensions[axis]
      }
      wanted.append(source[position])
    }
    let plan = Rearrangement<S>(dimensions: dimensions, strides: strides, offset: offset)
    let found: [S] = filled(count + 1) { output in
      execute(plan, order) { phase, task in plan.run(phase: phase, task: task, source: source, output: output) }
    }
    #expect(found[count].isNaN, "an element past the end was written")
    expectEqual(Array(found.prefix(count)), wanted, "\(dimensions) by \(strides)")
    // Any part of it is the same copy.
    for (start, end) in [(count / 3, count), (0, count / 2), (count / 2, count / 2), (count / 5, count * 3 / 4)] {
      let part: [S] = filled(end - start + 1) { out in
        S.broadcastCopy(
          rank: dimensions.count, dimensions: dimensions + [1], strides: strides + [1], start: start,
          count: end - start, Array(source[offset...]), out)
      }
      expectEqual(Array(part.dropLast()), Array(wanted[start..<end]), "part \(start)..<\(end) of \(dimensions)")
    }
  }

  @Test(arguments: views.indices)
  func againstOracle(_ index: Int) {
    let (dimensions, strides, offset) = Self.views[index]
    for order in [TaskOrder.forward, .backward, .threads(4)] {
      check(Float.self, dimensions, strides, offset, order)
      check(Double.self, dimensions, strides, offset, order)
    }
  }
}

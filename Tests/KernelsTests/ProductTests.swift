import BLAS
import CKernels
import Testing

@Suite struct ProductTests {
  /// Every level's kernels against the definition, with sums longer than a block and edges on every side. The numbers are
  /// whole, so that sums are exact in any order.
  @Test(arguments: [
    (1, 5, 3), (6, 16, 16), (7, 33, 40), (16, 259, 37), (50, 71, 16), (13, 47, 2_100), (10, 100, 51), (7, 70, 101),
    (2, 2, 0), (9, 30, 1),
    (20, 84, 300), (5, 1, 40), (11, 3, 9), (16, 120, 70), (17, 48, 5),
  ])
  func everyLevelAgreesWithTheDefinition(rows: Int, columns: Int, depth: Int) {
    var values = TestValues(seed: UInt64(rows))
    let a: [Float] = values.integers(rows * depth), b: [Float] = values.integers(depth * columns)
    let start: [Float] = values.integers(rows * columns)
    let transposedA = transposed(a, rows, depth), transposedB = transposed(b, depth, columns)
    for beta in [Float(0), 1, 0.5] {
      let wanted = (0..<rows * columns).map { index -> Float in
        let (i, j) = (index / columns, index % columns)
        let sum = (0..<depth).reduce(Float(0)) { $0 + a[i * depth + $1] * b[$1 * columns + j] }
        return beta * start[index] - 2 * sum
      }
      for (name, kernels) in everyLevel() {
        // With beta 0 what C held must not matter.
        let held = beta == 0 ? [Float](repeating: .nan, count: rows * columns) : start
        var (plain, turned, cached, turnedInCache, dotted) = (held, held, held, held, held)
        kernels.streamed_product(rows, columns, depth, -2, a, depth, 1, b, columns, beta, &plain, columns, 0)
        kernels.streamed_product(rows, columns, depth, -2, transposedA, 1, rows, b, columns, beta, &turned, columns, 0)
        kernels.cached_product(rows, columns, depth, -2, a, depth, 1, b, columns, beta, &cached, columns)
        kernels.cached_product(
          rows, columns, depth, -2, transposedA, 1, rows, b, columns, beta, &turnedInCache, columns)
        kernels.dotted_product(rows, columns, depth, -2, a, depth, transposedB, depth, beta, &dotted, columns)
        expectEqual(plain, depth == 0 ? held : wanted, "streamed at \(name)")
        // Rows that follow may be fetched, and are not multiplied.
        var first = held
        let longer = b + [Float](repeating: .nan, count: 70 * columns)
        kernels.streamed_product(rows, columns, depth, -2, a, depth, 1, longer, columns, beta, &first, columns, 70)
        expectEqual(first, depth == 0 ? held : wanted, "with rows that follow at \(name)")
        expectEqual(cached, wanted, "in a cache at \(name)")
        expectEqual(turnedInCache, wanted, "in a cache, from a transposed matrix, at \(name)")
        expectEqual(turned, depth == 0 ? held : wanted, "streamed from a transposed matrix at \(name)")
        expectEqual(dotted, depth == 0 ? held : wanted, "dotted at \(name)")
      }
    }
  }

  /// Rows of B and C that are further apart than they are long: what lies between is not used and not written.
  @Test(arguments: [(8, 48, 20), (5, 1, 40), (11, 19, 9), (3, 120, 33)])
  func rowsApartInCaches(rows: Int, columns: Int, depth: Int) {
    var values = TestValues(seed: 11)
    let a: [Float] = values.integers(rows * depth), b: [Float] = values.integers(depth * columns)
    let (bPitch, cPitch) = (columns + 2, columns + 5)
    var spread = [Float](repeating: .nan, count: (depth - 1) * bPitch + columns)
    for (d, j) in (0..<depth).flatMap({ d in (0..<columns).map { (d, $0) } }) {
      spread[d * bPitch + j] = b[d * columns + j]
    }
    for (name, kernels) in everyLevel() {
      var c = [Float](repeating: -7, count: rows * cPitch)
      kernels.cached_product(rows, columns, depth, 1, a, depth, 1, spread, bPitch, 0, &c, cPitch)
      for r in 0..<rows {
        let row = (0..<columns).map { j in
          (0..<depth).reduce(Float(0)) { $0 + a[r * depth + $1] * b[$1 * columns + j] }
        }
        expectEqual(
          Array(c[r * cPitch..<(r + 1) * cPitch]), row + [Float](repeating: -7, count: 5), "\(name), row \(r)")
      }
    }
  }

  /// x ← x / 2 + 1 comes to 2 in every lane, so the sum tells the number of lanes, and that the number of rounds.
  @Test func multiplyAddsOnRegistersAreCounted() {
    for (name, kernels) in everyLevel() {
      var sum = Float(0)
      let count = kernels.register_multiply_adds(100, &sum)
      #expect(count > 0 && count % 100 == 0 && Double(sum) == 2 * Double(count) / 100, "\(name)")
    }
  }
}

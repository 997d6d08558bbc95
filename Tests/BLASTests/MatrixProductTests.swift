import Testing

@testable import BLAS

@Suite struct MatrixProductTests {
  /// Shapes that reach every path: empty, vectors, one task, tiles, split sums, blocks on either side, ragged edges.
  static let shapes: [(Int, Int, Int)] = [
    (0, 3, 4), (3, 0, 4), (3, 4, 0), (1, 1, 1), (1, 7, 5), (6, 1, 5), (1, 300, 301), (301, 1, 300), (1, 1, 3000),
    (2, 3, 4), (17, 19, 23), (64, 120, 100), (10, 257, 500), (130, 70, 33), (257, 129, 31), (25, 6, 4001),
    (6, 25, 1999), (1700, 6, 99), (17, 15, 4100), (1, 40, 2000), (40, 1, 2000), (12, 900, 100), (700, 12, 130),
    (66, 300, 64), (2, 333, 100), (16, 1027, 70), (13, 70, 2051), (1000, 45, 16), (515, 259, 9), (7, 32, 4099),
    (11, 40, 64), (16, 1_500, 1), (64, 120, 400), (400, 120, 64), (64, 84, 120), (120, 85, 67), (33, 130, 300),
    (1, 400, 120),
    (1, 403, 131),
    // Few columns beyond whole vectors, where the library would ask for heap memory.
    (5, 20, 40), (7, 3, 100), (40, 17, 33), (90, 24, 64),
  ]

  static func check<S: Scalar>(
    _ shape: (Int, Int, Int), _ transposeA: Bool, _ transposeB: Bool, alpha: S, beta: S, padding: Int, seed: UInt64
  ) -> Double {
    let (m, n, k) = shape
    var generator = TestGenerator(seed)
    let (rowsA, columnsA) = transposeA ? (k, m) : (m, k)
    let (rowsB, columnsB) = transposeB ? (n, k) : (k, n)
    // Rows apart by more than their length; the gap is NaN, so that reading or writing it shows.
    func stored(_ rows: Int, _ columns: Int) -> (Matrix<S>, [S]) {
      let dense: Matrix<S> = generator.matrix(rows, columns)
      var padded = [S](repeating: .nan, count: rows * (columns + padding) + 1)
      for i in 0..<rows {
        for j in 0..<columns { padded[i * (columns + padding) + j] = dense[i, j] }
      }
      return (dense, padded)
    }
    let (a, paddedA) = stored(rowsA, columnsA)
    let (b, paddedB) = stored(rowsB, columnsB)
    var (c, paddedC) = stored(m, n)
    // With beta 0 what C held must not matter.
    if beta == 0 { paddedC = paddedC.map { _ in .nan } }
    let product = MatrixProduct<S>(
      m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB, lda: columnsA + padding,
      ldb: columnsB + padding, ldc: n + padding)
    var workspace = [S](repeating: .nan, count: product.workspaceCount)
    for (phase, taskCount) in product.phases.enumerated() {
      for task in (0..<taskCount).reversed() {
        product.run(
          phase: phase, task: task, alpha: alpha, a: paddedA, b: paddedB, beta: beta, c: &paddedC,
          workspace: &workspace)
      }
    }
    let ab = naiveMultiply(a, b, transposeA: transposeA, transposeB: transposeB)
    var result = Matrix<S>(rows: m, columns: n)
    for i in 0..<m {
      for j in 0..<n {
        c[i, j] = alpha * ab[i, j] + (beta == 0 ? 0 : beta * c[i, j])
        result[i, j] = paddedC[i * (n + padding) + j]
      }
      for j in 0..<padding where i < m && !paddedC[i * (n + padding) + n + j].isNaN { return .infinity }
    }
    return largestDifference(result, c) / tolerance(k, S.self)
  }

  @Test(arguments: shapes)
  func agreesWithTheDefinition(shape: (Int, Int, Int)) {
    for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
      let seed = UInt64(shape.0 * 7 + shape.1 * 3 + shape.2)
      if transposeA == (seed % 2 == 0) {
        #expect(Self.check(shape, transposeA, transposeB, alpha: 1 as Float, beta: 0, padding: 0, seed: seed) < 1)
        #expect(Self.check(shape, transposeA, transposeB, alpha: 1 as Double, beta: 0.25, padding: 5, seed: seed) < 1)
      } else {
        #expect(Self.check(shape, transposeA, transposeB, alpha: -0.5 as Float, beta: 1, padding: 3, seed: seed) < 1)
        #expect(Self.check(shape, transposeA, transposeB, alpha: 0.5 as Double, beta: 0, padding: 0, seed: seed) < 1)
      }
    }
  }

  @Test(
    "rows that are equal give rows that are equal, wherever tasks of a small product cut",
    arguments: [(33, 130, 300), (64, 120, 400)])
  func equalRows(m: Int, n: Int, k: Int) {
    var generator = TestGenerator(5)
    let row: Matrix<Float> = generator.matrix(1, k)
    let b: Matrix<Float> = generator.matrix(k, n)
    let product = MatrixProduct<Float>(m: m, n: n, k: k)
    let a = (0..<m).flatMap { _ in (0..<k).map { row[0, $0] } }
    let right = (0..<k).flatMap { i in (0..<n).map { b[i, $0] } }
    var c = [Float](repeating: .nan, count: m * n)
    var workspace = [Float](repeating: .nan, count: product.workspaceCount)
    for (phase, tasks) in product.phases.enumerated() {
      for task in 0..<tasks {
        product.run(phase: phase, task: task, alpha: 1, a: a, b: right, beta: 0, c: &c, workspace: &workspace)
      }
    }
    let differing = (1..<m).filter { i in (0..<n).contains { c[i * n + $0] != c[$0] } }
    #expect(differing.isEmpty)
  }

  @Test func randomShapes() {
    var generator = TestGenerator(1)
    for trial in 0..<60 {
      func side() -> Int { Int.random(in: 1...(generator.next() % 3 == 0 ? 400 : 40), using: &generator) }
      let shape = (side(), side(), side())
      let (transposeA, transposeB) = (Bool.random(using: &generator), Bool.random(using: &generator))
      let seed = generator.next()
      let padding = trial % 3
      let error = Self.check(shape, transposeA, transposeB, alpha: 1 as Float, beta: 1, padding: padding, seed: seed)
      #expect(error < 1, "\(shape) \(transposeA) \(transposeB)")
    }
  }

  /// Products so large that their tasks are cut in several library calls, against the library's one call.
  @Test(arguments: [(24, 900, 900), (900, 24, 900), (700, 700, 40), (90, 1600, 900), (40, 45, 60_000)])
  func blocksAgreeWithOneCall(m: Int, n: Int, k: Int) {
    var generator = TestGenerator(9)
    for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
      let a = generator.matrix(transposeA ? k : m, transposeA ? m : k, as: Float.self)
      let b = generator.matrix(transposeB ? n : k, transposeB ? k : n, as: Float.self)
      var expected = Matrix<Float>(rows: m, columns: n, repeating: 1)
      var found = expected
      matrixMultiply(
        a, b, into: &found, transposeA: transposeA, transposeB: transposeB, alpha: 0.5, beta: -1,
        pool: ThreadPool(threads: 2))
      expected.withUnsafeMutableElements { c in
        Float.gemm(
          transposeA, transposeB, m, n, k, 0.5, a.elements, a.columns, b.elements, b.columns, -1, c, n)
      }
      #expect(largestDifference(found, expected) < tolerance(k, Float.self))
    }
  }

  @Test func bitsDoNotDependOnThreads() {
    let pools = [1, 2, 4].map { ThreadPool(threads: $0) }
    for (m, n, k) in [
      (64, 120, 400), (10, 1000, 1000), (25, 6, 50_000), (300, 200, 100), (1, 900, 800), (150, 16, 6400),
    ] {
      var generator = TestGenerator(UInt64(m))
      let a: Matrix<Float> = generator.matrix(m, k)
      let b: Matrix<Float> = generator.matrix(k, n)
      let results = pools.map { matrixMultiply(a, b, pool: $0) }
      #expect(results[0] == results[1])
      #expect(results[0] == results[2])
      #expect(results[0].elements.contains { $0 != 0 })
    }
  }
}

@Suite struct ResultRangeTests {
  @Test(arguments: [(10, 1000, 1000), (2, 40, 900), (25, 6, 50_000), (16, 4000, 600), (3, 3, 900_000)])
  func coverTheResultOnce(m: Int, n: Int, k: Int) throws {
    let product = MatrixProduct<Float>(m: m, n: n, k: k)
    let ranges = try #require(product.resultRanges)
    #expect(product.phases.count == 2 && ranges.count == product.phases[1])
    #expect(ranges.first?.lowerBound == 0 && ranges.last?.upperBound == m * n && !ranges.contains { $0.isEmpty })
    #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    #expect(MatrixProduct<Float>(m: 64, n: 64, k: 8).resultRanges == nil)
  }
}

@Suite struct StreamedProductTests {
  @Test func isForLowMatricesAndShortSums() {
    func plan(_ m: Int, _ n: Int, _ k: Int, a: Bool = false, b: Bool = false) -> StreamedProduct? {
      StreamedProduct(m: m, n: n, k: k, transposeA: a, transposeB: b)
    }
    #expect(plan(10, 1000, 1000)?.form == .rows)
    // Parts of a sum are as many as repay adding them.
    #expect([2, 7, 10, 16].map { plan($0, 1000, 1000)?.taskCount } == [8, 4, 4, 4])
    #expect(plan(10, 4096, 4096)?.taskCount == 8)
    #expect(plan(10, 1000, 1000, b: true)?.form == .dots)
    #expect(plan(1000, 1000, 10, a: true)?.form == .rows)
    #expect(plan(1, 1000, 1000) == nil)
    #expect(plan(64, 1000, 1000) == nil)
    #expect(plan(1000, 1000, 10, b: true) == nil)
    #expect(plan(10, 1000, 1000, a: true, b: true) == nil)
    // One row by a stored transpose reads each row of the matrix once; small matrices are multiplied where they lie.
    #expect(plan(1, 400, 120, b: true)?.taskCount == 4)
    // Behind a layer of few outputs its stored rows are turned.
    #expect(plan(10, 1000, 10, b: true)?.form == .dots && plan(10, 1000, 40, b: true) == nil)
    #expect(plan(64, 120, 400)?.form == .rows && plan(400, 120, 64, a: true)?.form == .rows)
    #expect(plan(64, 400, 120, b: true) == nil && plan(300, 300, 300) == nil)
  }

  @Test(arguments: [
    (10, 1000, 1000), (16, 33, 100), (1000, 1000, 10), (5, 100_000, 3), (100_000, 40, 16), (64, 120, 400),
  ])
  func everyTaskHasWorkAndTheyCoverTheProduct(m: Int, n: Int, k: Int) throws {
    let plan = try #require(StreamedProduct(m: m, n: n, k: k, transposeA: false, transposeB: false))
    let cuts = [(m, plan.rows), (n, plan.columns), (k, plan.depth)].filter { $0.1 < $0.0 }
    #expect(cuts.count == (plan.taskCount > 1 ? 1 : 0))
    let (whole, part) = cuts.first ?? (m, m)
    #expect(part * plan.taskCount >= whole)
    #expect(part * (plan.taskCount - 1) < whole)
  }
}

@Suite struct BackwardProductTests {
  @Test func isForSmallBatchesAndLargeLayers() {
    #expect(BackwardProduct<Float>(batch: 10, inputs: 1000, outputs: 1000)?.phases == [2, 16])
    // Where rows begin with a line of the cache, or there is little work, nothing is copied first.
    #expect(BackwardProduct<Float>(batch: 10, inputs: 1000, outputs: 1024)?.phases == [16])
    #expect(BackwardProduct<Float>(batch: 10, inputs: 300, outputs: 1000)?.phases == [16])
    #expect(BackwardProduct<Double>(batch: 10, inputs: 1000, outputs: 1000)?.phases == [16])
    #expect(BackwardProduct<Float>(batch: 16, inputs: 4096, outputs: 4096)?.phases == [64])
    #expect(BackwardProduct<Double>(batch: 1, inputs: 784, outputs: 100) != nil)
    #expect([1, 3].map { BackwardProduct<Float>(batch: $0, inputs: 120, outputs: 84)?.phases } == [[1], [1]])
    #expect(BackwardProduct<Float>(batch: 17, inputs: 1000, outputs: 1000) == nil)
    #expect(BackwardProduct<Float>(batch: 10, inputs: 16, outputs: 1000) == nil)
    #expect(BackwardProduct<Float>(batch: 10, inputs: 1000, outputs: 10) == nil)
    for nonsense in [(0, 1000, 1000), (-1, 1000, 1000), (10, -1000, -1000), (10, 0, 1000), (10, 1000, 0)] {
      #expect(BackwardProduct<Float>(batch: nonsense.0, inputs: nonsense.1, outputs: nonsense.2) == nil)
    }
    #expect(BackwardProduct<Float>(batch: .max, inputs: 1000, outputs: 1000) == nil)
    #expect(BackwardProduct<Float>(batch: 10, inputs: .max, outputs: .max) == nil)
  }

  @Test(arguments: [(10, 1000, 130), (1, 333, 200), (16, 45, 700), (11, 402, 1001), (2, 2003, 1003)])
  func hasTheBitsOfTwoProductsForAnyThreads(batch: Int, inputs: Int, outputs: Int) throws {
    var generator = TestGenerator(3)
    let x: Matrix<Float> = generator.matrix(batch, inputs), g: Matrix<Float> = generator.matrix(batch, outputs)
    let w: Matrix<Float> = generator.matrix(inputs, outputs)
    var wanted = w
    let pool = ThreadPool(threads: 2)
    let dx = matrixMultiply(g, w, transposeB: true, pool: pool)
    matrixMultiply(x, g, into: &wanted, transposeA: true, alpha: -0.5, beta: 1, pool: pool)
    let product = try #require(BackwardProduct<Float>(batch: batch, inputs: inputs, outputs: outputs))
    for threads in [1, 2, 4] {
      var (weights, found) = (w.elements, [Float](repeating: .nan, count: batch * inputs))
      let (rowsOfX, rowsOfG) = (x.elements, g.elements)
      var workspace = [Float](repeating: .nan, count: product.workspaceCount)
      weights.withUnsafeMutableBufferPointer { weights in
        found.withUnsafeMutableBufferPointer { found in
          let (weights, found) = (weights.baseAddress!, found.baseAddress!)
          rowsOfX.withUnsafeBufferPointer { x in
            rowsOfG.withUnsafeBufferPointer { g in
              workspace.withUnsafeMutableBufferPointer { workspace in
                let pool = ThreadPool(threads: threads)
                let workspace = workspace.baseAddress
                for (phase, tasks) in product.phases.enumerated() {
                  pool.run(tasks) {
                    product.run(
                      phase: phase, task: $0, alpha: -0.5, g: g.baseAddress!, x: x.baseAddress!, w: weights, dx: found,
                      workspace: workspace)
                  }
                }
              }
            }
          }
        }
      }
      #expect(found == dx.elements && weights == wanted.elements, "\(threads) threads")
    }
  }
}

@Suite struct MatrixTilingTests {
  @Test(arguments: [
    (1, 1, 1), (64, 120, 400), (10, 1000, 1000), (50_176, 6, 25), (25, 6, 50_176), (4096, 4096, 4096), (8, 4096, 9216),
    (1, 4096, 4096), (4096, 1, 4096), (37, 5003, 11), (5003, 37, 7),
  ])
  func coversTheProductWithoutEmptyTiles(m: Int, n: Int, k: Int) {
    let tiling = MatrixTiling(m: m, n: n, k: k)
    for (whole, length, count) in [
      (m, tiling.rows, tiling.rowCount), (n, tiling.columns, tiling.columnCount), (k, tiling.depth, tiling.depthCount),
    ] {
      #expect(length * count >= whole)
      #expect(length * (count - 1) < whole)
    }
    let tasks = tiling.rowCount * tiling.columnCount * tiling.depthCount
    if m * n * k >= 8_000_000 { #expect(tasks >= 6) }
    if m * n * k <= 50_000 { #expect(tasks == 1) }
  }

  @Test(arguments: [
    (10, 250, 1000, false), (10, 250, 1000, true), (64, 512, 4096, false), (400, 200, 10, false), (3000, 6, 25, false),
    (25, 6, 6272, false), (512, 256, 1000, false), (512, 256, 1000, true), (2000, 1, 5000, false), (1, 1, 1, true),
    (1100, 3, 999, true), (1, 2000, 5000, true), (3, 5, 1_000_000, true), (3, 1_000_000, 5, false),
  ])
  func blocksAreSmallOrWhole(rows: Int, columns: Int, depth: Int, outerTransposed: Bool) {
    let blocking = MatrixBlocking(rows: rows, columns: columns, depth: depth, outerTransposed: outerTransposed)
    #expect((1...rows).contains(blocking.rows))
    #expect((1...columns).contains(blocking.columns))
    #expect((1...depth).contains(blocking.depth))
    let isWhole = (blocking.rows, blocking.columns, blocking.depth) == (rows, columns, depth)
    #expect(isWhole || blocking.rows * blocking.columns * blocking.depth <= 1_000_000)
  }
}

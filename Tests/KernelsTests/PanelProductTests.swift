import CKernels
import Testing

/// Products with a matrix that lies in panels, against the sums they stand for.
@Suite struct PanelProductTests {
  /// The shapes meet edges within a vector, sums of several parts and depths of several slabs.
  @Test(arguments: [
    (1, 1, 1), (6, 64, 32), (7, 64, 33), (56, 64, 64), (13, 48, 129), (25, 32, 300), (12, 16, 64), (29, 17, 65),
    (5, 79, 130), (11, 100, 257), (3, 130, 31), (8, 9, 128),
  ])
  func everyLevelAgreesWithTheDefinition(rows: Int, columns: Int, depth: Int) {
    var values = TestValues(seed: UInt64(rows * 1000 + columns))
    let a: [Float] = values.integers(rows * depth), b: [Float] = values.integers(depth * columns)
    let start: [Float] = values.integers(rows * columns)
    let transposedA = transposed(a, rows, depth)
    let product = (0..<rows * columns).map { index -> Float in
      let (i, j) = (index / columns, index % columns)
      return (0..<depth).reduce(Float(0)) { $0 + a[i * depth + $1] * b[$1 * columns + j] }
    }
    // Rows of C with something between them.
    let pitch = columns + 3
    func spread(_ elements: [Float]) -> [Float] {
      (0..<rows * pitch).map { $0 % pitch < columns ? elements[$0 / pitch * columns + $0 % pitch] : 77 }
    }
    for (name, kernels) in everyLevel() {
      let panels = inPanels(b, rows: depth, columns: columns, kernels)
      // What C and the losses held must not matter to a first product.
      var first = spread([Float](repeating: .nan, count: rows * columns)), lost = first
      kernels.panel_product(rows, columns, depth, a, depth, 1, panels, 1, &first, &lost, pitch)
      expectEqual(first, spread(product), "first, \(name)")
      expectEqual(lost, spread([Float](repeating: 0, count: rows * columns)), "nothing lost at first, \(name)")

      var added = spread(start)
      kernels.panel_product(rows, columns, depth, transposedA, 1, rows, panels, 0, &added, nil, pitch)
      expectEqual(added, spread(zip(start, product).map(+)), "added, \(name)")
      kernels.panel_product(rows, columns, depth, a, depth, 1, panels, 0, &added, &lost, pitch)
      expectEqual(added, spread(zip(start, product).map { $0 + 2 * $1 }), "added with compensation, \(name)")
    }
  }

  /// Every number of rows and of vectors that a block may have, with sums of one part, of several, and of two in the cache.
  @Test(arguments: 1...12, [48, 49, 81, 135])
  func everyBlockAtEveryLevel(rows: Int, depth: Int) {
    var values = TestValues(seed: UInt64(rows))
    for (name, kernels) in everyLevel() {
      for columns in stride(
        from: kernels.interleaved_images, through: kernels.panel_columns, by: kernels.interleaved_images)
      {
        for columns in [columns, columns - 1] {
          let a: [Float] = values.integers(rows * depth), b: [Float] = values.integers(depth * columns)
          var found = [Float](repeating: .nan, count: rows * columns)
          let panels = inPanels(b, rows: depth, columns: columns, kernels)
          kernels.panel_product(rows, columns, depth, a, depth, 1, panels, 1, &found, nil, columns)
          let wanted = (0..<rows * columns).map { index -> Float in
            let (i, j) = (index / columns, index % columns)
            return (0..<depth).reduce(Float(0)) { $0 + a[i * depth + $1] * b[$1 * columns + j] }
          }
          expectEqual(found, wanted, "\(columns) columns at level \(name)")
          kernels.panel_product(rows, columns, depth, a, depth, 1, panels, 0, &found, nil, columns)
          expectEqual(found, wanted.map { 2 * $0 }, "\(columns) columns added at level \(name)")
        }
      }
    }
  }

  @Test func compensationKeepsWhatSmallAdditionsWouldLose() {
    for (name, kernels) in everyLevel() {
      let panels = inPanels([Float](repeating: 1, count: 20), rows: 1, columns: 20, kernels)
      var (sums, lost) = ([Float](repeating: .nan, count: 20), [Float](repeating: .nan, count: 20))
      kernels.panel_product(1, 20, 1, [16_777_216], 1, 1, panels, 1, &sums, &lost, 20)
      // Alone, each 1 is lost in 2²⁴.
      for _ in 0..<64 { kernels.panel_product(1, 20, 1, [1], 1, 1, panels, 0, &sums, &lost, 20) }
      expectEqual(sums, [Float](repeating: 16_777_280, count: 20), "level \(name)")
    }
  }

  @Test func anElementsBitsDependOnTheDepthAlone() {
    var values = TestValues(seed: 5)
    let (rows, columns, depth) = (40, 150, 200)
    let a: [Float] = values.uniform(rows * depth), b: [Float] = values.uniform(depth * columns)
    for (name, kernels) in everyLevel() {
      let panels = inPanels(b, rows: depth, columns: columns, kernels)
      var whole = [Float](repeating: .nan, count: rows * columns)
      kernels.panel_product(rows, columns, depth, a, depth, 1, panels, 1, &whole, nil, columns)
      for count in [1, 5, 13] {
        var part = [Float](repeating: .nan, count: count * columns)
        kernels.panel_product(count, columns, depth, a, depth, 1, panels, 1, &part, nil, columns)
        expectEqual(part, Array(whole[..<(count * columns)]), "\(count) rows, level \(name)")
      }
    }
  }
}

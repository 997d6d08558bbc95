import CKernels
import Testing

/// dX = G·Wᵀ and W ← W + α·Xᵀ·G in one pass over W.
@Suite struct BackwardProductTests {
  /// Whole numbers, so that sums are exact in any order; rows further apart than they are long, with what nobody may read or
  /// write between them.
  @Test(arguments: 1...18, [(1, 3), (2, 17), (5, 16), (33, 40), (7, 1100), (2, 4225), (2, 15_491)])
  func everyLevelAgreesWithTheDefinition(batch: Int, layer: (inputs: Int, outputs: Int)) {
    let (inputs, outputs) = layer
    var values = TestValues(seed: UInt64(batch))
    let g: [Float] = values.integers(batch * outputs), x: [Float] = values.integers(batch * inputs)
    let w: [Float] = values.integers(inputs * outputs)
    let dx = (0..<batch * inputs).map { index -> Float in
      let (r, i) = (index / inputs, index % inputs)
      return (0..<outputs).reduce(0) { $0 + g[r * outputs + $1] * w[i * outputs + $1] }
    }
    let changed = (0..<inputs * outputs).map { index -> Float in
      let (i, o) = (index / outputs, index % outputs)
      return w[index] - 2 * (0..<batch).reduce(0) { $0 + x[$1 * inputs + i] * g[$1 * outputs + o] }
    }
    let (spreadG, spreadX) = (spread(g, rows: batch, by: 3, .nan), spread(x, rows: batch, by: 2, .nan))
    for (name, kernels) in everyLevel() {
      var weights = spread(w, rows: inputs, by: 5, -7)
      var found = spread([Float](repeating: .nan, count: dx.count), rows: batch, by: 1, -7)
      kernels.backward_product(
        batch, inputs, outputs, spreadG, outputs + 3, -2, spreadX, inputs + 2, &weights, outputs + 5, nil, 0, 0, 0,
        &found, inputs + 1, 0)
      expectEqual(found, spread(dx, rows: batch, by: 1, -7), "input gradient at \(name)")
      expectEqual(weights, spread(changed, rows: inputs, by: 5, -7), "weights at \(name)")
    }
  }

  /// The bits of the two products one after the other, in both types.
  @Test(arguments: [(10, 64, 1000), (7, 9, 100), (16, 20, 515), (3, 31, 33), (14, 6, 2500)])
  func hasTheBitsOfTwoProducts(batch: Int, inputs: Int, outputs: Int) {
    var values = TestValues(seed: 5)
    let g: [Float] = values.uniform(batch * outputs), x: [Float] = values.uniform(batch * inputs)
    let start: [Float] = values.uniform(inputs * outputs)
    for (name, kernels) in everyLevel() {
      var (apart, together) = (start, start)
      var (dx, dxTogether) = ([Float](repeating: .nan, count: x.count), [Float](repeating: .nan, count: x.count))
      kernels.dotted_product(batch, inputs, outputs, 1, g, outputs, apart, outputs, 0, &dx, inputs)
      kernels.streamed_product(inputs, outputs, batch, -0.3, x, 1, inputs, g, outputs, 1, &apart, outputs, 0)
      kernels.backward_product(
        batch, inputs, outputs, g, outputs, -0.3, x, inputs, &together, outputs, nil, 0, 0, 0, &dxTogether, inputs, 0)
      #expect(apart == together && dx == dxTogether, "\(name)")
    }
    let doubles = (g.map(Double.init), x.map(Double.init), start.map(Double.init))
    for level in [ridgeline_level_baseline, ridgeline_level_v3, ridgeline_level_v4] {
      guard let kernels = ridgeline_double_kernels_of_level(level)?.pointee else { continue }
      var (apart, together) = (doubles.2, doubles.2)
      var (dx, dxTogether) = ([Double](repeating: .nan, count: x.count), [Double](repeating: .nan, count: x.count))
      kernels.dotted_product(batch, inputs, outputs, 1, doubles.0, outputs, apart, outputs, 0, &dx, inputs)
      kernels.streamed_product(
        inputs, outputs, batch, -0.3, doubles.1, 1, inputs, doubles.0, outputs, 1, &apart, outputs, 0)
      kernels.backward_product(
        batch, inputs, outputs, doubles.0, outputs, -0.3, doubles.1, inputs, &together, outputs, nil, 0, 0, 0,
        &dxTogether, inputs, 0)
      #expect(apart == together && dx == dxTogether, "level \(level)")
    }
  }

  /// V ← μ·V + α·Xᵀ·G + λ·W and W ← W + β·V on whole numbers, between rows that nobody may read or write.
  @Test(arguments: 1...18, [(1, 3), (2, 17), (5, 16), (33, 40), (7, 1100), (2, 4225)])
  func weightsFollowTheirVelocity(batch: Int, layer: (inputs: Int, outputs: Int)) {
    let (inputs, outputs) = layer
    var values = TestValues(seed: UInt64(batch + 20))
    let g: [Float] = values.integers(batch * outputs), x: [Float] = values.integers(batch * inputs)
    let w: [Float] = values.integers(inputs * outputs), v: [Float] = values.integers(inputs * outputs)
    let dx = (0..<batch * inputs).map { index -> Float in
      let (r, i) = (index / inputs, index % inputs)
      return (0..<outputs).reduce(0) { $0 + g[r * outputs + $1] * w[i * outputs + $1] }
    }
    let (spreadG, spreadX) = (spread(g, rows: batch, by: 3, .nan), spread(x, rows: batch, by: 2, .nan))
    for decay in [Float(0), 3] {
      let velocity = (0..<inputs * outputs).map { index -> Float in
        let (i, o) = (index / outputs, index % outputs)
        let gradient = (0..<batch).reduce(Float(0)) { $0 + x[$1 * inputs + i] * g[$1 * outputs + o] }
        return 5 * v[index] - 2 * gradient + decay * w[index]
      }
      for (name, kernels) in everyLevel() {
        var (weights, velocities) = (spread(w, rows: inputs, by: 5, -7), spread(v, rows: inputs, by: 5, -9))
        var found = spread([Float](repeating: .nan, count: dx.count), rows: batch, by: 1, -7)
        kernels.backward_product(
          batch, inputs, outputs, spreadG, outputs + 3, -2, spreadX, inputs + 2, &weights, outputs + 5, &velocities, 5,
          decay, -4, &found, inputs + 1, 0)
        var (weightsAlone, velocitiesAlone) = (spread(w, rows: inputs, by: 5, -7), spread(v, rows: inputs, by: 5, -9))
        kernels.backward_product(
          batch, inputs, outputs, spreadG, outputs + 3, -2, spreadX, inputs + 2, &weightsAlone, outputs + 5,
          &velocitiesAlone, 5, decay, -4, nil, 0, 0)
        #expect(weightsAlone == weights && velocitiesAlone == velocities, "without an input gradient at \(name)")
        if inputs > 4 {
          // The first rows alone, with the others behind them, which stay as they are.
          let some = inputs - 3
          var firstWeights = spread(w, rows: inputs, by: 5, -7), firstVelocities = spread(v, rows: inputs, by: 5, -9)
          var firstGradient = [Float](repeating: .nan, count: batch * inputs)
          kernels.backward_product(
            batch, some, outputs, spreadG, outputs + 3, -2, spreadX, inputs + 2, &firstWeights, outputs + 5,
            &firstVelocities, 5, decay, -4, &firstGradient, inputs, 3)
          let end = some * (outputs + 5)
          #expect(firstWeights[..<end] == weights[..<end] && firstVelocities[..<end] == velocities[..<end], "\(name)")
          #expect(firstWeights[end...] == spread(w, rows: inputs, by: 5, -7)[end...], "\(name)")
        }
        expectEqual(found, spread(dx, rows: batch, by: 1, -7), "input gradient at \(name)")
        expectEqual(velocities, spread(velocity, rows: inputs, by: 5, -9), "velocities at \(name)")
        expectEqual(
          weights, spread(zip(w, velocity).map { $0 - 4 * $1 }, rows: inputs, by: 5, -7), "weights at \(name)")
      }
    }
  }

  /// Without an input gradient weights and velocities take the same bits, in both types.
  @Test(arguments: 1...18, [(1, 3), (5, 16), (9, 17), (33, 40), (7, 1100)])
  func weightsAreUpdatedAlone(batch: Int, layer: (inputs: Int, outputs: Int)) {
    let (inputs, outputs) = layer
    var values = TestValues(seed: UInt64(batch + 40))
    let g: [Float] = values.uniform(batch * outputs), x: [Float] = values.uniform(batch * inputs)
    let w = spread(values.uniform(inputs * outputs), rows: inputs, by: 5, -7)
    let v = spread(values.uniform(inputs * outputs), rows: inputs, by: 5, -9)
    func update<S>(
      _ kernel: (
        Int, Int, Int, UnsafePointer<S>?, Int, S, UnsafePointer<S>?, Int, UnsafeMutablePointer<S>?, Int,
        UnsafeMutablePointer<S>?, S, S, S, UnsafeMutablePointer<S>?, Int, Int
      ) -> Void, _ type: S.Type, hasVelocity: Bool, makesGradient: Bool
    ) -> [[S]] where S: BinaryFloatingPoint {
      var (weights, velocities) = (w.map { S($0) }, v.map { S($0) })
      var dx = [S](repeating: .nan, count: batch * inputs)
      velocities.withUnsafeMutableBufferPointer { velocities in
        dx.withUnsafeMutableBufferPointer { dx in
          kernel(
            batch, inputs, outputs, g.map { S($0) }, outputs, -0.3, x.map { S($0) }, inputs, &weights, outputs + 5,
            hasVelocity ? velocities.baseAddress : nil, 0.9, 0.01, -0.5, makesGradient ? dx.baseAddress : nil, inputs, 0
          )
        }
      }
      return [weights, velocities]
    }
    for level in [ridgeline_level_baseline, ridgeline_level_v3, ridgeline_level_v4] {
      for hasVelocity in [false, true] {
        if let kernels = ridgeline_float_kernels_of_level(level)?.pointee {
          let kernel = kernels.backward_product!
          let alone = update(kernel, Float.self, hasVelocity: hasVelocity, makesGradient: false)
          #expect(alone == update(kernel, Float.self, hasVelocity: hasVelocity, makesGradient: true), "level \(level)")
        }
        if let kernels = ridgeline_double_kernels_of_level(level)?.pointee {
          let kernel = kernels.backward_product!
          let alone = update(kernel, Double.self, hasVelocity: hasVelocity, makesGradient: false)
          #expect(alone == update(kernel, Double.self, hasVelocity: hasVelocity, makesGradient: true), "level \(level)")
        }
      }
    }
  }

  /// Without a decay what is not finite in W stays out of V.
  @Test(arguments: [(3, 6, 40), (13, 7, 40)])
  func onlyADecayReadsTheWeights(batch: Int, inputs: Int, outputs: Int) {
    var values = TestValues(seed: 9)
    let g: [Float] = values.integers(batch * outputs), x: [Float] = values.integers(batch * inputs)
    for (name, kernels) in everyLevel() {
      var weights = [Float](repeating: .infinity, count: inputs * outputs), dx = [Float](repeating: 0, count: x.count)
      var velocities = [Float](repeating: 1, count: weights.count)
      kernels.backward_product(
        batch, inputs, outputs, g, outputs, 1, x, inputs, &weights, outputs, &velocities, 2, 0, -0.5, &dx, inputs, 0)
      #expect(velocities.allSatisfy { $0.isFinite }, "\(name)")
      kernels.backward_product(
        batch, inputs, outputs, g, outputs, 1, x, inputs, &weights, outputs, &velocities, 2, 1, -0.5, &dx, inputs, 0)
      #expect(velocities.allSatisfy { !$0.isFinite }, "\(name)")
    }
  }

  /// What is not finite in V stays so under a momentum of 0, in every row.
  @Test func everyRowTakesItsVelocity() {
    let (batch, inputs, outputs) = (7, 9, 40)
    var values = TestValues(seed: 3)
    let g: [Float] = values.integers(batch * outputs), x: [Float] = values.integers(batch * inputs)
    for (name, kernels) in everyLevel() {
      var weights = [Float](repeating: 1, count: inputs * outputs), dx = [Float](repeating: 0, count: x.count)
      var velocities = [Float](repeating: .infinity, count: weights.count)
      kernels.backward_product(
        batch, inputs, outputs, g, outputs, 1, x, inputs, &weights, outputs, &velocities, 0, 0, 1, &dx, inputs, 0)
      #expect(velocities.allSatisfy { $0.isNaN } && weights.allSatisfy { $0.isNaN }, "\(name)")
    }
  }

  /// A matrix whose rows are `gap` elements further apart, which hold `filling`.
  private func spread(_ matrix: [Float], rows: Int, by gap: Int, _ filling: Float) -> [Float] {
    let columns = matrix.count / rows
    return (0..<rows).flatMap { matrix[$0 * columns..<($0 + 1) * columns] + [Float](repeating: filling, count: gap) }
  }
}

import BLAS
import CKernels
import Testing

@Suite struct VectorLevelTests {
  @Test func currentLevelIsOneThatTheProcessorHas() {
    let names = everyLevel().map(\.0)
    #expect(names.first == "baseline")
    #expect(names.contains(VectorLevel.current.rawValue))
    #expect(VectorLevel.baseline < .v3 && VectorLevel.v3 < .v4)
  }

  /// Kernels without fused arithmetic have the same bits at every level.
  @Test func sumsAndPlainArithmeticAreTheSameAtEveryLevel() {
    var values = TestValues(seed: 3)
    let (rows, columns) = (5, 2_077)
    let x: [Float] = values.uniform(rows * columns), y: [Float] = values.uniform(rows * columns)
    var wanted: [[Float]] = []
    for (name, kernels) in everyLevel() {
      var found: [[Float]] = []
      found.append(filled(rows) { kernels.sum_rows(rows, columns, x, columns, $0) })
      found.append(filled(rows) { kernels.max_rows(rows, columns, x, columns, $0) })
      found.append(filled(columns) { kernels.sum_columns(rows, columns, x, columns, $0, 0) })
      for few in [1, 6, 17, 24, 48, 79, 100, 120] {
        found.append(filled(few) { kernels.sum_columns(rows * columns / few, few, x, few, $0, 0) })
      }
      found.append(filled(columns) { kernels.philox_uniform(1, 2, columns, $0) })
      for op in [ElementwiseOpcode.affine, .multiplyAdd, .addScaled, .sqrt, .divide, .maximum] {
        found.append(filled(columns) { kernels.elementwise(op.rawValue, columns, x, y, x, $0, 0.3, 0.7) })
      }
      if wanted.isEmpty { wanted = found }
      for (index, pair) in zip(found, wanted).enumerated() {
        expectEqual(pair.0, pair.1, "kernel \(index) at level \(name)")
      }
    }
  }
}

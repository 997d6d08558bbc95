import CKernels

/// Philox4x32-10, the counter-based generator: a bijection of a 128-bit counter under a 64-bit key, whose outputs pass
/// for independent random numbers (Salmon, Moraes, Dror and Shaw, SC11).
public enum Philox {
  /// The four random words of one counter.
  public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 10) { buffer in
      for lane in 0..<4 { buffer[lane] = counter[lane] }
      for lane in 0..<2 { buffer[4 + lane] = key[lane] }
      let start = buffer.baseAddress!
      ridgeline_philox_block(start, start + 4, start + 6)
      return SIMD4(buffer[6], buffer[7], buffer[8], buffer[9])
    }
  }
}

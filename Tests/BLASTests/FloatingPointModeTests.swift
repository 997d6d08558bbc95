import BLAS
import Testing

#if arch(x86_64) || arch(arm64)
  @Suite struct FloatingPointModeTests {
    /// Half of the smallest normal number, which the compiler cannot compute by itself.
    @inline(never)
    static func half(_ x: Float) -> Float { x * 0.5 }

    @Test(arguments: [1, 2, 4])
    func aPoolComputesInItsCallersMode(threads: Int) {
      let pool = ThreadPool(threads: threads)
      let mode = FloatingPointMode.current
      defer { mode.makeCurrent() }
      var halves = [Float](repeating: -1, count: 512)
      for isFlushing in [false, true, false, true] {
        (isFlushing ? mode.flushingSubnormals : mode).makeCurrent()
        halves.withUnsafeMutableBufferPointer { halves in
          nonisolated(unsafe) let halves = halves
          pool.run(halves.count) { halves[$0] = Self.half(.leastNormalMagnitude) }
        }
        // Compared by their bits: in that mode any subnormal number equals zero.
        #expect(halves.allSatisfy { ($0.bitPattern == 0) == isFlushing })
      }
    }

    @Test func flushingIsAModeOfItsOwn() {
      let mode = FloatingPointMode.current
      #expect(mode.flushingSubnormals != mode && mode.flushingSubnormals == mode.flushingSubnormals.flushingSubnormals)
      #expect(FloatingPointMode.current == mode)
    }
  }
#endif

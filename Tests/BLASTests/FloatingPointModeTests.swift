import BLAS
import Synchronization
import Testing

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

#if arch(x86_64) || arch(arm64)
  @Suite struct FloatingPointModeTests {
    /// Each thread of the pool takes one of the tasks, which wait for each other.
    @Test(arguments: [1, 2, 4])
    func aPoolComputesInItsCallersMode(threads: Int) {
      let pool = ThreadPool(threads: threads)
      let mode = FloatingPointMode.current
      defer { mode.makeCurrent() }
      for isFlushing in [false, true, false, true] {
        (isFlushing ? mode.flushingSubnormals : mode).makeCurrent()
        let arrived = Atomic<Int>(0)
        var halves = [Float](repeating: .leastNormalMagnitude, count: pool.threadCount)
        halves.withUnsafeMutableBufferPointer { halves in
          nonisolated(unsafe) let halves = halves
          pool.run(halves.count) { task in
            halves[task] *= 0.5
            arrived.add(1, ordering: .sequentiallyConsistent)
            while arrived.load(ordering: .sequentiallyConsistent) < halves.count { sched_yield() }
          }
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

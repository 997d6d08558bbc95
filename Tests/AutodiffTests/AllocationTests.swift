import Autodiff
import BLAS
import CAllocationCounter
import Testing

/// Skipped by name under sanitizers, which bring allocators of their own.
@Suite("Allocation")
struct AllocationTests {
  @Test("Allocation counter counts")
  func counter() {
    guard ridgeline_counts_allocations() == 1 else { return }
    let before = ridgeline_allocation_count()
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 100, alignment: 8)
    let aligned = UnsafeMutableRawPointer.allocate(byteCount: 100, alignment: 64)
    #expect(ridgeline_allocation_count() >= before + 2)
    memory.deallocate()
    aligned.deallocate()
  }

  @Test("Allocation-free steps after the first", arguments: [1, 2])
  func steps(_ threads: Int) throws {
    let network = try SmallNetwork(pool: ThreadPool(threads: threads))
    network.plan.run()
    let before = ridgeline_allocation_count()
    for _ in 0..<10 { network.plan.run() }
    let perStep = (ridgeline_allocation_count() - before) / 10
    #if DEBUG
      // Iterators of generic code that is not optimized live on the heap; the steps themselves still add nothing of theirs.
      #expect(perStep < 100)
    #else
      #expect(perStep == 0)
    #endif
  }
}

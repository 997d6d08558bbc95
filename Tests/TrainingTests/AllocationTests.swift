import BLAS
import CAllocationCounter
import Datasets
import NeuralNetworks
import Tensors
import Testing
import Training

/// Skipped by name under sanitizers, which bring allocators of their own.
@Suite("Allocation")
struct AllocationTests {
  @Test("Allocation-free steps of a trainer after the first")
  func steps() throws {
    guard ridgeline_counts_allocations() == 1 else { return }
    let trainer = try Trainer(
      DeterminismTests.network, input: [32, 32, 1], optimizer: Adam(learningRate: 1e-3),
      schedule: .cosine(steps: 100, minimum: 0), clipping: .norm(1), seed: 3, pool: ThreadPool(threads: 1))
    let data = try Shapeset(seed: 1, count: 160).batch()
    let examples = try TensorDataset(inputs: data.inputs, targets: data.targets)
    var counts: [Int] = []
    counts.reserveCapacity(64)
    try trainer.fit(examples, epochs: 1, batch: 8, progress: { _ in counts.append(ridgeline_allocation_count()) })
    #expect(counts.count >= 20)
    let steps = zip(counts.dropFirst(), counts).map { $0 - $1 }.dropFirst().prefix(18)
    #if DEBUG
      // Iterators of generic code that is not optimized live on the heap.
      #expect(steps.allSatisfy { $0 < 500 }, "\(steps)")
    #else
      #expect(steps.allSatisfy { $0 == 0 }, "\(steps)")
    #endif
  }
}

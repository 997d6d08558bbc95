import Autodiff
import BLAS
import Tensors
import Testing

@Suite("Determinism")
struct DeterminismTests {
  @Test("fifty steps give the same bits for every number of threads and in every run")
  func threads() throws {
    var results: [[String: Tensor<Float>]] = []
    for threads in [1, 2, 4, 4] {
      let network = try SmallNetwork(pool: ThreadPool(threads: threads))
      network.plan.run()
      let first = try network.plan.scalar(network.loss)
      for _ in 1..<50 { network.plan.run() }
      #expect(try network.plan.scalar(network.loss) < 0.7 * first, "the network does not learn")
      results.append(network.state.tensors)
    }
    for result in results { #expect(result == results[0]) }
  }
}

import Autodiff
import BLAS
import Tensors
import Testing

/// Plans so small that they try whether one thread is faster.
@Suite("Threads of small plans")
struct ThreadTrialTests {
  @Test("the bits stay while and after a plan tries")
  func bits() throws {
    let graph = Graph<Float>()
    let x = graph.input([8, 40])
    let weights = (0..<12_000).map { (place: Int) -> Double in Double(place % 89) / 89 - 0.5 }
    let w = graph.constant(Tensor([40, 300], weights.map { Float($0) }))
    let y = sum(square(tanh(x • w)))
    func results(_ threads: Int) throws -> [Double] {
      let plan = try graph.compile([y], state: State(), pool: ThreadPool(threads: threads))
      return try (0..<60).map { run in
        let values = (0..<320).map { (place: Int) -> Float in Float((place * 31 + run) % 101) / 101 - 0.4 }
        try plan.set(x, to: Tensor([8, 40], values))
        if run % 2 == 0 { plan.run() } else { _ = try plan.run(checking: y) { _ in true } }
        return try plan.scalar(y)
      }
    }
    let (alone, shared) = (try results(1), try results(4))
    #expect(alone == shared && Set(alone).count > 30)
  }
}

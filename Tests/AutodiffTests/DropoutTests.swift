import Autodiff
import BLAS
import Tensors
import Testing

@Suite("Dropout")
struct DropoutTests {
  @Test("keeps the mean, masks the gradient alike and draws anew at each step")
  func mask() throws {
    let graph = Graph<Float>()
    let (x, step) = (graph.input([40_000], name: "x"), graph.input([], name: "step"))
    let y = dropout(x, rate: 0.3, step: step, key: 9)
    let gradient = graph.gradients(of: sum(y), withRespectTo: [x])[0]
    let plan = try graph.compile([y, gradient], state: State())
    try plan.set(x, to: Tensor([40_000], repeating: 1))
    func run(_ number: Float) throws -> Tensor<Float> {
      try plan.set(step, to: Tensor(scalar: number))
      plan.run()
      let value = try plan.value(of: y)
      #expect(try plan.value(of: gradient) == value)
      return value
    }
    let first = try run(0)
    let kept = first.elements.filter { $0 != 0 }
    #expect(kept.allSatisfy { Swift.abs($0 - 1 / 0.7) < 1e-6 })
    // Five standard deviations of a binomial mean around 0.7.
    #expect(Swift.abs(Double(kept.count) / 40_000 - 0.7) < 0.0115)
    #expect(try run(1) != first)
    #expect(try run(0) == first)
    // A step that is no number must not trap.
    _ = try run(.nan)
  }

  @Test("of rate 0 is nothing, and a rate of 1 is refused")
  func rates() throws {
    let graph = Graph<Float>()
    let x = graph.input([3])
    #expect(dropout(x, rate: 0, step: x, key: 1) == x)
    _ = dropout(x, rate: 1, step: graph.input([]), key: 1)
    #expect(throws: GraphError.self) { try graph.validate() }
  }
}

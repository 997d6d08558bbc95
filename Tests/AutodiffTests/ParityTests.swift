import Autodiff
import BLAS
import Tensors
import Testing

/// Values and gradients of every operation against PyTorch's in double precision.
@Suite("Parity with PyTorch")
struct ParityTests {
  @Test("in Double", arguments: try ReferenceCase.all())
  func double(_ reference: ReferenceCase) throws {
    try compare(reference, as: Double.self, tolerance: 1e-9)
  }

  @Test("in Float", arguments: try ReferenceCase.all())
  func float(_ reference: ReferenceCase) throws {
    try compare(reference, as: Float.self, tolerance: 1e-5)
  }

  @Test("an operation without a builder is noticed")
  func unknown() throws {
    let known = try #require(ReferenceCase.all().first)
    let stranger = ReferenceCase(
      name: "stranger", operation: "no such operation", attributes: [:], inputs: known.inputs, output: known.output,
      upstream: known.upstream, gradients: known.gradients)
    let graph = Graph<Double>()
    #expect(try ReferenceOperations(reference: stranger, x: [graph.constant(1)]).result() == nil)
  }

  private func compare<S: Scalar>(_ reference: ReferenceCase, as scalar: S.Type, tolerance: Double) throws {
    let graph = Graph<S>()
    let inputs = reference.inputs.map { graph.input(SymbolicShape(Shape($0.shape)), name: $0.name) }
    let result = try #require(
      try ReferenceOperations(reference: reference, x: inputs).result(),
      "\(reference.operation) is not among ReferenceOperations")
    try #require(result.shape == SymbolicShape(Shape(reference.output.shape)))

    let upstream = graph.constant(Tensor<S>(Shape(reference.upstream.shape), reference.upstream.values.map { S($0) }))
    let wanted = inputs.indices.filter { reference.gradients[$0] != nil }
    let gradients = graph.gradients(of: sum(upstream * result), withRespectTo: wanted.map { inputs[$0] })
    let plan = try graph.compile([result] + gradients, state: State())
    for (node, input) in zip(inputs, reference.inputs) where plan.takes(node) {
      try plan.set(node, to: Tensor(Shape(input.shape), input.values.map { S($0) }))
    }
    plan.run()

    func check(_ node: Node<S>, _ expected: ReferenceTensor, _ what: String) throws {
      let value = try plan.value(of: node)
      try #require(value.shape == Shape(expected.shape), "\(what)")
      let worst = furthest(value.elements.map { Double($0) }, from: expected.values)
      #expect(
        worst.error <= tolerance,
        "\(what)[\(worst.index)] is \(value.elements[worst.index]), expected \(expected.values[worst.index])")
    }
    try check(result, reference.output, "the value")
    for (index, gradient) in zip(wanted, gradients) {
      try check(gradient, try #require(reference.gradients[index]), "the gradient of \(reference.inputs[index].name)")
    }
  }
}

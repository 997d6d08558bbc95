import Autodiff
import BLAS
import Foundation
import Tensors
import Testing

/// y_j = Σ x_i over i ≤ j along the last axis, or over i ≥ j where it runs backwards.
struct CumulativeSum: Autodiff.Operation {
  let isReversed: Bool

  var name: String { "cumulative sum" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape {
    guard operands[0].rank > 0 else { throw ShapeMismatch(expected: "an operand with a last axis") }
    return operands[0]
  }

  // The transpose of a running sum is a running sum from the other end.
  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] {
    [context.graph.record(CumulativeSum(isReversed: !isReversed), [context.gradient])]
  }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let columns = result[-1]
    let order = isReversed ? Array((0..<columns).reversed()) : Array(0..<columns)
    return PreparedKernel(workspaceCount: 0, phases: [result.count / columns]) { _, row, at in
      var total: S = 0
      for column in order {
        total += at.operands[0][row * columns + column]
        at.result[row * columns + column] = total
      }
    }
  }
}

/// The running sum along the last axis.
func cumulativeSum<S>(_ x: Node<S>) -> Node<S> { x.graph.record(CumulativeSum(isReversed: false), [x]) }

/// The sum of each image, offered image by image.
struct ImageSum: Autodiff.Operation {
  var name: String { "image sum" }

  func shape(of operands: [SymbolicShape]) throws(ShapeMismatch) -> SymbolicShape { [operands[0][0]] }

  func gradients<S: Scalar>(_ context: GradientContext<S>) -> [Node<S>?] { [nil] }

  func kernel<S: Scalar>(operands: [Shape], result: Shape, as scalar: S.Type) -> PreparedKernel<S> {
    let size = operands[0].count / operands[0][0]
    let byImages = PreparedKernel<S>.ByImages(operandCount: size, resultCount: 1) { at, images, _ in
      for image in images {
        at.result[image] = (0..<size).reduce(0) { $0 + at.operands[0][image * size + $1] }
      }
    }
    return PreparedKernel(workspaceCount: 1, phases: [1], byImages: byImages) { _, _, at in
      byImages.run(at, 0..<operands[0][0], at.workspace)
    }
  }
}

/// The worked example of docs/adding-an-operation.md.
@Suite("Adding an operation")
struct AddingAnOperationTests {
  @Test("gives values and gradients of any order")
  func derivatives() throws {
    let graph = Graph<Double>()
    let x = graph.input([2, 4], name: "x")
    let y = cumulativeSum(x)
    let plan = try graph.compile([y], state: State())
    try plan.set(x, to: Tensor([2, 4], [1, 2, 3, 4, 0, 5, 0, -1]))
    plan.run()
    #expect(try plan.value(of: y).elements == [1, 3, 6, 10, 0, 5, 5, 4])
    let gradient = graph.gradients(of: square(y).weighted, withRespectTo: [x])[0]
    for scalar in [square(y).weighted, sum(square(gradient))] {
      let check = try GradientCheck(of: scalar, withRespectTo: [x], inputs: [(x, distinct([2, 4], "x"))])
      #expect(check.largestError < 1e-6, "\(check)")
    }
  }

  @Test("that works image by image follows a convolution in its tasks")
  func byImages() throws {
    let graph = Graph<Double>()
    let x = graph.input([.batch, 6, 5, 2])
    let kernel = graph.constant(distinct([3, 3, 2, 4], "kernel"))
    let images = tanh(convolution(x, kernel, padding: .same))
    let sums = graph.record(ImageSum(), [images])
    let plan = try graph.compile([images, sums], batch: 30, state: State(), pool: ThreadPool(threads: 4))
    #expect(plan.schedule.count == 1, "\(plan.schedule)")
    try plan.set(x, to: distinct([30, 6, 5, 2], "x"))
    plan.run()
    let elements = try plan.value(of: images).elements
    let expected = (0..<30).map { elements[($0 * 120)..<($0 * 120 + 120)].reduce(0, +) }
    #expect(furthest(try plan.value(of: sums).elements, from: expected).error < 1e-12)
  }

  @Test("is what the documentation shows")
  func documentation() throws {
    let test = URL(filePath: #filePath)
    let root = test.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "docs/adding-an-operation.md"), encoding: .utf8)
    let example = try #require(page.components(separatedBy: "```swift\n").last?.components(separatedBy: "```").first)
    #expect(try String(contentsOf: test, encoding: .utf8).contains(example))
  }
}

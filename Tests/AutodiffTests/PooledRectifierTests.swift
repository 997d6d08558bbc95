import Autodiff
import BLAS
import Tensors
import Testing

/// A rectifier that is pooled: its gradient goes by the places of the maxima and leaves its result alone.
@Suite("Pooled rectifiers")
struct PooledRectifierTests {
  /// Small integers, so that windows tie, many of them at 0.
  private let images = Tensor<Double>([2, 7, 6, 5], (0..<420).map { Double(($0 * 37 + 11) % 9) - 5 })
  private let weights = Tensor<Double>([2, 7, 6, 5], (0..<420).map { Double(($0 * 53) % 17) - 8 })

  private func gradient(
    _ rectifier: (Node<Double>) -> Node<Double>, size: Size2D, stride: Size2D, padding: Padding2D,
    andAlone: Bool = false
  ) throws -> (gradient: Tensor<Double>, labels: [String]) {
    let graph = Graph<Double>()
    let x = graph.input([2, 7, 6, 5])
    let y = rectifier(x)
    let pooled = maxPooling(y, size: size, stride: stride, padding: padding)
    let factors = graph.constant(
      Tensor(pooled.shape.resolved(batch: 1), (0..<pooled.shape.resolved(batch: 1).count).map { Double($0 % 13) - 6 }))
    var loss = sum(pooled * factors)
    if andAlone { loss = loss + sum(y * graph.constant(weights)) }
    let gradient = graph.gradients(of: loss, withRespectTo: [x])[0]
    let plan = try graph.compile([gradient], state: State(), pool: ThreadPool(threads: 2))
    try plan.set(x, to: images)
    plan.run()
    return (try plan.value(of: gradient), plan.schedule.map(\.label))
  }

  @Test(arguments: [(2, 2, 0), (3, 2, 1), (3, 1, 0)])
  func theGradientIsThatOfAMaximumWithZero(_ size: Int, _ stride: Int, _ padding: Int) throws {
    for alone in [false, true] {
      let found = try gradient(
        relu, size: Size2D(size, size), stride: Size2D(stride, stride), padding: .symmetric(padding), andAlone: alone)
      // clamp's gradient, too, is 0 at its bound, but no rule joins it with a pooling.
      let wanted = try gradient(
        { -clamp(-$0, -100...0) }, size: Size2D(size, size), stride: Size2D(stride, stride),
        padding: .symmetric(padding), andAlone: alone)
      let zeros = zip(images.elements, zip(found.gradient.elements, wanted.gradient.elements)).filter { $0.0 != 0 }
      #expect(zeros.count > 300 && zeros.allSatisfy { $0.1.0 == $0.1.1 }, "\(size) \(stride) \(padding) \(alone)")
      for (x, g) in zip(images.elements, found.gradient.elements) where x <= 0 { #expect(g == 0) }
    }
  }
}

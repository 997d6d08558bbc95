import Autodiff
import BLAS
import Tensors
import Testing

/// Gradients of large matrices that updates take block by block.
@Suite("Updates by blocks of a product")
struct BlockedProductTests {
  private let rows = 1101
  private let columns = 1030

  private func values(_ shape: Shape, _ seed: Int) -> Tensor<Double> {
    Tensor(shape, (0..<shape.count).map { Double(($0 * 7919 + seed * 31) % 1009) / 1009 - 0.4 })
  }

  /// Two steps of momentum with weight decay on w, its gradient a product in one of four layouts.
  private func steps(
    _ batch: Int = 7, transposingFirst: Bool, transposingSecond: Bool, threads: Int = 2,
    asking: (_ gradient: Node<Double>) -> [Node<Double>] = { _ in [] }
  ) throws -> (w: Tensor<Double>, labels: [String], arenaBytes: Int) {
    let graph = Graph<Double>()
    let a = graph.constant(values(transposingFirst ? [batch, rows] : [rows, batch], 1))
    let b = graph.constant(values(transposingSecond ? [columns, batch] : [batch, columns], 2))
    let w = graph.variable(
      "w", [rows, columns], .tensor(values([rows, columns], 3)), isTrainable: true)
    let v = graph.variable(
      "v", [rows, columns], .tensor(Tensor([rows, columns], [Double](repeating: 0, count: rows * columns))),
      isTrainable: false)
    let gradient = matrixProduct(a, b, transposingFirst: transposingFirst, transposingSecond: transposingSecond)
    let next = 0.9 * v - 0.25 * (gradient + 0.01 * w)
    graph.update(v, to: next)
    graph.update(w, to: w + next)
    let plan = try graph.compile([w] + asking(gradient), state: State(), pool: ThreadPool(threads: threads))
    plan.run()
    plan.run()
    return (try plan.value(of: w), plan.schedule.map(\.label), plan.arenaBytes)
  }

  private func expected(_ batch: Int = 7) -> [Double] {
    let (a, b) = (values([batch, rows], 1).elements, values([batch, columns], 2).elements)
    var w = values([rows, columns], 3).elements
    var v = [Double](repeating: 0, count: w.count)
    for _ in 0..<2 {
      for i in 0..<rows {
        for j in 0..<columns {
          let g = (0..<batch).reduce(0) { $0 + a[$1 * rows + i] * b[$1 * columns + j] }
          let index = i * columns + j
          v[index] = 0.9 * v[index] - 0.25 * (g + 0.01 * w[index])
          w[index] += v[index]
        }
      }
    }
    return w
  }

  @Test(arguments: [7, 16, 17, 150])
  func momentumTakesTheGradientAsItIsMade(_ batch: Int) throws {
    let (w, labels, arenaBytes) = try steps(batch, transposingFirst: true, transposingSecond: false)
    let wanted = expected(batch)
    #expect(zip(w.elements, wanted).allSatisfy { abs($0 - $1) < 1e-12 })
    // One pass over the weights reads a copy of the small matrix whose rows begin with lines of the cache.
    #expect(labels.count == (batch <= 16 ? 2 : 1), "\(labels)")
    #expect(labels.allSatisfy { $0.contains("matrix product, ") }, "\(labels)")
    #expect(arenaBytes > 0)
    let alone = try steps(batch, transposingFirst: true, transposingSecond: false, threads: 1)
    #expect(alone.w == w)
  }

  @Test("matrices that need not be large: sums are short, or all is in a cache", arguments: [1, 3, 4, 5, 200, 257])
  func smallMatrices(_ inner: Int) throws {
    for (first, second) in [(true, false), (false, false), (true, true)] {
      let graph = Graph<Double>()
      let a = graph.constant(values(first ? [inner, 131] : [131, inner], 1))
      let b = graph.constant(values(second ? [83, inner] : [inner, 83], 2))
      let (w, v) = (
        graph.variable("w", [131, 83], .tensor(values([131, 83], 3)), isTrainable: true),
        graph.variable("v", [131, 83], .tensor(values([131, 83], 4)), isTrainable: false)
      )
      let rate = graph.input([], name: "rate")
      let next = 0.9 * v + matrixProduct(a, b, transposingFirst: first, transposingSecond: second)
      graph.update(v, to: next)
      graph.update(w, to: w - rate * next)
      let plan = try graph.compile([w, v], state: State(), pool: ThreadPool(threads: 2))
      try plan.set(rate, to: 0.25)
      plan.run()
      // Where the second matrix is stored transposed, one pass over its rows does not make a block.
      #expect((plan.schedule.count == 1) == (inner <= 256 && !second), "\(plan.schedule)")
      let (x, y) = (try plan.value(of: w).elements, try plan.value(of: v).elements)
      let (old, before) = (values([131, 83], 3).elements, values([131, 83], 4).elements)
      let (left, right) = (values([131 * inner], 1).elements, values([83 * inner], 2).elements)
      for (i, j) in (0..<131).flatMap({ i in (0..<83).map { (i, $0) } }) {
        let g = (0..<inner).reduce(0) {
          $0 + left[first ? $1 * 131 + i : i * inner + $1] * right[second ? j * inner + $1 : $1 * 83 + j]
        }
        let wanted = 0.9 * before[i * 83 + j] + g
        let tolerance = 1e-14 * Double(Swift.max(1, inner / 4))
        #expect(abs(y[i * 83 + j] - wanted) < tolerance)
        #expect(abs(x[i * 83 + j] - (old[i * 83 + j] - 0.25 * wanted)) < tolerance)
      }
    }
  }

  @Test func everyLayoutOfTheProduct() throws {
    for (first, second) in [(false, false), (false, true), (true, true)] {
      // The operands' elements stand in other places, so that the values are those of another product.
      let (w, labels, _) = try steps(transposingFirst: first, transposingSecond: second)
      let kept = try steps(transposingFirst: first, transposingSecond: second) { [$0] }
      #expect(labels.count == 1 && kept.labels.count > 1, "\(labels) \(kept.labels)")
      #expect(zip(w.elements, kept.w.elements).allSatisfy { abs($0 - $1) < 1e-12 }, "\(first) \(second)")
    }
  }

  @Test func aGradientThatIsReadElsewhereIsKept() throws {
    let (w, labels, _) = try steps(transposingFirst: true, transposingSecond: false) { [$0] }
    #expect(labels.count > 1 && zip(w.elements, expected()).allSatisfy { abs($0 - $1) < 1e-12 })
    let squared = try steps(transposingFirst: true, transposingSecond: false) { [sum($0 * $0)] }
    #expect(squared.labels.count > 1 && squared.w == w)
  }

  @Test func aProductOfTheVariableItselfIsFinishedFirst() throws {
    let graph = Graph<Double>()
    let w = graph.variable("w", [1024, 1024], .tensor(values([1024, 1024], 3)), isTrainable: true)
    let x = graph.constant(values([1024, 4], 1))
    let inner = matrixProduct(w, x)
    graph.update(w, to: 0.5 * w + matrixProduct(inner, x, transposingSecond: true))
    let plan = try graph.compile([w], state: State(), pool: ThreadPool(threads: 2))
    plan.run()
    let (start, factor) = (values([1024, 1024], 3).elements, values([1024, 4], 1).elements)
    let found = try plan.value(of: w).elements
    for i in stride(from: 0, to: 1024, by: 97) {
      let row = (0..<4).map { k in (0..<1024).reduce(0) { $0 + start[i * 1024 + $1] * factor[$1 * 4 + k] } }
      for j in 0..<1024 {
        let wanted = 0.5 * start[i * 1024 + j] + (0..<4).reduce(0) { $0 + row[$1] * factor[j * 4 + $1] }
        #expect(abs(found[i * 1024 + j] - wanted) < 1e-10)
      }
    }
  }
}

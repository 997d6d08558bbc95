import Autodiff
import BLAS
import Kernels
import Tensors
import Testing

/// Elementwise operations that are run by the tasks of the kernel before them.
@Suite("Tails of kernels")
struct TailTests {
  /// A graph that wants only its end beside the same graph that wants every node, where no memory is used twice.
  private func check(
    batch: Int, steps: Int, of shape: Shape = [24, 20, 3], threads: Int = 4,
    _ body: (Node<Double>) -> [Node<Double>]
  ) throws {
    let (lean, full) = (Graph<Double>(), Graph<Double>())
    let (x, all) = (lean.input(SymbolicShape([.batch] + shape.dimensions.map { Dimension($0) })), full)
    let ends = body(x)
    let y = all.input(SymbolicShape([.batch] + shape.dimensions.map { Dimension($0) }))
    let everything = body(y)
    let plan = try lean.compile(
      [ends[ends.count - 1]], batch: batch, state: State(), pool: ThreadPool(threads: threads))
    let reference = try all.compile(everything, batch: batch, state: State(), pool: ThreadPool(threads: 1))
    #expect(plan.schedule.count == steps, "\(plan.schedule)")
    let count = batch * shape.count
    let values = Tensor<Double>(
      Shape([batch] + shape.dimensions), (0..<count).map { Double($0 * 7919 % 1009) / 1009 - 0.4 })
    try plan.set(x, to: values)
    try reference.set(y, to: values)
    plan.run()
    reference.run()
    #expect(try plan.value(of: ends[ends.count - 1]) == reference.value(of: everything[everything.count - 1]))
  }

  private func kernel(_ graph: Graph<Double>, _ shape: Shape) -> Node<Double> {
    graph.constant(Tensor(shape, (0..<shape.count).map { Double($0 * 31 % 17) / 17 - 0.5 }))
  }

  @Test("bias and activation follow a convolution in its tasks", arguments: [1, 3, 40])
  func convolutionWithBias(_ batch: Int) throws {
    try check(batch: batch, steps: 1) { x in
      let result = convolution(x, kernel(x.graph, [3, 3, 3, 5]), padding: .same, algorithm: .direct)
      let bias = x.graph.constant(Tensor([5], [0.1, -0.2, 0.3, 0, 1]))
      return [result, tanh(result + bias)]
    }
  }

  @Test("bias and activation follow a product that is summed in parts", arguments: [1, 2, 4])
  func productInParts(_ threads: Int) throws {
    try check(batch: 10, steps: 2, of: [600], threads: threads) { x in
      let result = x • kernel(x.graph, [600, 700])
      let bias = kernel(x.graph, [700])
      return [result, tanh(result + bias)]
    }
  }

  @Test("a tail does not write where other tasks of its kernel still read", arguments: [1, 4])
  func operandsThatDie(_ threads: Int) throws {
    // A dilated convolution is lowered, in blocks of an image's rows: each task reads rows that belong to its neighbours,
    // and the tail's result must not take their place.
    try check(batch: 1, steps: 2, of: [96, 64, 8], threads: threads) { x in
      let before = averagePooling(x, size: 1)
      let result = convolution(before, kernel(x.graph, [3, 3, 8, 8]), padding: .same, dilation: 2)
      return [before, result, tanh(before - result)]
    }
  }

  @Test("a tail over each block of a filtered convolution's rows reads no operand that died", arguments: [1, 4])
  func operandsThatDieBlockByBlock(_ threads: Int) throws {
    // Several blocks a task, of which the next reads rows that belong to the one before.
    try check(batch: 1, steps: 3, of: [384, 64, 8], threads: threads) { x in
      let before = averagePooling(x, size: 1)
      let bias = x.graph.constant(Tensor([8], (0..<8).map { Double($0) / 8 }))
      let result = convolution(before, kernel(x.graph, [3, 3, 8, 8]), padding: .same, algorithm: .winograd)
      return [before, result, tanh(before - (result + bias))]
    }
  }

  @Test("a tail does not update what other tasks of its kernel still read", arguments: [1, 4])
  func updatedOperands(_ threads: Int) throws {
    let (graph, shape) = (Graph<Double>(), Shape([1, 96, 64, 8]))
    let start = Tensor<Double>(shape, (0..<shape.count).map { Double($0 * 7919 % 1009) / 1009 - 0.4 })
    let image = graph.variable("image", shape, .tensor(start), isTrainable: false)
    let result = tanh(convolution(image, kernel(graph, [3, 3, 8, 8]), padding: .same, dilation: 2))
    let reference = try graph.compile([result], state: State(), pool: ThreadPool(threads: 1))
    reference.run()
    graph.update(image, to: result)
    let state = State<Double>()
    let plan = try graph.compile([], state: state, pool: ThreadPool(threads: threads))
    #expect(plan.schedule[0].tasks > 1)
    plan.run()
    #expect(try state["image"] == reference.value(of: result))
  }

  @Test("a kernel's result is repeated only when all of it is there")
  func repeatedResult() throws {
    try check(batch: 3, steps: 2, of: [1, 6, 3]) { x in
      let row = averagePooling(x, size: Size2D(1, 6))
      return [row, tanh(x + row)]
    }
  }

  /// Two images are one task for the pooling and two for the convolution, forty as many for both.
  @Test("a convolution's way back goes on in the tasks of its way there", arguments: [(2, 2), (40, 1)])
  func wayBack(_ batch: Int, _ steps: Int) throws {
    try check(batch: batch, steps: steps) { x in
      let y = tanh(convolution(x, kernel(x.graph, [3, 3, 3, 4])))
      let pooled = averagePooling(y, size: 2)
      let loss = sum(square(pooled))
      return [y, pooled, x.graph.gradients(of: loss, withRespectTo: [x])[0]]
    }
  }

  @Test("pooling follows its images' convolution and activation", arguments: [1, 3, 40], [true, false])
  func poolingAfterConvolution(_ batch: Int, _ takesMaximum: Bool) throws {
    try check(batch: batch, steps: 1) { x in
      let y = relu(convolution(x, kernel(x.graph, [3, 3, 3, 5]), padding: .same) + 0.1)
      let pooled = takesMaximum ? maxPooling(y, size: 3, stride: 2) : averagePooling(y, size: 2)
      return [y, pooled, tanh(pooled)]
    }
  }

  @Test("pooling waits where a task makes parts of images only")
  func partsOfImages() throws {
    // Pooling's own tasks make rows: the next pooling cannot follow in them.
    try check(batch: 1, steps: 2, of: [64, 64, 16]) { x in
      let once = averagePooling(x, size: 2)
      return [once, averagePooling(once, size: 2)]
    }
  }

  @Test("what a group has read is not written by it")
  func groupsShareNoMemory() throws {
    // A pooled image is twice as large as an image before the convolution: if it took that memory, it would overwrite the
    // next one, which another task of the group has yet to convolve.
    try check(batch: 40, steps: 2) { x in
      let before = averagePooling(x, size: 1)
      let y = tanh(convolution(before, kernel(x.graph, [3, 3, 3, 6]), padding: .same, algorithm: .direct))
      return [before, y, averagePooling(y, size: 3, stride: 1, padding: .same)]
    }
  }
}

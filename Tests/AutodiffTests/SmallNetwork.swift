import Autodiff
import BLAS
import Tensors

/// A convolutional network with SGD in its plan, for tests of whole steps.
struct SmallNetwork {
  let graph = Graph<Float>()
  let images: Node<Float>
  let labels: Node<Float>
  let loss: Node<Float>
  let state = State<Float>(seed: 5)
  let plan: Plan<Float>

  init(pool: ThreadPool, batch: Int = 16) throws {
    images = graph.input([.batch, 12, 12, 2], name: "images")
    labels = graph.input([.batch], name: "labels")
    let kernel = graph.parameter("kernel", [3, 3, 2, 16], .glorotUniform)
    let bias = graph.parameter("bias", [16], .zeros)
    let dense = graph.parameter("dense", [400, 10], .glorotUniform)
    let step = graph.variable("step", [], .tensor(Tensor(scalar: 0)), isTrainable: false)
    graph.update(step, to: step + 1)
    let features = maxPooling(tanh(convolution(images, kernel) + bias), size: 2)
    let kept = dropout(features.reshaped(to: [.batch, 400]), rate: 0.2, step: step, key: 3)
    loss = mean(softmaxCrossEntropy(kept • dense, labels: labels))
    let parameters = [kernel, bias, dense]
    for (parameter, gradient) in zip(parameters, graph.gradients(of: loss, withRespectTo: parameters)) {
      graph.update(parameter, to: parameter - 0.05 * gradient)
    }
    plan = try graph.compile([loss], batch: batch, state: state, pool: pool)
    let values = distinct([batch, 12, 12, 2], "images")
    try plan.set(images, to: Tensor(values.shape, values.elements.map { Float($0) }))
    try plan.set(labels, to: Tensor([batch], indices([batch], below: 10).elements.map { Float($0) }))
  }
}

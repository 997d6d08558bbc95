import ArgumentParser
import Autodiff
import BLAS
import Foundation
import Models
import NeuralNetworks
import Tensors

/// One network on given weights and images: its logits, the gradient of every parameter, and its loss along some steps of
/// gradient descent, for comparison with another implementation of the same network.
///
/// Dropout is left out. The file that is read holds the parameters under their names, `images` [n, rows, columns, channels]
/// and `labels` [n]; the one that is written holds `logits`, `gradient/` and a name for each parameter, and `losses`. The last
/// line of the output is JSON: the most memory that the process held, and the time of the fastest step.
@main
struct NetworkParity: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network-parity", abstract: "Compute a network's logits, gradients and losses on given weights.")

  @Argument(help: "The network, as `ridgeline summary` takes it.")
  var network: String
  @Option(help: "The parameters, images and labels (safetensors).")
  var given: String
  @Option(help: "Where to write the results (safetensors); where not given only the steps are made.")
  var output: String?
  @Option(help: "Steps of gradient descent on the same images.")
  var steps = 20
  @Option(help: "The learning rate.")
  var learningRate = 0.01
  @Option(help: "The momentum.")
  var momentum = 0.9

  mutating func validate() throws {
    guard (0...100_000).contains(steps) else { throw ValidationError("--steps is 0 to 100,000, found \(steps)") }
  }

  func run() throws {
    var file = try NamedTensors(contentsOf: URL(fileURLWithPath: given))
    let images: Tensor<Float> = try file.tensor("images")
    let labels: Tensor<Float> = try file.tensor("labels", shape: [images.shape.rank == 4 ? images.shape[0] : 0])
    let model = try Model(named: network, input: images.shape[1])
    let layers = Sequential(model.network.layers.filter { !($0 is Dropout) })

    let graph = Graph<Float>()
    let input = graph.input(SymbolicShape([.batch] + images.shape.dimensions.dropFirst().map { Dimension($0) }))
    let (target, rate) = (graph.input([.batch]), graph.input([]))
    let (logits, context) = layers(input, mode: .training(step: graph.constant(0)))
    let loss = Loss.softmaxCrossEntropy(logits, target)
    let parameters = graph.trainableVariables
    let names = parameters.map { graph.name(of: $0) ?? "" }
    let gradients = graph.gradients(of: loss, withRespectTo: parameters)
    let state = State<Float>()
    for (name, parameter) in zip(names, parameters) {
      let value: Tensor<Float> = try file.tensor(name, shape: parameter.shape.resolved(batch: 1))
      state[name] = value
    }
    file = NamedTensors()

    var results = NamedTensors(metadata: ["architecture": model.architecture, "variant": model.variant])
    if output != nil {
      let plan = try graph.compile([logits] + gradients, batch: images.shape[0], state: state, updating: false)
      try plan.set(input, to: images)
      try plan.set(target, to: labels)
      plan.run()
      results.insert(try plan.value(of: logits), named: "logits")
      for (name, gradient) in zip(names, gradients) {
        results.insert(try plan.value(of: gradient), named: "gradient/\(name)")
      }
    }

    let optimized = zip(zip(names, parameters), gradients).map { parameter, gradient in
      OptimizedParameter(
        variable: parameter.1, gradient: gradient, name: parameter.0,
        isWeight: !context.unpenalizedNames.contains(parameter.0))
    }
    SGD(learningRate: learningRate, momentum: momentum)
      .record(OptimizerContext(graph: graph, parameters: optimized, learningRate: rate))
    let plan = try graph.compile([loss], batch: images.shape[0], state: state)
    try plan.set(input, to: images)
    try plan.set(target, to: labels)
    try plan.set(rate, to: learningRate)
    var fastest = Double.infinity
    let losses = try (0...steps).map { _ in
      fastest = min(fastest, ContinuousClock().measure { plan.run() } / .seconds(1))
      return Float(try plan.scalar(loss))
    }
    if let output {
      results.insert(Tensor(losses), named: "losses")
      try results.write(to: URL(fileURLWithPath: output))
    }
    print("{\"peak_bytes\": \(ProcessMemory.peakResidentBytes ?? 0), \"seconds_per_step\": \(fastest)}")
  }
}

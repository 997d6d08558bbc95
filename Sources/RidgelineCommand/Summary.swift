import ArgumentParser
import Foundation
import Ridgeline

struct Summary: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a network's layers, shapes, parameters, connections, multiply-adds, memory and departures.",
    discussion: """
      Nothing is trained and no weight is drawn. The table is about one example; multiply-adds are those of its forward \
      pass. The memory is that of a step of training with the recipe's optimizer: parameters; what the optimizer remembers, \
      as velocities; activations, gradients and scratch, each only while it is needed.

      With --json it is one object: architecture, variant, input, classes, parameters, neurons, connections, multiply_adds, \
      activation_bytes (of one example), layers, batch, batch_activation_bytes, training_memory (parameter_bytes, \
      optimizer_bytes, step_bytes, total_bytes), recipe and departures; with --plan also plan, a list of calls (layer, \
      operations, method, reason, in_tasks_before, beside_call_before, recomputed, images_at_a_time, result_bytes, \
      scratch_bytes).

      --plan lists the kernel calls of a training step, or with --inference of a forward pass: what runs together, which \
      algorithm was chosen and why. A line that begins with + is computed by the tasks of the line above, while its values \
      are in the cache; one that begins with | runs at the same time as the line above; \
      one that says "again" is computed for the second time, to keep within --memory-budget or because reading it would \
      take as long; one that says "by 8" goes on with its neighbours that say so before it takes the next 8 images.
      """)

  @OptionGroup var modelOptions: ModelOptions
  @Option(help: "Examples a step, for the memory; the recipe's where not given.")
  var batch: Int?
  @Option(help: "Rows and columns of an image; the published network's where not given.")
  var input: Int?
  @Option(help: "How many classes; the published network's where not given.")
  var classes: Int?
  @Flag(help: "List the kernel calls of a step, how each computes and why.")
  var plan = false
  @Flag(help: "Plan inference instead of training.")
  var inference = false
  @OptionGroup var convolutionOptions: ConvolutionOptions
  @OptionGroup var memoryOptions: MemoryBudgetOptions
  @Flag(help: "Print one line of JSON.")
  var json = false

  mutating func validate() throws {
    if inference, memoryOptions.bytes != nil {
      throw ValidationError("--memory-budget is about training; leave out --inference")
    }
    if inference, !plan { throw ValidationError("--inference says which step --plan lists; give --plan too") }
    if let batch, batch < 1 { throw ValidationError("--batch is 1 or more, found \(batch)") }
    do {
      _ = try modelOptions.model(input: input, classes: classes)
    } catch {
      throw ValidationError(error.description)
    }
  }

  // The names are the keys of the JSON object.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  struct Report: Encodable {
    struct Memory: Encodable {
      let parameterBytes: Int
      let optimizerBytes: Int
      let stepBytes: Int
      let totalBytes: Int
    }

    let architecture: String
    let variant: String
    let input: [Int]
    let classes: Int
    let parameters: Int
    let neurons: Int
    let connections: Int
    let multiplyAdds: Int
    let activationBytes: Int
    let layers: [NetworkSummary.Layer]
    let batch: Int
    let batchActivationBytes: Int
    let trainingMemory: Memory
    let recipe: [String]
    let departures: [String]
    let plan: [PlanTable.Line]?
  }

  func run() throws {
    var model = try modelOptions.model(input: input, classes: classes)
    model.network = try convolutionOptions.applied(to: model.network)
    let budget = memoryOptions.bytes
    let calls =
      plan
      ? try model.stepPlan(inference ? .inference : .training, batch: batch, memoryBudget: budget).calls : nil
    let summary = try NetworkSummary(model.network, input: model.inputShape)
    let memory = try model.trainingMemory(batch: batch, memoryBudget: budget)
    let (activationBytes, isTooMuch) = summary.activationBytes.multipliedReportingOverflow(by: memory.batch)
    guard !isTooMuch else { throw CommandError("--batch \(memory.batch) has more activations than can be counted") }
    if json {
      return try Output.json(
        Report(
          architecture: model.architecture, variant: model.variant, input: model.inputShape.dimensions,
          classes: model.classes, parameters: summary.parameters, neurons: summary.neurons,
          connections: summary.connections, multiplyAdds: summary.multiplyAdds,
          activationBytes: summary.activationBytes, layers: summary.layers, batch: memory.batch,
          batchActivationBytes: activationBytes,
          trainingMemory: .init(
            parameterBytes: memory.parameterBytes, optimizerBytes: memory.optimizerBytes, stepBytes: memory.stepBytes,
            totalBytes: memory.totalBytes),
          recipe: model.recipe.description.split(separator: "\n").map(String.init), departures: model.departures,
          plan: calls?.map { PlanTable.Line($0) }))
    }
    let departures = model.departures.map { "- \($0)" }.joined(separator: "\n")
    try Output.line(
      """
      \(model.architecture) \(model.variant), input \(model.inputShape), \(model.classes) classes
      \(model.citation)

      \(summary)

      Memory at a batch of \(memory.batch):
      all layers' outputs     \(megabytes(activationBytes))
      training                \(megabytes(memory.totalBytes))
        parameters            \(megabytes(memory.parameterBytes))
        optimizer             \(megabytes(memory.optimizerBytes))
        a step                \(megabytes(memory.stepBytes))   activations, gradients, scratch and inputs

      Recipe:
      \(model.recipe)

      Where it departs from the paper:
      \(departures)
      """)
    guard let calls else { return }
    try Output.line(
      """

      \(inference ? "A forward pass" : "A training step") at a batch of \(memory.batch), \(calls.count) kernel calls:
      \(PlanTable(calls))
      """)
  }

  private func megabytes(_ bytes: Int) -> String { String(format: "%10.1f MB", Double(bytes) / 1e6) }
}

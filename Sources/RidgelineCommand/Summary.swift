import ArgumentParser
import Foundation
import Models
import NeuralNetworks

struct Summary: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a network's layers, shapes, parameters, connections, multiply-adds, memory and departures.")

  @OptionGroup var modelOptions: ModelOptions
  @Flag(help: "Print one line of JSON.")
  var json = false

  // The names are the keys of the JSON object.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  struct Report: Encodable {
    let architecture: String
    let variant: String
    let parameters: Int
    let neurons: Int
    let connections: Int
    let multiplyAdds: Int
    let activationBytes: Int
    let layers: [NetworkSummary.Layer]
    let departures: [String]
  }

  func run() throws {
    let model = try modelOptions.model()
    let summary = try NetworkSummary(model.network, input: model.inputShape)
    if json {
      return try Output.json(
        Report(
          architecture: model.architecture, variant: model.variant, parameters: summary.parameters,
          neurons: summary.neurons, connections: summary.connections, multiplyAdds: summary.multiplyAdds,
          activationBytes: summary.activationBytes, layers: summary.layers, departures: model.departures))
    }
    let departures = model.departures.map { "- \($0)" }.joined(separator: "\n")
    try Output.line(
      """
      \(model.architecture) \(model.variant), input \(model.inputShape)
      \(model.citation)

      \(summary)

      Where it departs from the paper:
      \(departures)
      """)
  }
}

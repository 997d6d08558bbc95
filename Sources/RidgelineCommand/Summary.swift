import ArgumentParser
import Foundation
import Ridgeline

struct Summary: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a network's layers, shapes, parameters, connections, multiply-adds, memory and departures.")

  @OptionGroup var modelOptions: ModelOptions
  @Flag(help: "Print one line of JSON.")
  var json = false

  func run() throws { print(try modelOptions.model().architecture) }
}

import ArgumentParser
import Ridgeline

/// How convolutions are computed, where somebody wants to say so.
struct ConvolutionOptions: ParsableArguments {
  @Option(
    name: .customLong("convolution"),
    help: ArgumentHelp(
      "Compute every convolution by this algorithm, or with NAME=ALGORITHM that of one layer "
        + "(\(ConvolutionAlgorithm.allCases.map(\.rawValue).joined(separator: ", "))); may be repeated.",
      valueName: "algorithm"))
  var convolutions: [String] = []

  mutating func validate() throws {
    for text in convolutions { _ = try Self.parse(text) }
  }

  /// The network with what was said.
  func applied(to network: Sequential) throws -> Sequential {
    try convolutions.reduce(network) { network, text in
      let (name, algorithm) = try Self.parse(text)
      do {
        return try network.computing(name, by: algorithm)
      } catch {
        throw CommandError("--convolution \(text): \(error)")
      }
    }
  }

  private static func parse(_ text: String) throws -> (name: String?, ConvolutionAlgorithm) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let word = parts.last, let algorithm = ConvolutionAlgorithm(rawValue: word),
      parts.count == 1 || parts[0] != ""
    else {
      let known = ConvolutionAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--convolution is ALGORITHM or NAME=ALGORITHM with one of \(known), found '\(text)'")
    }
    return (parts.count == 2 ? parts[0] : nil, algorithm)
  }
}

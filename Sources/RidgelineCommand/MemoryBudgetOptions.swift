import ArgumentParser
import Foundation

/// How much memory a training step may take.
struct MemoryBudgetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The most memory for activations, gradients and scratch of a training step, such as 400MB, 1.5GB, 512MiB or a number of \
      bytes. Where they take more, activations are computed again for the backward pass, to the same bits in more \
      time. Each batch size that occurs, such as that of an epoch's last batch, has a plan of its own within the budget.
      """, valueName: "size"))
  var memoryBudget: ByteCount?

  /// The bytes, if a budget was given.
  var bytes: Int? { memoryBudget?.bytes }
}

/// A number of bytes as people write it.
struct ByteCount: ExpressibleByArgument, Equatable {
  let bytes: Int

  private static let units: [(name: String, bytes: Double)] = [
    ("KIB", 0x1p10), ("MIB", 0x1p20), ("GIB", 0x1p30), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1), ("", 1),
  ]

  /// A positive number below 2^53, a fraction of a unit included, with or without the unit; nil for anything else.
  init?(argument: String) {
    let text = argument.uppercased()
    guard let unit = Self.units.first(where: { text.hasSuffix($0.name) }) else { return nil }
    let digits = text.dropLast(unit.name.count).trimmingCharacters(in: .whitespaces)
    guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let number = Double(digits) else {
      return nil
    }
    let count = (number * unit.bytes).rounded()
    guard count >= 1, count < 0x1p53 else { return nil }
    bytes = Int(count)
  }
}

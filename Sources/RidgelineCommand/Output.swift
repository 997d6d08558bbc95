import BLAS
import Foundation
import Terminal

/// Results on standard output; one that cannot be written is an error.
enum Output {
  static func line(_ text: String) throws { try StandardOutput.line(text) }

  /// One JSON object on one line; its numbers that are not finite become texts, which JSON has room for.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try line(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}

/// The most memory that this process has held at a time, in bytes; 0 where the system does not say.
func peakResidentBytes() -> Int { ProcessMemory.peakResidentBytes ?? 0 }

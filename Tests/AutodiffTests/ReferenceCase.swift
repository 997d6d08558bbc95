import Foundation
import Testing

/// A tensor as PyTorch's reference files hold it: row-major values.
struct ReferenceTensor: Decodable, Sendable {
  let shape: [Int]
  let values: [Double]
}

/// An attribute of an operation: a number, a flag, a word or a list of whole numbers.
enum ReferenceAttribute: Decodable, Sendable {
  case flag(Bool)
  case number(Double)
  case word(String)
  case list([Int])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let word = try? container.decode(String.self) {
      self = .word(word)
    } else {
      self = .list(try container.decode([Int].self))
    }
  }
}

/// What PyTorch computes for one operation on given inputs, with the gradient of `sum(upstream * output)`.
struct ReferenceCase: Decodable, Sendable, CustomTestStringConvertible {
  struct Input: Decodable, Sendable {
    let name: String
    let shape: [Int]
    let values: [Double]
  }

  let name: String
  let operation: String
  let attributes: [String: ReferenceAttribute]
  let inputs: [Input]
  let output: ReferenceTensor
  let upstream: ReferenceTensor
  /// One for each input; nil at indices.
  let gradients: [ReferenceTensor?]

  var testDescription: String { name }

  func flag(_ key: String) throws -> Bool {
    guard case .flag(let value) = attributes[key] else { throw MissingAttribute(name: name, key: key) }
    return value
  }

  func number(_ key: String) throws -> Double {
    guard case .number(let value) = attributes[key] else { throw MissingAttribute(name: name, key: key) }
    return value
  }

  func word(_ key: String) throws -> String {
    guard case .word(let value) = attributes[key] else { throw MissingAttribute(name: name, key: key) }
    return value
  }

  func list(_ key: String) throws -> [Int] {
    guard case .list(let value) = attributes[key] else { throw MissingAttribute(name: name, key: key) }
    return value
  }

  struct MissingAttribute: Error, CustomStringConvertible {
    let name: String
    let key: String
    var description: String { "the reference case \(name) has no attribute \(key) of the wanted kind" }
  }

  /// Every case of `Fixtures/operations.json`.
  static func all() throws -> [ReferenceCase] {
    struct File: Decodable { let cases: [ReferenceCase] }
    let url = try #require(
      Bundle.module.url(forResource: "operations", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(File.self, from: Data(contentsOf: url)).cases
  }
}

/// The place where `actual` is furthest from `expected`, the error relative to max(|actual|, |expected|, 1).
/// A NaN counts as infinitely far.
func furthest(_ actual: [Double], from expected: [Double]) -> (index: Int, error: Double) {
  precondition(actual.count == expected.count, "\(actual.count) values cannot be compared with \(expected.count)")
  var worst = (index: 0, error: 0.0)
  for (index, (a, b)) in zip(actual, expected).enumerated() {
    let error = abs(a - b) / max(abs(a), abs(b), 1)
    if error.isNaN || error > worst.error { worst = (index, error.isNaN ? .infinity : error) }
  }
  return worst
}

import Foundation
import Testing

/// A folder of regression files and the program that reads them.
struct RegressionFiles {
  let folder: URL

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  @discardableResult
  func write(_ text: String, to name: String = "data.csv") throws -> String {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    return path(name)
  }

  func read(_ name: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }

  /// Runs `regress` and returns the JSON of its result.
  func json(
    _ arguments: [String], status: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [String: Any] {
    let outcome = try Program.run(["regress", "--json"] + arguments)
    #expect(!outcome.wasSignalled && outcome.status == status, "\(outcome)", sourceLocation: sourceLocation)
    return try outcome.json()
  }

  static let x: [Double] = [1, 2, 4, 7, 11, 16]
  static let y: [Double] = [3, 1, 8, 9, 20, 25]
  /// One column that explains a target, and a word beside it.
  static let simple =
    "size,word,cost\n" + zip(x, y).enumerated().map { "\($1.0),\($0 % 2 == 0 ? "even" : "odd"),\($1.1)\n" }.joined()

  /// The standardised column's coefficient of one column in closed form: soft(z'y, l1/2) / (z'z + l2) with z'z = n.
  static func standardised(l1: Double, l2: Double) -> (coefficient: Double, scale: Double) {
    let n = Double(x.count)
    let (meanX, meanY) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
    let scale = (x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) } / n).squareRoot()
    let product = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) / scale * ($1.1 - meanY) }
    return (max(product - l1 / 2, 0) / (n + l2), scale)
  }

  static func with(_ body: (RegressionFiles) throws -> Void) throws {
    try withTemporaryFolder { try body(RegressionFiles(folder: $0)) }
  }
}

extension [String: Any] {
  /// A number of a JSON object.
  func number(_ key: String, _ location: SourceLocation = #_sourceLocation) throws -> Double {
    try #require(self[key] as? Double, "\(key) in \(self)", sourceLocation: location)
  }

  func numbers(_ key: String, _ location: SourceLocation = #_sourceLocation) throws -> [Double] {
    try #require(self[key] as? [Double], "\(key) in \(self)", sourceLocation: location)
  }

  /// The numbers of an object within a JSON object.
  func named(_ key: String, _ location: SourceLocation = #_sourceLocation) throws -> [String: Double] {
    try #require(self[key] as? [String: Double], "\(key) in \(self)", sourceLocation: location)
  }
}

func isClose(_ a: Double, _ b: Double, _ tolerance: Double = 1e-10) -> Bool {
  (a - b).magnitude <= tolerance * max(a.magnitude, b.magnitude, 1)
}

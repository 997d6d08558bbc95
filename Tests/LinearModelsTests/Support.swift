import BLAS
import Foundation
import LinearModels
import Tensors
import Testing

/// A random regression, dense, with means far from 0 and spreads of several orders.
struct TestProblem {
  var x: Matrix<Double>
  var y: [Double]
  var weights: [Double]
  var offsets: [Double]

  init(_ n: Int, _ p: Int, seed: UInt64, correlation: Double = 0.3, signals: Int = 3, density: Double = 1) {
    var random = RandomGenerator(seed: seed)
    x = Matrix(rows: n, columns: p)
    var beta = [Double](repeating: 0, count: p)
    for j in 0..<min(signals, p) { beta[(j * 7) % p] += random.normal() * 2 }
    y = []
    for i in 0..<n {
      var previous = random.normal()
      var signal = 0.0
      for j in 0..<p {
        previous = correlation * previous + (1 - correlation * correlation).squareRoot() * random.normal()
        let kept = density == 1 || random.uniform() < density
        x[i, j] = kept ? (previous + Double(j % 3)) * (1 + Double(j % 4)) : 0
        signal += beta[j] * previous
      }
      y.append(5 + signal + random.normal())
    }
    weights = (0..<n).map { _ in 0.25 + random.uniform() * 2 }
    offsets = (0..<n).map { _ in random.normal() }
  }

  var dense: DesignMatrix { get throws { try DesignMatrix(x) } }

  var sparse: DesignMatrix {
    get throws {
      var entries: [(row: Int, column: Int, value: Double)] = []
      for i in 0..<x.rows {
        for j in 0..<x.columns where x[i, j] != 0 { entries.append((i, j, x[i, j])) }
      }
      return try DesignMatrix(SparseMatrix(rows: x.rows, columns: x.columns, entries: entries))
    }
  }
}

/// Standardises by the definitions, in plain loops: the oracle of everything that standardises.
struct NaiveStandardisation {
  var columns: [[Double]] = []
  var means: [Double] = []
  var scales: [Double] = []
  var target: [Double] = []
  var targetMean = 0.0

  init(
    _ x: Matrix<Double>, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil,
    _ standardisation: Standardisation = .population, intercept: Bool = true
  ) {
    let n = x.rows
    let w = weights ?? [Double](repeating: 1, count: n)
    let total = w.reduce(0, +)
    func mean(_ v: [Double]) -> Double { zip(w, v).map { $0 * $1 }.reduce(0, +) / total }
    func norm(_ v: [Double]) -> Double { zip(w, v).map { $0 * $1 * $1 }.reduce(0, +) }
    for j in 0..<x.columns {
      let v = (0..<n).map { x[$0, j] }
      let m = mean(v)
      let spread = norm(v.map { $0 - m })
      let entering = intercept ? v.map { $0 - m } : v
      let rows = Double(w.count { $0 > 0 })
      var scale = 1.0
      switch standardisation {
      case .population: scale = (spread / total).squareRoot()
      case .sample: scale = (spread / total * rows / (rows - 1)).squareRoot()
      case .unitNorm: scale = norm(entering).squareRoot()
      case .none: break
      }
      if scale == 0 { scale = 1 }
      means.append(intercept ? m : 0)
      scales.append(scale)
      columns.append((0..<n).map { w[$0].squareRoot() * entering[$0] / scale })
    }
    let t = (0..<n).map { y[$0] - (offsets?[$0] ?? 0) }
    targetMean = intercept ? mean(t) : 0
    target = (0..<n).map { w[$0].squareRoot() * (t[$0] - targetMean) }
  }

  func residual(_ b: [Double]) -> [Double] {
    var r = target
    for (j, column) in columns.enumerated() where b[j] != 0 {
      for i in r.indices { r[i] -= b[j] * column[i] }
    }
    return r
  }

  /// Z'r.
  func correlations(_ r: [Double]) -> [Double] {
    columns.map { zip($0, r).map { $0 * $1 }.reduce(0, +) }
  }
}

func squares(_ v: [Double]) -> Double { v.map { $0 * $0 }.reduce(0, +) }

/// Whether two numbers agree to a relative (or, near 0, absolute) tolerance.
func close(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
  abs(a - b) <= tolerance * max(1, abs(a), abs(b))
}

func expectClose(
  _ a: [Double], _ b: [Double], _ tolerance: Double, _ comment: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(a.count == b.count, comment, sourceLocation: sourceLocation)
  for (i, (u, v)) in zip(a, b).enumerated() {
    #expect(
      close(u, v, tolerance), "entry \(i): \(u) and \(v). \(comment?.rawValue ?? "")", sourceLocation: sourceLocation)
  }
}

/// The tables of `RIDGELINE_DATA/regression`, read by the tests themselves.
enum PublishedData {
  static let folder = ProcessInfo.processInfo.environment["RIDGELINE_DATA"].map {
    URL(fileURLWithPath: $0).appendingPathComponent("regression")
  }

  static let isThere =
    folder.map { FileManager.default.fileExists(atPath: $0.appendingPathComponent("diabetes.csv").path) } ?? false

  /// The cells of a table under its header's names.
  static func table(_ name: String) throws -> (names: [String], rows: [[String]]) {
    let text = try String(contentsOf: folder!.appendingPathComponent(name), encoding: .utf8)
    let lines = text.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return (lines[0], Array(lines.dropFirst()))
  }

  static func diabetes() throws -> (x: DesignMatrix, y: [Double]) {
    let (names, rows) = try table("diabetes.csv")
    let values = rows.map { $0.map { Double($0)! } }
    let matrix = Matrix(rows: rows.count, columns: 10, elements: values.flatMap { $0[0..<10] })
    return (try DesignMatrix(matrix, names: Array(names[0..<10])), values.map { $0[10] })
  }

  /// Prostate: the eight inputs, lpsa, and whether a row is for training.
  static func prostate() throws -> (x: Matrix<Double>, names: [String], y: [Double], train: [Bool]) {
    let (names, rows) = try table("prostate.csv")
    let matrix = Matrix(rows: rows.count, columns: 8, elements: rows.flatMap { $0[1...8].map { Double($0)! } })
    return (matrix, Array(names[1...8]), rows.map { Double($0[9])! }, rows.map { $0[10] == "T" })
  }
}

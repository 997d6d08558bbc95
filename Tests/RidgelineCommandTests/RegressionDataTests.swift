import Foundation
import Testing

private let regressionData: URL? = ProcessInfo.processInfo.environment["RIDGELINE_DATA"]
  .map { URL(fileURLWithPath: $0).appendingPathComponent("regression") }
  .flatMap { FileManager.default.fileExists(atPath: $0.appendingPathComponent("prostate.csv").path) ? $0 : nil }

/// The sets of the books, where they lie in `$RIDGELINE_DATA/regression`.
@Suite(
  "ridgeline regress: published results",
  .enabled(if: regressionData != nil, "RIDGELINE_DATA/regression holds no prostate.csv"))
struct RegressionDataTests {
  /// Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", table 3.3: inputs standardised by the
  /// 1/(n - 1) deviation of all 97 rows, fitted on the 67 that are marked for training.
  @Test("prostate: least squares and ridge at five degrees of freedom")
  func prostate() throws {
    let file = try #require(regressionData).appendingPathComponent("prostate.csv")
    var rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { $0.split(separator: ",") }
    let header = rows.removeFirst().map(String.init)
    let names = ["lcavol", "lweight", "age", "lbph", "svi", "lcp", "gleason", "pgg45"]
    var columns: [[Double]] = []
    for name in names {
      let position = try #require(header.firstIndex(of: name))
      let values = try rows.map { try #require(Double($0[position])) }
      let mean = values.reduce(0, +) / 97
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 96).squareRoot()
      columns.append(values.map { ($0 - mean) / deviation })
    }
    let (target, mark) = (try #require(header.firstIndex(of: "lpsa")), try #require(header.firstIndex(of: "train")))
    func table(_ wanted: String) -> String {
      let lines = rows.indices.filter { rows[$0][mark] == wanted }.map { row in
        (columns.map { "\($0[row])" } + [String(rows[row][target])]).joined(separator: ",")
      }
      return ((names + ["lpsa"]).joined(separator: ",") + "\n") + lines.joined(separator: "\n") + "\n"
    }
    try RegressionFiles.with { files in
      let (train, test) = (try files.write(table("T"), to: "train.csv"), try files.write(table("F"), to: "test.csv"))
      let model = files.path("model.json")
      func testError(_ flags: [String]) throws -> (report: [String: Any], error: Double) {
        let report = try files.json(["--csv", train, "--target", "lpsa", "--save", model] + flags)
        return (report, try files.json(["--model", model, "--csv", test]).number("mean_squared_error"))
      }
      let squares = try testError(["--penalty", "none"])
      #expect(isClose(squares.error, 0.5213, 1e-4), "\(squares.error)")
      let ridge = try testError(["--penalty", "ridge", "--lambda", "23.998908", "--standardize", "none"])
      #expect(isClose(ridge.error, 0.4904, 1e-4), "\(ridge.error)")
      #expect(isClose(try ridge.report.number("degrees_of_freedom"), 5, 1e-6))
      let published = [0.4210, 0.2388, -0.0480, 0.1623, 0.2271, -0.0001, 0.0411, 0.1324]
      let found = try ridge.report.named("coefficients")
      for (name, value) in zip(names, published) {
        #expect(isClose(try #require(found[name]), value, 6e-5), "\(name): \(found[name] ?? .nan)")
      }
    }
  }

  @Test("diabetes: the residual sum of squares and the largest lambda")
  func diabetes() throws {
    let csv = try #require(regressionData).appendingPathComponent("diabetes.csv").path
    try RegressionFiles.with { files in
      let fit = ["--csv", csv, "--target", "progression", "--penalty"]
      #expect(isClose(try files.json(fit + ["none"]).number("rss"), 1_263_983.156255, 1e-12))
      let path = try #require(try files.json(fit + ["lasso", "--path"])["path"] as? [[String: Any]])
      #expect(path.count == 100)
      #expect(isClose(try path[0].number("lambda"), 39_921.4665, 1e-8))
    }
  }
}

import Foundation
import Testing

@Suite("ridgeline regress: how sure a fit is")
struct RegressionUncertaintyTests {
  /// Two columns that matter and three that do not.
  private static let csv: String = {
    var lines = ["a,b,c,d,e,y,ill"]
    for row in 0..<60 {
      let t = Double(row)
      let columns = [1.7, 0.9, 2.3, 3.1, 0.4].map { sin($0 * t + $0) }
      let noise = 0.3 * cos(11 * t * t)
      let y = 3 * columns[0] - 2 * columns[1] + noise + 5
      lines.append((columns + [y]).map { "\($0)" }.joined(separator: ",") + (y + 4 * noise > 5 ? ",yes" : ",no"))
    }
    return lines.joined(separator: "\n") + "\n"
  }()

  private static let squared = ["--target", "y", "--exclude", "ill"]

  @Test("stability selection")
  func stability() throws {
    try RegressionFiles.with { files in
      let fit = ["--csv", try files.write(Self.csv), "--penalty", "lasso", "--stability", "20", "--most-selected", "3"]
      let report = try files.json(fit + Self.squared)
      #expect(Set(try #require(report["selected"] as? [String])).isSuperset(of: ["a", "b"]))
      let frequencies = try report.named("selection_frequencies")
      #expect(frequencies.count == 5 && frequencies["a"] == 1 && frequencies.values.allSatisfy { (0...1).contains($0) })
      #expect(report["subsamples"] as? Int == 20 && report["certified"] as? Bool == true)
      let q = try report.number("average_selected")
      #expect(try q <= 3 && isClose(report.number("expected_false_selections"), q * q / 0.5 / 5))
      #expect(try report.numbers("lambdas").count == 100)
      let looser = try files.json(fit + Self.squared + ["--threshold", "0.9", "--lambdas", "10", "--seed", "2"])
      #expect(isClose(try looser.number("threshold"), 0.9))
      let text = try Program.run(["regress"] + fit + Self.squared).output
      for part in ["stable", "20 halves, seed 1", "by mistake", "every fit certified"] {
        #expect(text.contains(part), "\(part)\n\(text)")
      }
      let ill = ["--target", "ill", "--exclude", "y", "--family", "logistic"]
      #expect(try files.json(fit + ill).named("selection_frequencies")["a"] == 1)
    }
  }

  @Test("bootstrap intervals", arguments: [["none"], ["ridge", "--lambda", "1"], ["lasso", "--cross-validate", "4"]])
  func bootstrap(_ penalty: [String]) throws {
    try RegressionFiles.with { files in
      let fit = ["--csv", try files.write(Self.csv), "--bootstrap", "60", "--level", "0.9", "--penalty"] + penalty
      let report = try files.json(fit + Self.squared)
      let found = try #require(report["bootstrap"] as? [String: Any])
      #expect(found["resamples"] as? Int == 60 && found["level"] as? Double == 0.9)
      let coefficients = try report.named("coefficients")
      for kind in ["percentile_intervals", "basic_intervals"] {
        let intervals = try #require(found[kind] as? [String: [Double]])
        #expect(intervals.count == 6 && intervals["(Intercept)"] != nil)
        let a = try #require(intervals["a"])
        let center = try #require(coefficients["a"])
        #expect(a[0] < center + 0.2 && a[1] > center - 0.2 && a[1] - a[0] < 1 && a[0] < a[1])
      }
      #expect(try #require(found["selection_frequencies"] as? [String: Double])["a"] == 1)
      #expect(try #require(found["standard_errors"] as? [String: Double]).values.allSatisfy { $0 > 0 && $0 < 1 })
      let text = try Program.run(["regress"] + fit + Self.squared).output
      for part in ["Pairs bootstrap, 60 resamples", "90 % from", "basic from"] {
        #expect(text.contains(part), "\(text)")
      }
    }
  }

  @Test("conformal intervals go with the model")
  func conformal() throws {
    try RegressionFiles.with { files in
      let (csv, model) = (try files.write(Self.csv), files.path("model.json"))
      let fit = ["--csv", csv, "--penalty", "ridge", "--lambda", "1", "--conformal", "10", "--save", model]
      let report = try files.json(fit + Self.squared)
      let found = try #require(report["conformal"] as? [String: Any])
      // 1 − 0.1 − min(2 · 0.9 / 7, (1 − 1/6) / 11).
      #expect(isClose(try #require(found["guaranteed_coverage"] as? Double), 0.9 - 5.0 / 66))
      let new = try files.write("e,d,c,b,a\n0,0.1,0.2,0.3,0.4\n1,-1,1,-1,1\n", to: "new.csv")
      let predicted = try files.json(["--model", model, "--csv", new, "--level", "0.8"])
      let (lower, upper) = (try predicted.numbers("lower"), try predicted.numbers("upper"))
      for (index, center) in try predicted.numbers("predictions").enumerated() {
        #expect(lower[index] < center && center < upper[index] && upper[index] - lower[index] < 2)
      }
      let wider = try files.json(["--model", model, "--csv", new, "--level", "0.95"])
      #expect(try wider.numbers("lower")[0] < lower[0] && wider.numbers("upper")[0] > upper[0])
      let text = try Program.run(["regress", "--model", model, "--csv", new]).output
      #expect(text.hasPrefix("row,prediction,lower,upper\n1,"), "\(text)")
      // A changed residual is noticed.
      let kept = try files.read("model.json")
      let start = try #require(kept.range(of: "\"residuals\" : ["))
      try files.write(kept.replacingCharacters(in: start, with: "\"residuals\" : [\n9,"), to: "model.json")
      try Program.expectFailure(["regress", "--model", model, "--csv", new], naming: ["model.json", "checksum"])
      let words = try Program.run(["regress"] + fit + Self.squared).output
      #expect(words.contains("CV+ prediction intervals: 10 folds"), "\(words)")
    }
  }

  @Test("maximum likelihood with its table")
  func likelihood() throws {
    try RegressionFiles.with { files in
      // 12 of 20 with the exposure, 5 of 18 without: the log odds ratio has a formula.
      let rows = [("yes", 1, 12), ("no", 1, 8), ("yes", 0, 5), ("no", 0, 13)]
      let csv = try files.write(
        "exposed,ill\n" + rows.flatMap { row in (0..<row.2).map { _ in "\(row.1),\(row.0)\n" } }.joined())
      let fit = ["--csv", csv, "--target", "ill", "--penalty", "none", "--family", "logistic"]
      let report = try files.json(fit)
      let (slope, error) = (log(12.0 * 13 / 40), (1 / 12.0 + 1 / 8.0 + 1 / 5.0 + 1 / 13.0).squareRoot())
      #expect(isClose(try #require(report.named("coefficients")["exposed"]), slope, 1e-7))
      #expect(isClose(try #require(report.named("standard_errors")["exposed"]), error, 1e-6))
      #expect(isClose(try #require(report.named("z_values")["exposed"]), slope / error, 1e-6))
      #expect(isClose(try report.number("aic"), try report.number("deviance") + 4, 1e-9))
      #expect(isClose(try report.number("log_likelihood"), -0.5 * (try report.number("deviance")), 1e-9))
      let table = try #require(report["deviance_table"] as? [[String: Any]])
      let drop = try report.number("null_deviance") - report.number("deviance")
      #expect(try table.count == 1 && isClose(table[0].number("deviance"), drop, 1e-8))
      let text = try Program.run(["regress"] + fit).output
      for part in ["Maximum likelihood", "z value", "Analysis of deviance", "Residual deviance", "certified"] {
        #expect(text.contains(part), "\(part)\n\(text)")
      }
    }
  }

  @Test(
    "arguments",
    arguments: [
      (["--penalty", "ridge", "--stability", "10"], ["--stability", "lasso"]),
      (["--penalty", "lasso", "--stability", "0"], ["--stability", "0"]),
      (["--penalty", "lasso", "--stability", "9", "--path"], ["--path and --stability"]),
      (["--penalty", "lasso", "--path", "--bootstrap", "9"], ["--bootstrap", "one fit"]),
      (["--penalty", "lasso", "--lambda", "1", "--bootstrap", "1"], ["--bootstrap", "1"]),
      (["--penalty", "lasso", "--lambda", "1", "--conformal", "1"], ["--conformal"]),
      (["--penalty", "lasso", "--lambda", "1", "--conformal", "200"], ["200 folds of 60"]),
      (["--penalty", "lasso", "--lambda", "1", "--threshold", "0.8"], ["--threshold", "--stability"]),
      (["--penalty", "lasso", "--stability", "9", "--threshold", "0.5"], ["--threshold"]),
      (["--penalty", "lasso", "--lambda", "1", "--level", "0.9"], ["--level"]),
      (["--penalty", "lasso", "--lambda", "1", "--bootstrap", "9", "--level", "1"], ["--level"]),
      (["--penalty", "none", "--family", "poisson", "--conformal", "5"], ["--conformal", "squared"]),
    ])
  func arguments(_ flags: [String], _ parts: [String]) throws {
    try RegressionFiles.with { files in
      try Program.expectFailure(["regress", "--csv", files.write(Self.csv)] + Self.squared + flags, naming: parts)
    }
  }
}

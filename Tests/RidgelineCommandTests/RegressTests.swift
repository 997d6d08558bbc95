import Foundation
import Testing

@Suite("ridgeline regress: fits")
struct RegressTests {
  private static let keys: Set<String> = [
    "coefficients", "standardized_coefficients", "intercept", "rss", "duality_gap", "kkt_violation", "certified",
    "solver", "seconds",
  ]

  @Test(
    "one column in closed form, on every scale of lambda",
    arguments: [
      (["--penalty", "ridge", "--lambda", "3"], 0.0, 3.0), (["--penalty", "lasso", "--lambda", "20"], 20, 0),
      (["--penalty", "elastic-net", "--mixing", "0.25", "--lambda", "8"], 2, 6),
      (["--penalty", "elastic-net", "--lambda", "8"], 4, 4),
      (["--penalty", "ridge", "--lambda", "3", "--lambda-scale", "sklearn"], 0, 3),
      (["--penalty", "lasso", "--lambda", "2", "--lambda-scale", "sklearn"], 24, 0),
      (["--penalty", "elastic-net", "--mixing", "0.5", "--lambda", "2", "--lambda-scale", "sklearn"], 12, 6),
      (["--penalty", "lasso", "--lambda", "2", "--lambda-scale", "glmnet"], 24, 0),
      (["--penalty", "lasso", "--lambda", "2", "--lambda-scale", "lars"], 4 * 6.0.squareRoot(), 0),
      (["--penalty", "ridge", "--lambda", "0"], 0, 0), (["--penalty", "lasso", "--lambda", "1e9"], 1e9, 0),
    ] as [([String], Double, Double)])
  func closedForm(_ flags: [String], _ l1: Double, _ l2: Double) throws {
    try RegressionFiles.with { files in
      let csv = try files.write(RegressionFiles.simple)
      let report = try files.json(["--csv", csv, "--target", "cost", "--features", "size"] + flags)
      #expect(Self.keys.isSubset(of: report.keys), "\(report.keys)")
      let (expected, scale) = RegressionFiles.standardised(l1: l1, l2: l2)
      let standardised = try #require(report.named("standardized_coefficients")["size"])
      #expect(isClose(standardised, expected), "\(standardised), expected \(expected)")
      let slope = try #require(report.named("coefficients")["size"])
      #expect(isClose(slope, expected / scale))
      let n = Double(RegressionFiles.x.count)
      let (meanX, meanY) = (RegressionFiles.x.reduce(0, +) / n, RegressionFiles.y.reduce(0, +) / n)
      #expect(isClose(try report.number("intercept"), meanY - slope * meanX))
      let rss = zip(RegressionFiles.x, RegressionFiles.y).reduce(0) { sum, pair in
        let residual = pair.1 - meanY - slope * (pair.0 - meanX)
        return sum + residual * residual
      }
      #expect(isClose(try report.number("rss"), rss))
      #expect(try report["certified"] as? Bool == true && report.number("duality_gap") <= 1e-8)
      #expect(try report.number("kkt_violation") < 1e-6 && report.number("seconds") > 0)
      let solver = try #require(report["solver"] as? String)
      #expect(!solver.isEmpty)
    }
  }

  @Test("least squares with its table")
  func leastSquares() throws {
    try RegressionFiles.with { files in
      let csv = try files.write(RegressionFiles.simple)
      let arguments = ["--csv", csv, "--target", "cost", "--penalty", "none"]
      let report = try files.json(arguments + ["--features", "size"])
      let (expected, scale) = RegressionFiles.standardised(l1: 0, l2: 0)
      #expect(isClose(try #require(report.named("standardized_coefficients")["size"]), expected))
      let error = try #require(report.named("standard_errors")["size"])
      let slope = expected / scale
      #expect(isClose(error, (try report.number("rss") / 4 / (6 * scale * scale)).squareRoot()))
      #expect(isClose(try #require(report.named("t_values")["size"]), slope / error))
      let interval = try #require((report["confidence_intervals"] as? [String: [Double]])?["size"])
      // The 97.5 % point of Student's t with 4 degrees of freedom.
      #expect(
        isClose(interval[1], slope + 2.7764451051977987 * error, 1e-8) && isClose(interval[0] + interval[1], 2 * slope))
      let outcome = try Program.run(["regress"] + arguments)
      for part in [
        "Estimate", "Std. Error", "t value", "Pr(>|t|)", "(Intercept)", "size", "word=odd", "R-squared", "95 %",
        "Residual standard error", "certified", "QR", "reciprocal condition",
      ] {
        #expect(outcome.output.contains(part), "\(part)\n\(outcome)")
      }
      #expect(outcome.errors.contains("the baseline is even"), "\(outcome)")
    }
  }

  @Test("a fit in words")
  func words() throws {
    try RegressionFiles.with { files in
      let csv = try files.write(RegressionFiles.simple)
      let fit = ["regress", "--csv", csv, "--target", "cost", "--penalty"]
      let ridge = try Program.run(fit + ["ridge", "--lambda", "3"])
      #expect(ridge.status == 0)
      for part in [
        "Ridge regression of cost on 2 columns, 6 rows", "(Intercept)", "standardised", "3 (RSS + lambda)",
        "3 (scikit-learn alpha)", "glmnet lambda", "degrees of freedom: 1.", "relative duality gap", "certified",
        "Cholesky (primal)",
      ] {
        #expect(ridge.output.contains(part), "\(part)\n\(ridge)")
      }
      #expect(!ridge.output.contains("lars"), "no lars scale for ridge\n\(ridge)")
      let net = try Program.run(fit + ["elastic-net", "--lambda", "2", "--lambda-scale", "sklearn"])
      #expect(net.output.contains("18 with mixing 0.666667 (RSS + lambda), 2 with mixing 0.5 (scikit-learn"), "\(net)")
      let path = try Program.run(fit + ["lasso", "--path", "--lambdas", "7"])
      #expect(path.output.split(separator: "\n").count { $0.hasSuffix("e-17") || $0.contains("0.") } >= 7, "\(path)")
      let validated = try Program.run(fit + ["lasso", "--cross-validate", "3"])
      for part in ["mean error", "std. error", "<- minimum", "one standard error", "3 folds, seed 1"] {
        #expect(validated.output.contains(part), "\(part)\n\(validated)")
      }
    }
  }

  @Test("a path is a list of fits, largest lambda first", arguments: ["ridge", "lasso", "elastic-net"])
  func path(_ penalty: String) throws {
    try RegressionFiles.with { files in
      let csv = try files.write(RegressionFiles.simple)
      let arguments = ["--csv", csv, "--target", "cost", "--penalty", penalty]
      let report = try files.json(arguments + ["--path", "--lambdas", "9", "--lambda-ratio", "0.01"])
      let path = try #require(report["path"] as? [[String: Any]])
      let lambdas = try path.map { try $0.number("lambda") }
      #expect(path.count == 9 && lambdas == lambdas.sorted(by: >))
      #expect(isClose(lambdas[8] / lambdas[0], 0.01))
      for fit in path { #expect(Self.keys.isSubset(of: fit.keys) && fit["certified"] as? Bool == true) }
      if penalty != "ridge" { #expect(try path[0].named("coefficients").values.allSatisfy { $0 == 0 }) }
      // A lambda of a path in other units, by itself.
      let other = try files.json(
        arguments + ["--path", "--lambdas", "9", "--lambda-ratio", "0.01", "--lambda-scale", "sklearn"])
      let fits = try #require(other["path"] as? [[String: Any]])
      let single = try files.json(arguments + ["--lambda", "\(fits[4].number("lambda"))", "--lambda-scale", "sklearn"])
      for (name, value) in try fits[4].named("coefficients") {
        #expect(isClose(try #require(single.named("coefficients")[name]), value, 1e-7), "\(name)")
      }
      if penalty != "ridge" { #expect(try fits[0].named("coefficients").values.allSatisfy { $0 == 0 }) }
    }
  }

  @Test("cross-validation", arguments: ["ridge", "lasso", "elastic-net"])
  func crossValidation(_ penalty: String) throws {
    try RegressionFiles.with { files in
      let csv = try files.write(RegressionFiles.simple)
      let arguments = ["--csv", csv, "--target", "cost", "--penalty", penalty, "--cross-validate", "3"]
      let report = try files.json(arguments + ["--lambdas", "20", "--seed", "4"])
      #expect(Self.keys.isSubset(of: report.keys))
      let (lambdas, errors) = (try report.numbers("lambdas"), try report.numbers("mean_error"))
      let standard = try report.numbers("standard_error")
      #expect(lambdas.count == 20 && errors.count == 20 && standard.count == 20)
      let best = try #require(errors.indices.min { errors[$0] < errors[$1] })
      let simple = try #require(errors.indices.first { errors[$0] <= errors[best] + standard[best] })
      #expect(try report.number("lambda_minimum") == lambdas[best])
      #expect(try report.number("lambda_one_standard_error") == lambdas[simple])
      #expect(try report.number("lambda") == lambdas[best])
      let chosen = try files.json(arguments + ["--lambdas", "20", "--seed", "4", "--choose", "one-standard-error"])
      #expect(try chosen.number("lambda") == lambdas[simple] && chosen.numbers("mean_error") == errors)
      let other = try files.json(arguments + ["--lambdas", "20", "--seed", "5"])
      #expect(try other.numbers("mean_error") != errors)
    }
  }

  @Test("weights count rows, offsets are taken off, and threads change nothing")
  func weights() throws {
    try RegressionFiles.with { files in
      let twice = try files.write("a,b,y\n1,5,2\n1,5,2\n3,1,4\n4,2,3\n9,0,7\n")
      let weighted = try files.write("a,w,b,y,known\n1,2,5,2.5,0.5\n3,1,1,3,-1\n4,1,2,3,0\n9,1,0,7,0\n", to: "w.csv")
      let fit = ["--target", "y", "--penalty", "elastic-net", "--lambda", "0.5"]
      let expected = try files.json(["--csv", twice] + fit)
      for threads in ["1", "2"] {
        let found = try files.json(
          ["--csv", weighted, "--weights", "w", "--offset", "known", "--threads", threads] + fit)
        #expect(try Set(found.named("coefficients").keys) == ["a", "b"])
        for (name, value) in try expected.named("coefficients") {
          #expect(isClose(try #require(found.named("coefficients")[name]), value, 1e-8))
        }
        #expect(isClose(try found.number("rss"), try expected.number("rss"), 1e-8))
      }
    }
  }

  @Test("a fit that does not reach the tolerance is printed and has an exit code of its own")
  func notCertified() throws {
    try RegressionFiles.with { files in
      let csv = try files.write("a,b,y\n1,2,0.3\n4,3,1.7\n2,7,0.1\n5,5,2.9\n8,1,3.3\n")
      let fit = ["--csv", csv, "--target", "y", "--penalty", "lasso", "--lambda", "0.37", "--tolerance", "1e-300"]
      let report = try files.json(fit + ["--save", files.path("model.json")], status: 3)
      #expect(try report["certified"] as? Bool == false && report.number("duality_gap") < 1e-12)
      let outcome = try Program.run(["regress"] + fit)
      #expect(outcome.status == 3 && outcome.output.contains("NOT certified") && outcome.output.contains("(Intercept)"))
      #expect(outcome.errors.contains("not certified"))
      let prediction = try Program.run(["regress", "--model", files.path("model.json"), "--csv", csv])
      #expect(prediction.status == 0 && prediction.errors.contains("not certified"), "\(prediction)")
    }
  }

  @Test("sparse files give what the same numbers in a CSV file give")
  func sparseFiles() throws {
    try RegressionFiles.with { files in
      let csv = try files.write("x1,x2,x3,y\n1,0,2,1\n0,0,3,4\n5,1,0,2\n0,2,0,9\n1,1,1,3\n")
      let svmlight = try files.write("1 1:1 3:2\n4 3:3\n2 1:5 2:1\n9 2:2\n3 1:1 2:1 3:1\n", to: "data.svm")
      let market = try files.write(
        "%%MatrixMarket matrix coordinate real general\n5 3 9\n1 1 1\n1 3 2\n2 3 3\n3 1 5\n3 2 1\n4 2 2\n5 1 1\n5 2 1\n5 3 1\n",
        to: "x.mtx")
      let target = try files.write("1\n4\n2\n9\n3\n", to: "y.txt")
      let fit = ["--penalty", "lasso", "--lambda", "1.5", "--standardize", "sample"]
      let expected = try files.json(["--csv", csv, "--target", "y"] + fit).named("coefficients").filter {
        $0.value != 0
      }
      #expect(!expected.isEmpty)
      for input in [["--svmlight", svmlight], ["--matrix-market", market, "--target-file", target]] {
        let model = files.path("model.json")
        let found = try files.json(input + fit + ["--save", model]).named("coefficients")
        #expect(found.keys.sorted() == expected.keys.sorted())
        for (name, value) in expected { #expect(isClose(try #require(found[name]), value)) }
        let predicted = try files.json(input + ["--model", model])
        let values = try predicted.numbers("predictions")
        let error = zip(values, [1, 4, 2, 9, 3]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 5
        #expect(isClose(try predicted.number("mean_squared_error"), error))
        try Program.expectFailure(["regress", "--model", model, "--csv", csv], naming: ["--svmlight"])
      }
      try Program.expectFailure(
        ["regress", "--svmlight", try files.write("1 2:x\n", to: "bad.svm")] + fit,
        naming: ["bad.svm", "line 1", "'x'"])
      try Program.expectFailure(
        ["regress", "--matrix-market", market, "--target-file", try files.write("1\n2\n", to: "short.txt")] + fit,
        naming: ["short.txt", "5", "2"])
    }
  }
}

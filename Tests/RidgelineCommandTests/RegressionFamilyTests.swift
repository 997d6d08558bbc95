import Foundation
import Testing

@Suite("ridgeline regress: logistic and Poisson")
struct RegressionFamilyTests {
  /// Without columns the fit is the mean of the target, and the deviance has a closed form.
  @Test("intercepts in closed form")
  func intercepts() throws {
    try RegressionFiles.with { files in
      let fit = ["--target", "y", "--penalty", "none"]
      let logistic = try files.json(["--csv", files.write("y\nyes\nno\nno\nyes\nno\n"), "--family", "logistic"] + fit)
      #expect(isClose(try logistic.number("intercept"), log(2.0 / 3)))
      #expect(isClose(try logistic.number("deviance"), -2 * (2 * log(0.4) + 3 * log(0.6))))
      #expect(logistic["target_categories"] as? [String] == ["no", "yes"] && logistic["rss"] == nil)
      let counts = try files.json(["--csv", files.write("y\n0\n3\n1\n8\n"), "--family", "poisson"] + fit)
      #expect(isClose(try counts.number("intercept"), log(3)))
      let deviance = 2 * (0 + 3 + 0 + (log(1.0 / 3) - 1 + 3) + (8 * log(8.0 / 3) - 8 + 3))
      #expect(isClose(try counts.number("deviance"), deviance))
    }
  }

  @Test("a saved model predicts means, and says how well")
  func predictions() throws {
    try RegressionFiles.with { files in
      let csv = try files.write("a,y\n1,no\n2,yes\n3,no\n4,yes\n6,yes\n0,no\n")
      let model = files.path("model.json")
      let fit = ["--csv", csv, "--target", "y", "--family", "logistic", "--save", model]
      let report = try files.json(fit + ["--penalty", "ridge", "--lambda", "0.5", "--lambda-scale", "sklearn"])
      #expect(report["certified"] as? Bool == true)
      let (slope, intercept) = (try #require(report.named("coefficients")["a"]), try report.number("intercept"))
      let new = try files.write("y,a\nyes,1.5\nperhaps,2\nno,-3\n", to: "new.csv")
      let found = try files.json(["--model", model, "--csv", new])
      let expected = [1.5, 2, -3].map { 1 / (1 + exp(-(intercept + slope * $0))) }
      for (found, expected) in zip(try found.numbers("predictions"), expected) { #expect(isClose(found, expected)) }
      #expect(isClose(try found.number("mean_deviance"), -(log(expected[0]) + log(1 - expected[2]))))
      #expect(found["scored"] as? Int == 2)
      let outcome = try Program.run(["regress"] + fit + ["--penalty", "lasso", "--lambda", "1"])
      for part in ["(logistic, logit link)", "deviance", "explained", "certified", "1 (deviance + lambda)"] {
        #expect(outcome.output.contains(part), "\(part)\n\(outcome)")
      }
      #expect(outcome.errors.contains("the probability of yes"), "\(outcome)")
    }
  }

  @Test("targets outside a family's range, and classes that are separated")
  func refusals() throws {
    try RegressionFiles.with { files in
      func expectFailure(_ text: String, _ family: String, _ parts: [String]) throws {
        try Program.expectFailure(
          [
            "regress", "--csv", files.write(text), "--target", "y", "--family", family, "--penalty", "lasso",
            "--lambda", "1",
          ],
          naming: parts)
      }
      try expectFailure("a,y\n1,0\n2,1\n3,2\n", "logistic", ["2"])
      try expectFailure("a,y\n1,x\n2,y\n3,z\n", "logistic", ["two categories", "x, y, z"])
      try expectFailure("a,y\n1,0\n2,-1\n3,2\n", "poisson", ["-1"])
      let separated = ["--csv", try files.write("a,y\n1,0\n2,0\n3,1\n4,1\n"), "--target", "y", "--family", "logistic"]
      let report = try files.json(separated + ["--penalty", "none"], status: 3)
      #expect(report["certified"] as? Bool == false && report["state"] as? String == "no finite solution")
    }
  }

  private static func table(_ seed: Double) -> String {
    "a,b,y,count\n"
      + (0..<40).map { row in
        let (a, b) = (sin(seed + Double(row) * 1.7) * 2, cos(seed * 2 + Double(row) * 0.9) + 1)
        return "\(a),\(b),\(a + b * sin(Double(row) * 5) > 0.8 ? "yes" : "no"),\(Int(exp(0.5 * a + 1)))\n"
      }.joined()
  }

  /// Each fit of a path is the fit at its lambda, on the scale that was asked for.
  @Test(
    "paths",
    arguments: [
      ["logistic", "y", "lasso", "rss"], ["logistic", "y", "elastic-net", "sklearn"],
      ["logistic", "y", "ridge", "glmnet"],
      ["poisson", "count", "lasso", "glmnet"], ["poisson", "count", "elastic-net", "rss"],
      ["poisson", "count", "ridge", "sklearn"],
    ])
  func paths(_ kind: [String]) throws {
    try RegressionFiles.with { files in
      let csv = try files.write(Self.table(1))
      let fit = [
        "--csv", csv, "--features", "a,b", "--family", kind[0], "--target", kind[1], "--penalty", kind[2],
        "--lambda-scale", kind[3], "--tolerance", "1e-12",
      ]
      let report = try files.json(fit + ["--path", "--lambdas", "6"])
      let path = try #require(report["path"] as? [[String: Any]])
      #expect(path.count == 6 && report["certified"] as? Bool == true)
      if kind[2] != "ridge" { #expect(try path[0].named("coefficients") == ["a": 0, "b": 0]) }
      for index in [1, 4] {
        let lambda = try path[index].number("lambda")
        let single = try files.json(fit + ["--lambda", "\(lambda)"])
        for (name, value) in try single.named("coefficients") {
          #expect(isClose(try #require(path[index].named("coefficients")[name]), value, 1e-6), "\(name)")
        }
        #expect(isClose(try single.number("deviance"), try path[index].number("deviance")))
        // Two prices of the same degrees of freedom and the intercept, for 40 rows.
        let degrees = try single.number("degrees_of_freedom") + 1
        #expect(isClose(try single.number("aic"), try single.number("deviance") + 2 * degrees))
        #expect(isClose(try single.number("bic") - single.number("aic"), (log(40.0) - 2) * degrees))
      }
      let text = try Program.run(["regress"] + fit + ["--path", "--lambdas", "3"]).output
      for part in ["explained", "deviance", "AIC", "largest gap"] { #expect(text.contains(part), "\(part)\n\(text)") }
    }
  }

  @Test("cross-validation by deviance", arguments: [["logistic", "y"], ["poisson", "count"]])
  func crossValidation(_ kind: [String]) throws {
    try RegressionFiles.with { files in
      let csv = try files.write(Self.table(2))
      let (model, seed) = (files.path("model.json"), ["--seed", "3"])
      let fit = [
        "--csv", csv, "--features", "a,b", "--family", kind[0], "--target", kind[1], "--penalty", "lasso",
        "--cross-validate", "5", "--lambdas", "8", "--save", model,
      ]
      let report = try files.json(fit + seed)
      let (lambdas, errors) = (try report.numbers("lambdas"), try report.numbers("mean_error"))
      #expect(lambdas.count == 8 && errors.count == 8 && errors.allSatisfy { $0 > 0 })
      let best = try #require(errors.indices.min { errors[$0] < errors[$1] })
      #expect(try report.number("lambda_minimum") == lambdas[best] && report.number("lambda") == lambdas[best])
      let limit = errors[best] + (try report.numbers("standard_error"))[best]
      let simple = try #require(errors.firstIndex { $0 <= limit })
      #expect(try report.number("lambda_one_standard_error") == lambdas[simple])
      let chosen = try files.json(fit + seed + ["--choose", "one-standard-error"])
      #expect(try chosen.number("lambda") == lambdas[simple])
      #expect(try files.json(["--model", model, "--csv", csv]).numbers("predictions").count == 40)
      let text = try Program.run(["regress"] + fit + seed).output
      for part in ["mean deviance", "<- minimum", "5 folds, seed 3"] { #expect(text.contains(part), "\(text)") }
    }
  }
}

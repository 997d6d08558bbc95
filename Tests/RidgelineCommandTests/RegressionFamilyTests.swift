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
      try Program.expectFailure(
        [
          "regress", "--csv", files.write("a,y\n1,0\n2,1\n"), "--target", "y", "--family", "poisson", "--penalty",
          "lasso", "--path",
        ],
        naming: ["--path", "squared"])
      let separated = ["--csv", try files.write("a,y\n1,0\n2,0\n3,1\n4,1\n"), "--target", "y", "--family", "logistic"]
      let report = try files.json(separated + ["--penalty", "none"], status: 3)
      #expect(report["certified"] as? Bool == false && report["state"] as? String == "no finite solution")
    }
  }
}

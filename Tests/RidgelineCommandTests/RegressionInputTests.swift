import Foundation
import Testing

@Suite("ridgeline regress: bad input")
struct RegressionInputTests {
  private func expectFailure(_ text: String, _ flags: [String], _ parts: [String]) throws {
    try RegressionFiles.with { files in
      try Program.expectFailure(["regress", "--csv", try files.write(text)] + flags, naming: parts)
    }
  }

  private static let ridge = ["--penalty", "ridge", "--lambda", "1"]

  @Test(
    "tables",
    arguments: [
      ("", ["data.csv", "empty"]), ("a,y\n", ["data.csv", "row"]), ("a,y\n1,2\n3\n", ["line 3", "2 fields"]),
      ("a,y\n1,2\n3,4,5\n", ["line 3"]), ("a,b\n1,2\n", ["'y'", "a, b"]),
      ("a,y\n1,2\nx,4\n", ["line 3", "column a", "'x'"]),
      ("a,y\n1,2\n3,z\n", ["line 3", "column y", "'z'"]), ("a,y\n1,2\n,4\n", ["line 3", "column a", "nothing"]),
      ("a,y\n1,2\n3,NA\n", ["line 3", "column y", "'NA'"]), ("a,y\n1,2\ninf,4\n", ["line 3", "column a", "finite"]),
      ("a,y\n1,2\n3,-Infinity\n", ["line 3", "column y", "finite"]),
      ("a,y\n1,2\nNaN,4\n", ["line 3", "column a", "'NaN'"]),
      ("a,y\n1,\"2\n", ["line 2", "quote"]), ("a,a,y\n1,2,3\n", ["line 1", "'a' twice"]),
      ("a,,y\n1,2,3\n", ["line 1", "name"]),
      ("a;y\n1;2\n", ["a;y"]),
    ])
  func tables(_ text: String, _ parts: [String]) throws {
    try expectFailure(text, ["--target", "y"] + Self.ridge, parts)
  }

  @Test("marks, quotes and line ends are no trouble")
  func marks() throws {
    try RegressionFiles.with { files in
      let plain = try files.json(
        ["--csv", files.write("a,b,y\n1,5,2\n3,1,4\n4,2,9\n"), "--target", "y"] + Self.ridge)
      let dressed = try files.json(
        [
          "--csv", files.write("\u{FEFF}\"a\",b , \"y\"\r\n\"1\", 5,2\r\n3,1,\"4\"\r\n4,2,9", to: "b.csv"), "--target",
          "y",
        ]
          + Self.ridge)
      #expect(try plain.named("coefficients") == dressed.named("coefficients"))
      let tabs = try files.json(
        [
          "--csv", files.write("a\tb\ty\n1\t5\t2\n3\t1\t4\n4\t2\t9\n", to: "t.csv"), "--target", "y", "--separator",
          "tab",
        ]
          + Self.ridge)
      #expect(try plain.named("coefficients") == tabs.named("coefficients"))
    }
  }

  @Test(
    "arguments",
    arguments: [
      (["--penalty", "ridge", "--lambda=-1"], ["--lambda", "-1"]),
      (["--penalty", "ridge", "--lambda", "-1"], ["--lambda", "not negative", "-1"]),
      (["--penalty", "ridge", "--lambda", "nan"], ["--lambda"]),
      (["--penalty", "ridge", "--lambda", "inf"], ["--lambda"]), (["--penalty", "ridge"], ["--lambda", "--path"]),
      (["--penalty", "ridge", "--lambda", "1", "--path"], ["--lambda and --path"]),
      (["--penalty", "none", "--lambda", "1"], ["--lambda", "none"]), ([], ["--penalty"]),
      (["--penalty", "lass", "--path"], ["lass", "lasso"]),
      (["--penalty", "lasso", "--lambda", "1", "--mixing", "1"], ["--mixing"]),
      (["--penalty", "elastic-net", "--lambda", "1", "--mixing", "1.1"], ["--mixing", "1.1"]),
      (["--penalty", "ridge", "--lambda", "1", "--lambda-scale", "lars"], ["lars", "L2"]),
      (["--penalty", "lasso", "--lambda", "1", "--lambda-scale", "r"], ["r", "glmnet"]),
      (["--penalty", "lasso", "--cross-validate", "1"], ["--cross-validate"]),
      (["--penalty", "lasso", "--cross-validate", "7"], ["7 folds of 4", "at least 2"]),
      (["--penalty", "lasso", "--path", "--lambdas", "0"], ["--lambdas"]),
      (["--penalty", "lasso", "--path", "--lambda-ratio", "1"], ["--lambda-ratio"]),
      (["--penalty", "lasso", "--path", "--save", "m.json"], ["--save"]),
      (["--penalty", "lasso", "--lambda", "1", "--tolerance", "0"], ["--tolerance"]),
      (["--penalty", "lasso", "--lambda", "1", "--threads", "0"], ["--threads"]),
      (["--penalty", "lasso", "--lambda", "1", "--weights", "w"], ["'w'"]),
      (["--penalty", "lasso", "--lambda", "1", "--weights", "b"], ["line 3", "column b", "-1"]),
      (["--penalty", "lasso", "--lambda", "1", "--exclude", "a,c"], ["'c'"]),
      (["--penalty", "lasso", "--lambda", "1", "--features", "a,y"], ["'y'"]),
      (["--penalty", "lasso", "--lambda", "1", "--features", "a,a"], ["'a'"]),
      (["--penalty", "lasso", "--lambda", "1", "--categorical", "y"], ["'y'"]),
      (["--penalty", "lasso", "--lambda", "1", "--svmlight", "f"], ["--csv", "--svmlight"]),
      (["--model", "m.json", "--penalty", "none"], ["--penalty", "--model"]),
      (["--model", "m.json"], ["--target", "--model"]),
    ])
  func arguments(_ flags: [String], _ parts: [String]) throws {
    try expectFailure("a,b,y\n1,5,2\n3,-1,4\n4,2,9\n7,7,7\n", ["--target", "y"] + flags, parts)
  }

  /// What has a right answer gets it: every penalty is fitted, certified, and explains the target no worse than its mean.
  @Test(
    "odd problems",
    arguments: [
      "a,b,y\n1,5,2\n3,5,4\n4,5,9\n",  // a constant column
      "a,b,y\n1,0,2\n3,0,4\n4,0,9\n",  // zeros
      "a,b,y\n1,1,2\n3,3,4\n4,4,9\n2,2,2\n",  // twice the same
      "a,b,y\n1,2,7\n3,1,7\n4,5,7\n",  // a target without variance
      "y\n2\n4\n9\n",  // no columns
      "a,y\n3,2\n",  // one row
      "a,b,c,d,y\n1,2,5,3,9\n2,7,1,4,1\n",  // more columns than rows
      "a,b,y\n1e-160,2,1\n3e-160,1,4\n2e-160,5,2\n",  // squares that vanish
      "a,b,y\n1e8,2,1\n100000001,1,4\n100000002,5,2\n",  // a mean far from 0
      "a,a b,y\n1,x,3\n2,x,5\n3,x,4\n",  // one category
    ])
  func oddProblems(_ text: String) throws {
    try RegressionFiles.with { files in
      let csv = try files.write(text)
      for penalty in ["ridge", "lasso", "elastic-net"] {
        for way in [["--lambda", "0.5"], ["--lambda", "0"], ["--path", "--lambdas", "5"]] {
          let outcome = try Program.run(
            ["regress", "--json", "--csv", csv, "--target", "y", "--penalty", penalty] + way)
          #expect(!outcome.wasSignalled, "\(outcome)")
          if outcome.status == 0 {
            let report = try outcome.json()
            for fit in report["path"] as? [[String: Any]] ?? [report] {
              #expect(try fit.number("intercept").isFinite && fit.named("coefficients").values.allSatisfy(\.isFinite))
              #expect(try fit.number("r_squared") > -1e-9, "\(outcome)")
              #expect(fit["certified"] as? Bool == true, "\(outcome)")
            }
          } else {
            #expect(outcome.errors.contains("Error: ") || outcome.status == 3, "\(outcome)")
          }
        }
        let text = try Program.run(["regress", "--csv", csv, "--target", "y", "--penalty", penalty, "--lambda", "0.5"])
        #expect(!text.wasSignalled)
      }
      let squares = try Program.run(["regress", "--csv", csv, "--target", "y", "--penalty", "none"])
      #expect(!squares.wasSignalled && (squares.status == 0) != squares.errors.contains("Error: "), "\(squares)")
    }
  }

  @Test("least squares names what it cannot tell apart")
  func dependent() throws {
    let squares = ["--target", "y", "--penalty", "none"]
    try expectFailure("a,b,y\n1,1,2\n3,3,4\n4,4,9\n2,2,2\n", squares, ["combinations", "b"])
    try expectFailure("a,b,y\n1,5,2\n3,5,4\n4,5,9\n0,5,1\n", squares, ["combinations", "b"])
    try expectFailure("a,b,y\n1,5,2\n3,2,4\n", squares, ["observations", "2"])
    // Without an intercept a constant column is one.
    try RegressionFiles.with { files in
      let csv = try files.write("a,one,y\n1,1,3\n2,1,5\n4,1,9\n5,1,11.5\n")
      let report = try files.json(["--csv", csv, "--no-intercept"] + squares)
      let with = try files.json(["--csv", csv, "--features", "a"] + squares)
      #expect(isClose(try #require(report.named("coefficients")["one"]), try with.number("intercept")))
    }
  }

  @Test("rows with missing values are left out on request, and only for columns that are used")
  func missing() throws {
    try RegressionFiles.with { files in
      let csv = try files.write("a,b,y,c\n1,5,2,\nNA,1,4,1\n4,2,9,?\n7,null,7,1\n2,2,,1\n3,9,1,1\n0,1,5,2\n")
      let fit = ["--csv", csv, "--target", "y"] + Self.ridge
      let report = try files.json(fit + ["--exclude", "c", "--drop-missing"])
      #expect(report["rows"] as? Int == 4 && report["dropped_rows"] as? Int == 3)
      let clean = try files.json(
        ["--csv", files.write("a,b,y\n1,5,2\n4,2,9\n3,9,1\n0,1,5\n", to: "clean.csv"), "--target", "y"] + Self.ridge)
      #expect(try report.named("coefficients") == clean.named("coefficients"))
      try Program.expectFailure(
        ["regress", "--csv", files.write("a,y\nNA,1\n2,NA\n", to: "n.csv"), "--target", "y", "--drop-missing"]
          + Self.ridge,
        naming: ["n.csv", "every row"])
    }
  }
}

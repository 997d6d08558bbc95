import Foundation
import Testing

@Suite("ridgeline regress: saved models")
struct RegressionModelTests {
  private static let csv =
    "size,region,junk,cost\n1,north,7,3\n2,south,7,1\n4,north,7,8\n7,west,7,9\n11,south,7,20\n16,west,8,25\n"

  /// Fits and saves, and runs `body` with the model's path.
  private func withModel(
    _ flags: [String] = ["--penalty", "ridge", "--lambda", "0.5"],
    _ body: (RegressionFiles, String, [String: Any]) throws -> Void
  ) throws {
    try RegressionFiles.with { files in
      let csv = try files.write(Self.csv)
      let model = files.path("model.json")
      let report = try files.json(["--csv", csv, "--target", "cost", "--exclude", "junk", "--save", model] + flags)
      try body(files, model, report)
    }
  }

  @Test("predictions take columns by name")
  func predictions() throws {
    for flags in [
      ["--penalty", "none"], ["--penalty", "lasso", "--cross-validate", "3"],
      ["--penalty", "ridge", "--lambda", "0.5"],
    ] {
      try withModel(flags) { files, model, report in
        #expect(report["baselines"] as? [String: String] == ["region": "north"])
        let (b, intercept) = (try report.named("coefficients"), try report.number("intercept"))
        #expect(b.keys.sorted() == ["region=south", "region=west", "size"])
        let csv = try files.write("extra,cost,region,size\nq,1,west,3\nr,2,north,5\n?,3,south,-1.5\n", to: "new.csv")
        let expected = [
          intercept + b["size"]! * 3 + b["region=west"]!, intercept + b["size"]! * 5,
          intercept - 1.5 * b["size"]! + b["region=south"]!,
        ]
        let predicted = try files.json(["--model", model, "--csv", csv])
        for (found, expected) in zip(try predicted.numbers("predictions"), expected) {
          #expect(isClose(found, expected))
        }
        #expect(predicted["rows"] as? [Int] == [1, 2, 3])
        let errors = zip([1, 2, 3], expected).map { ($0 - $1) * ($0 - $1) }
        #expect(isClose(try predicted.number("mean_squared_error"), errors.reduce(0, +) / 3))
        let outcome = try Program.run(["regress", "--model", model, "--csv", csv])
        #expect(outcome.output.hasPrefix("row,prediction\n1,") && outcome.output.split(separator: "\n").count == 4)
        #expect(outcome.errors.contains("extra") && outcome.errors.contains("mean squared error"), "\(outcome)")
      }
    }
  }

  @Test("an offset is asked for and added")
  func offset() throws {
    try RegressionFiles.with { files in
      let csv = try files.write("a,known,y\n1,10,13\n2,20,21\n4,30,38\n7,40,49\n")
      let model = files.path("model.json")
      let fit = ["--target", "y", "--offset", "known", "--penalty", "lasso", "--lambda", "0.1", "--save", model]
      let report = try files.json(["--csv", csv] + fit)
      let expected = try report.number("intercept") + 3 * (try #require(report.named("coefficients")["a"])) + 100
      let found = try files.json(["--model", model, "--csv", files.write("known,a\n100,3\n", to: "new.csv")])
      #expect(isClose(try found.numbers("predictions")[0], expected) && found["mean_squared_error"] == nil)
      try Program.expectFailure(
        ["regress", "--model", model, "--csv", try files.write("a\n3\n", to: "new.csv")], naming: ["known"])
    }
  }

  @Test(
    "tables that do not fit",
    arguments: [
      ("size,cost\n1,2\n", ["new.csv", "missing", "region"]), ("cost,region\n1,west\n", ["missing", "size"]),
      ("Size,region\n1,west\n", ["missing", "size"]),
      ("size,region\n1,east\n", ["line 2", "region", "'east'", "north"]),
      ("size,region\nx,west\n", ["line 2", "size", "'x'"]),
      ("size,region\n1,west\nNA,west\n", ["line 3", "size", "'NA'"]),
      ("size,region\n1e999,west\n", ["line 2", "size", "finite"]),
      ("size,region\n1,\n", ["line 2", "region", "nothing"]),
      ("", ["new.csv", "empty"]), ("size,region\n", ["new.csv", "row"]), ("size,region\n1\n", ["line 2", "2 fields"]),
    ])
  func otherTables(_ text: String, _ parts: [String]) throws {
    try withModel { files, model, _ in
      try Program.expectFailure(
        ["regress", "--model", model, "--csv", try files.write(text, to: "new.csv")], naming: parts)
    }
  }

  @Test("missing values are left out on request")
  func dropMissing() throws {
    try withModel { files, model, _ in
      let csv = try files.write("size,region\n1,west\n?,west\n3,NA\n4,south\n", to: "new.csv")
      let found = try files.json(["--model", model, "--csv", csv, "--drop-missing"])
      #expect(found["rows"] as? [Int] == [1, 4] && found["dropped_rows"] as? Int == 2)
    }
  }

  @Test("damaged and foreign models")
  func damage() throws {
    try withModel { files, model, _ in
      let good = try files.read("model.json")
      let csv = files.path("data.csv")
      func refuse(_ text: String, _ parts: [String]) throws {
        try files.write(text, to: "bad.json")
        try Program.expectFailure(
          ["regress", "--model", files.path("bad.json"), "--csv", csv], naming: ["bad.json"] + parts)
      }
      try refuse("", ["format"])
      try refuse("{}", ["format"])
      try refuse("[1, 2]", ["format"])
      try refuse("{\"format\": \"something else\", \"version\": 1}", ["format"])
      try refuse(String(good.dropLast(30)), ["format"])
      try refuse(good.replacingOccurrences(of: "\"version\" : 1", with: "\"version\" : 2"), ["version", "2"])
      try refuse(good.replacingOccurrences(of: "\"intercept\"", with: "\"interception\""), ["intercept", "missing"])
      try refuse(good.replacingOccurrences(of: "\"north\"", with: "\"nord\""), ["checksum"])
      try refuse(good.replacingOccurrences(of: "\"west\"", with: "\"south\""), ["checksum"])
      try refuse(good.replacingOccurrences(of: "\"size\"", with: "\"cost\""), ["checksum"])
      try refuse(
        good.replacingOccurrences(of: "\"column_count\" : 3", with: "\"column_count\" : 3e30"), ["cannot be read"])
      // Each digit of the numbers that predict.
      let digits = good.indices.filter { good[$0].isNumber }
      for index in stride(from: 0, to: digits.count, by: 7).map({ digits[$0] }) {
        var text = good
        text.replaceSubrange(index...index, with: good[index] == "1" ? "3" : "1")
        try refuse(text, [])
      }
      try Program.expectFailure(["regress", "--model", files.path("none.json"), "--csv", csv], naming: ["none.json"])
      try Program.expectFailure(["regress", "--model", files.folder.path, "--csv", csv], naming: [files.folder.path])
      try Program.expectFailure(["regress", "--model", csv, "--csv", csv], naming: ["data.csv", "format"])
    }
  }

  @Test("an old model stays where a new one cannot be written")
  func unwritable() throws {
    try withModel { files, model, _ in
      let good = try files.read("model.json")
      let fit = ["regress", "--csv", files.path("data.csv"), "--target", "cost", "--penalty", "ridge", "--lambda", "1"]
      let fails = ["--save", files.path("no/such/folder/model.json")]
      try Program.expectFailure(fit + fails, naming: ["cannot be written", "no/such/folder"])
      try Program.expectFailure(fit + ["--save", files.folder.path], naming: ["cannot be written"])
      let outcome = try Program.run(fit + ["--save", model], shell: "ulimit -f 0")
      #expect(!outcome.wasSignalled && outcome.status != 0, "\(outcome)")
      #expect(try files.read("model.json") == good)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: files.folder.path).sorted() == ["data.csv", "model.json"])
    }
  }
}

import Foundation
import Testing

@Suite("ridgeline: study regularization")
struct StudyTests {
  @Test("a report, and its results as JSON")
  func report() throws {
    try withTemporaryFolder { folder in
      let report = folder.appendingPathComponent("report")
      let arguments = ["study", "regularization", "--output", report.path]
      let outcome = try Program.run(arguments + ["--parts", "geometry,shrinkage", "--seed", "5", "--json"])
      #expect(!outcome.wasSignalled && outcome.status == 0, "\(outcome)")
      let results = try outcome.json()
      #expect((results["fits"] as? [String: Any])?["uncertified"] as? Int == 0)
      #expect(results["geometry"] != nil && results["shrinkage"] != nil && results["paths"] == nil)
      let study = try #require(results["study"] as? [String: Any])
      #expect((study["commands"] as? [String])?.first?.contains("--seed 5") == true)
      for name in ["index.html", "results.json", "data/geometry.csv", "figures/shrinkage.gnuplot"] {
        #expect(FileManager.default.fileExists(atPath: report.appendingPathComponent(name).path), "\(name)")
      }
      // The report again from its results.
      let again = folder.appendingPathComponent("again")
      let second = try Program.run([
        "study", "regularization", "--output", again.path, "--from", report.appendingPathComponent("results.json").path,
      ])
      #expect(second.status == 0 && second.output.contains("duality gap"), "\(second)")
      #expect(
        try Data(contentsOf: again.appendingPathComponent("index.html"))
          == Data(contentsOf: report.appendingPathComponent("index.html")))
    }
  }

  @Test("what cannot be is named")
  func refusals() throws {
    try withTemporaryFolder { folder in
      let output = ["study", "regularization", "--output", folder.appendingPathComponent("report").path]
      try Program.expectFailure(output + ["--parts", "path"], naming: ["--parts", "'path'", "geometry"])
      try Program.expectFailure(output + ["--training-sets", "3"], naming: ["--training-sets", "10 to 100000"])
      try Program.expectFailure(output + ["--network-seeds", "1"], naming: ["--network-seeds"])
      try Program.expectFailure(["study", "regularization"], naming: ["--output"])
      try Program.expectFailure(
        output + ["--from", folder.appendingPathComponent("missing").path],
        naming: ["/missing'", "there is no such file"])
      // A folder that cannot be made is found out before the work.
      let file = folder.appendingPathComponent("file")
      try Data().write(to: file)
      try Program.expectFailure(
        ["study", "regularization", "--output", file.appendingPathComponent("report").path],
        naming: ["/file'", "cannot be made"])
    }
  }

  @Test("Ctrl-C keeps what is finished and says what is not")
  func interrupt() throws {
    try withTemporaryFolder { folder in
      let report = folder.appendingPathComponent("report")
      let arguments = ["study", "regularization", "--output", report.path, "--json"]
      let outcome = try Program.run(
        arguments + ["--parts", "geometry", "network", "--network-seeds", "1000", "--updates", "1000000"]
      ) { process, errors in
        while process.isRunning, !errors().contains("network") { usleep(5_000) }
        kill(process.processIdentifier, SIGINT)
      }
      #expect(!outcome.wasSignalled && outcome.status == 130, "\(outcome)")
      #expect(outcome.errors.contains("not finished: network"), "\(outcome)")
      let study = try #require(try outcome.json()["study"] as? [String: Any])
      #expect(study["unfinished_parts"] as? [String] == ["network"])
      let page = try String(contentsOf: report.appendingPathComponent("index.html"), encoding: .utf8)
      #expect(page.contains("Incomplete") && page.contains("id=\"geometry\""))
    }
  }
}

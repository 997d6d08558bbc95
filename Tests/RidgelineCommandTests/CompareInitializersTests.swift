import Foundation
import Testing

@Suite("compare-initializers")
struct CompareInitializersTests {
  /// A study of some tiny networks: 2 runs a seed.
  static func arguments(seeds: Int, steps: Int) -> [String] {
    [
      "--parts", "comparison", "--activations", "tanh", "--initializers", "zeros,standard", "--width", "4", "--batch",
      "2",
    ]
      + ["--depth", "2", "--steps", "\(steps)", "--seeds", "\(seeds)"]
  }

  /// What stands in a report's results.json.
  private func results(in folder: URL) throws -> (runs: Int, planned: Int) {
    let data = try Data(contentsOf: folder.appendingPathComponent("results.json"))
    let top = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let study = try #require(top["study"] as? [String: Any])
    return (try #require(top["runs"] as? [Any]).count, try #require(study["planned_runs"] as? Int))
  }

  /// Waits until the study has come so far that `text` is in its progress.
  private func wait(_ process: Process, _ errors: () -> String, for text: Regex<Substring>) {
    while process.isRunning, !errors().contains(text) { usleep(5_000) }
  }

  @Test("a whole study prints a table and leaves a report")
  func whole() throws {
    try withTemporaryFolder { folder in
      let report = folder.appendingPathComponent("new/report")
      let outcome = try Program.run(
        program: .compareInitializers, Self.arguments(seeds: 2, steps: 4) + ["--output", report.path])
      #expect(!outcome.wasSignalled && outcome.status == 0, "\(outcome)")
      #expect(outcome.output.contains("final loss") && outcome.output.contains("report: \(report.path)/index.html"))
      #expect(!outcome.output.contains("Incomplete"), "\(outcome)")
      #expect(try results(in: report) == (4, 4))
      #expect(
        Set(try FileManager.default.contentsOfDirectory(atPath: report.path))
          == ["index.html", "results.json", "data", "figures"])
      // Written again from the results, elsewhere.
      let second = folder.appendingPathComponent("second")
      let again = try Program.run(
        program: .compareInitializers,
        ["--from", report.appendingPathComponent("results.json").path, "--output", second.path])
      #expect(again.status == 0, "\(again)")
      let pages = try [report, second].map { try Data(contentsOf: $0.appendingPathComponent("index.html")) }
      #expect(pages[0] == pages[1])
    }
  }

  @Test("a signal keeps the runs that are finished", arguments: [SIGINT, SIGTERM, SIGHUP])
  func stopped(_ number: Int32) throws {
    try withTemporaryFolder { folder in
      let report = folder.appendingPathComponent("report")
      let outcome = try Program.run(
        program: .compareInitializers, Self.arguments(seeds: 200, steps: 200) + ["--output", report.path]
      ) { process, errors in
        wait(process, errors, for: /[1-9][0-9]* of 400 runs/)
        kill(process.processIdentifier, number)
      }
      #expect(!outcome.wasSignalled && outcome.status == 128 + number, "\(outcome)")
      let (runs, planned) = try results(in: report)
      #expect(planned == 400 && runs > 0 && runs < 400, "\(runs) of \(planned)")
      let page = try String(contentsOf: report.appendingPathComponent("index.html"), encoding: .utf8)
      for text in [outcome.output, page] {
        #expect(text.contains("stopped after \(runs) of its 400 runs"), "\(outcome)")
      }
      #expect(outcome.output.contains("final loss"), "\(outcome)")
    }
  }

  @Test("a study that is stopped before a run is finished leaves nothing")
  func stoppedAtOnce() throws {
    try withTemporaryFolder { folder in
      let outcome = try Program.run(
        program: .compareInitializers,
        Self.arguments(seeds: 2, steps: 500_000) + ["--output", folder.appendingPathComponent("a/report").path]
      ) { process, errors in
        wait(process, errors, for: /0 of 4 runs/)
        kill(process.processIdentifier, SIGINT)
      }
      #expect(!outcome.wasSignalled && outcome.status == 130, "\(outcome)")
      #expect(outcome.errors.contains("nothing was written") && outcome.output.isEmpty, "\(outcome)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  @Test("a folder that cannot take the report is refused before training")
  func unwritable() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("file")
      try Data("a file".utf8).write(to: file)
      let blocked = folder.appendingPathComponent("blocked")
      for name in ["index.html", "results.json"] {
        let report = blocked.appendingPathComponent("by \(name)")
        try FileManager.default.createDirectory(
          at: report.appendingPathComponent(name), withIntermediateDirectories: true)
      }
      // A study that would take hours if it began.
      let long = Self.arguments(seeds: 2, steps: 100_000_000)
      func refuse(_ path: String, naming parts: [String], shell: String? = nil) throws {
        try Program.expectFailure(
          program: .compareInitializers, long + ["--output", path], naming: parts, shell: shell)
      }
      try refuse("", naming: ["--output", "empty"])
      try refuse(file.path, naming: [file.path, "something else than a folder"])
      try refuse(file.path + "/report", naming: [file.path, "something else than a folder"])
      for name in ["index.html", "results.json"] {
        try refuse(blocked.path + "/by \(name)", naming: [name, "not a regular file"])
      }
      // No file may grow beyond 16 blocks.
      let full = folder.appendingPathComponent("full/report")
      try refuse(full.path, naming: [full.path, "cannot be written"], shell: "ulimit -f 16")
      // Nothing is left of those that were made.
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["blocked", "file"])
    }
  }

  @Test(
    "a failure at the end says what is lost, after the results are printed", arguments: ["index.html", "results.json"])
  func lateFailure(_ name: String) throws {
    try withTemporaryFolder { folder in
      let report = folder.appendingPathComponent("report")
      let outcome = try Program.run(
        program: .compareInitializers, Self.arguments(seeds: 20, steps: 200) + ["--output", report.path]
      ) { process, errors in
        wait(process, errors, for: /[0-9]+ of 40 runs/)
        try FileManager.default.createDirectory(
          at: report.appendingPathComponent(name), withIntermediateDirectories: false)
      }
      #expect(!outcome.wasSignalled && outcome.status == 1, "\(outcome)")
      #expect(outcome.output.contains("final loss"), "\(outcome)")
      #expect(outcome.errors.contains("\(name)' cannot be written"), "\(outcome)")
      if name == "index.html" {
        #expect(outcome.errors.contains("All results are in") && outcome.errors.contains("--from"), "\(outcome)")
        #expect(try results(in: report) == (40, 40))
      } else {
        #expect(outcome.errors.contains("The results of 40 runs are lost but for what was printed"), "\(outcome)")
      }
    }
  }

  @Test("--from trains nothing and says which options it has no use for")
  func fromWithOptions() throws {
    for options in [
      ["--steps", "5"], ["--initializers", "zeros"], ["--paper"], ["--seed", "1"], ["--threads", "1"],
    ] {
      try Program.expectFailure(
        program: .compareInitializers, ["--from", "/no/such/file"] + options, naming: ["--from", options[0]])
    }
    try Program.expectFailure(
      program: .compareInitializers, ["--from", "/no/such/file"], naming: ["/no/such/file"])
  }

  @Test("an initializer that nothing has is answered by the names that there are")
  func unknownInitializer() throws {
    try Program.expectFailure(
      program: .compareInitializers, ["--initializers", "xavier"],
      naming: ["xavier", "lsuv", "dirac", "constant", "variance_scaling", "glorot_uniform"])
  }

  @Test("two studies do not share a folder")
  func shared() throws {
    try withTemporaryFolder { folder in
      let output = ["--output", folder.appendingPathComponent("report").path]
      let outcome = try Program.run(
        program: .compareInitializers, Self.arguments(seeds: 200, steps: 200) + output
      ) { process, errors in
        wait(process, errors, for: /[1-9][0-9]* of 400 runs/)
        try Program.expectFailure(
          program: .compareInitializers, Self.arguments(seeds: 2, steps: 4) + output, naming: [output[1], "is in use"])
        kill(process.processIdentifier, SIGINT)
      }
      #expect(outcome.status == 130, "\(outcome)")
      // It is free again.
      #expect(try Program.run(program: .compareInitializers, Self.arguments(seeds: 2, steps: 4) + output).status == 0)
    }
  }

  @Test("results that cannot be printed are an error, and the report is written")
  func fullOutput() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    for flags in [[], ["--json"]] {
      try withTemporaryFolder { folder in
        let outcome = try Program.run(
          program: .compareInitializers, Self.arguments(seeds: 2, steps: 4) + ["--output", folder.path] + flags,
          output: "/dev/full")
        #expect(!outcome.wasSignalled && outcome.status == 1, "\(outcome)")
        #expect(outcome.errors.contains("standard output cannot be written") && outcome.errors.contains(folder.path))
        #expect(try results(in: folder) == (4, 4))
      }
    }
  }

  @Test("--json prints what results.json holds")
  func json() throws {
    try withTemporaryFolder { folder in
      let outcome = try Program.run(
        program: .compareInitializers, Self.arguments(seeds: 2, steps: 4) + ["--output", folder.path, "--json"])
      #expect(outcome.status == 0, "\(outcome)")
      let file = try String(contentsOf: folder.appendingPathComponent("results.json"), encoding: .utf8)
      #expect(outcome.output == file + "\n")
    }
  }

  @Test("arguments and results that are not what they should be")
  func refusals() throws {
    try withTemporaryFolder { folder in
      let output = ["--output", folder.appendingPathComponent("report").path]
      func refuse(_ arguments: [String], naming parts: [String], environment: [String: String] = [:]) throws {
        try Program.expectFailure(
          program: .compareInitializers, arguments + output, naming: parts, environment: environment)
      }
      for option in ["--input-deviation", "--lenet-input-deviation"] {
        for value in ["1e300", "1e-300", "0", "nan"] { try refuse([option, value], naming: [option]) }
      }
      try refuse(["--threads", "0"], naming: ["--threads"])
      try refuse([], naming: ["RIDGELINE_THREADS", "'many'"], environment: ["RIDGELINE_THREADS": "many"])
      try refuse(["--dataset", "mnist", "--data-directory", ""], naming: ["--data-directory", "empty"])
      try refuse(
        ["--dataset", "mnist", "--data-directory", folder.path], naming: [folder.path, "expected a file named"])
      try refuse(["--from", ""], naming: ["--from", "empty"])
      try refuse(["--from", "/nope"], naming: ["/nope", "there is no such file"])
      let file = folder.appendingPathComponent("broken.json")
      try Data("{\"runs\": [{}]}".utf8).write(to: file)
      try refuse(["--from", file.path], naming: [file.path, "cannot be read"])
      try refuse(["--from", folder.path], naming: [folder.path, "cannot be read"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["broken.json"])
    }
  }

  @Test(
    "the table and what is said of it fit the terminal",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/ptmx"), "there are no pseudo-terminals here"),
    arguments: [40, 80, 100])
  func widths(_ columns: Int) throws {
    try withTemporaryFolder { folder in
      let first = try Program.run(
        program: .compareInitializers, Self.arguments(seeds: 2, steps: 4) + ["--output", folder.path])
      #expect(first.status == 0, "\(first)")
      let (master, slave) = try TerminalTests.openTerminal()
      defer { close(master) }
      var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
      try #require(ioctl(slave, UInt(TIOCSWINSZ), &size) == 0)
      let process = Process()
      process.executableURL = Program.compareInitializers.executable
      process.arguments = ["--from", folder.path + "/results.json", "--output", folder.path]
      process.standardOutput = FileHandle(fileDescriptor: slave)
      process.standardError = FileHandle.nullDevice
      process.environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C"]) { $1 }
      try process.run()
      close(slave)
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      // The terminal's end is an error of reading.
      while case let count = read(master, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      let lines = String(decoding: bytes.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self).split(separator: "\n")
      #expect(lines.count > 8)
      for line in lines where !line.hasPrefix("report: ") { #expect(line.count < columns, "\(line)") }
    }
  }
}

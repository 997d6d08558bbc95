import Foundation
import Testing

/// The built programs, each run as a process of its own.
enum Program: String {
  case ridgeline
  case compareInitializers = "compare-initializers"
  case allocationProbe = "AllocationProbe"

  /// What a finished process left.
  struct Outcome: CustomStringConvertible {
    let program: Program
    let arguments: [String]
    /// The exit code, or the signal that ended the process.
    let status: Int32
    let wasSignalled: Bool
    let output: String
    let errors: String

    var description: String {
      "\(program.rawValue) \(arguments.joined(separator: " "))\n\(wasSignalled ? "signal" : "exit code") \(status)\n\(output)\(errors)"
    }

    /// The JSON object on the last line of the output.
    func json() throws -> [String: Any] {
      let line = try #require(output.split(separator: "\n").last, "\(self)")
      return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(self)")
    }
  }

  /// The executable stands beside the tests: beside the program that runs them, or beside their bundle on macOS.
  var executable: URL { Self.folder.appendingPathComponent(rawValue) }

  private static let folder: URL = {
    var folders = [Bundle.main.executableURL].compactMap { $0?.resolvingSymlinksInPath().deletingLastPathComponent() }
    if let flag = CommandLine.arguments.firstIndex(of: "--test-bundle-path"),
      let path = CommandLine.arguments.dropFirst(flag + 1).first
    {
      var bundle = URL(fileURLWithPath: path)
      while bundle.pathComponents.count > 1, bundle.pathExtension != "xctest" { bundle.deleteLastPathComponent() }
      folders.append(bundle.deletingLastPathComponent())
    }
    let name = Program.ridgeline.rawValue
    return folders.first { FileManager.default.isExecutableFile(atPath: $0.appendingPathComponent(name).path) }
      ?? folders[0]
  }()

  /// Runs a program to its end.
  ///
  /// - Parameters:
  ///   - environment: variables beside those of the tests.
  ///   - shell: commands for `sh` before the program takes its place, such as `ulimit -f 8`.
  ///   - output: where standard output goes instead of into the outcome.
  ///   - whileRunning: called once the program runs, with a function that reads what stands on standard error.
  static func run(
    program: Program = .ridgeline, _ arguments: [String], environment: [String: String] = [:], shell: String? = nil,
    output: String? = nil,
    whileRunning: ((Process, () -> String) throws -> Void)? = nil
  ) throws -> Outcome {
    try withTemporaryFolder { folder in
      let process = Process()
      if let shell {
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", shell + "; exec \"$0\" \"$@\"", program.executable.path] + arguments
      } else {
        process.executableURL = program.executable
        process.arguments = arguments
      }
      process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
      // Files and no pipes: a pipe that nobody empties would stop the program.
      let (outputFile, errorFile) = (folder.appendingPathComponent("output"), folder.appendingPathComponent("errors"))
      for file in [outputFile, errorFile] { try Data().write(to: file) }
      let handles = try [output.map { URL(fileURLWithPath: $0) } ?? outputFile, errorFile].map {
        try FileHandle(forWritingTo: $0)
      }
      // Foundation keeps a process, and with it the files: over a thousand of them make it start the next one wrongly.
      defer { for handle in handles { try? handle.close() } }
      (process.standardOutput, process.standardError) = (handles[0], handles[1])
      process.standardInput = FileHandle.nullDevice
      let ended = DispatchSemaphore(value: 0)
      process.terminationHandler = { _ in ended.signal() }
      try process.run()
      func errors() -> String { (try? String(contentsOf: errorFile, encoding: .utf8)) ?? "" }
      do {
        try whileRunning?(process, errors)
      } catch {
        kill(process.processIdentifier, SIGKILL)
        throw error
      }
      if ended.wait(timeout: .now() + 120) == .timedOut {
        kill(process.processIdentifier, SIGKILL)
        Issue.record("\(program.rawValue) \(arguments.joined(separator: " ")) did not end within two minutes")
        ended.wait()
      }
      return Outcome(
        program: program, arguments: arguments, status: process.terminationStatus,
        wasSignalled: process.terminationReason == .uncaughtSignal,
        output: try String(contentsOf: outputFile, encoding: .utf8), errors: errors())
    }
  }

  /// Runs a call that must fail: with an exit code other than 0, no signal, nothing on standard output and a sentence that
  /// holds every one of `parts`.
  static func expectFailure(
    program: Program = .ridgeline, _ arguments: [String], naming parts: [String],
    environment: [String: String] = [:], shell: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try run(program: program, arguments, environment: environment, shell: shell)
    #expect(!outcome.wasSignalled && outcome.status != 0, "\(outcome)", sourceLocation: sourceLocation)
    #expect(outcome.output.isEmpty, "\(outcome)", sourceLocation: sourceLocation)
    #expect(outcome.errors.contains("Error: "), "\(outcome)", sourceLocation: sourceLocation)
    for part in parts {
      #expect(outcome.errors.contains(part), "'\(part)' is not in: \(outcome)", sourceLocation: sourceLocation)
    }
    // An error of Swift's own, printed without a sentence, looks like a call or an enumeration's case.
    #expect(
      !outcome.errors.contains("Error Domain") && !outcome.errors.contains("CocoaError"), "\(outcome)",
      sourceLocation: sourceLocation)
    // The usage is that of the command that was called.
    let usesSubcommand = ["train", "evaluate", "predict", "summary", "benchmark"].contains(arguments.first)
    #expect(
      !usesSubcommand || !outcome.errors.contains("Usage: ridgeline <subcommand>"), "\(outcome)",
      sourceLocation: sourceLocation)
  }
}

/// A new folder that is removed at the end of `body`.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("command-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

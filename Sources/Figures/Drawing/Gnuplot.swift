public import Foundation

/// The gnuplot program on this machine, which draws the figures.
public struct Gnuplot: Sendable, Hashable {
  /// Where the program is.
  public let executable: URL
  /// How long a figure may take, in seconds.
  public var timeLimit: Double

  /// How to get gnuplot, in a sentence.
  public static let installationHint =
    "gnuplot was not found: install it ('apt-get install gnuplot-nox' on Debian and Ubuntu, 'brew install gnuplot' on "
    + "macOS), then run the scripts in the folder 'figures' or write the report again."

  /// The program at `executable`.
  public init(executable: URL, timeLimit: Double = 60) {
    self.executable = executable
    self.timeLimit = timeLimit
  }

  /// Looks for `gnuplot` in the folders of `path`, which is the environment's `PATH` unless told.
  ///
  /// - Returns: the first that may be run, or nil.
  public static func find(path: String? = ProcessInfo.processInfo.environment["PATH"]) -> Gnuplot? {
    (path ?? "").split(separator: ":").lazy
      .filter { $0.hasPrefix("/") }
      .map { URL(fileURLWithPath: String($0)).appendingPathComponent("gnuplot") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
      .map { Gnuplot(executable: $0) }
  }

  /// Draws `figure` and returns the picture, an SVG file's text with the figure's title and conclusion inside.
  ///
  /// It is drawn in a temporary folder that is removed again.
  ///
  /// - Throws: `GnuplotError` where the program cannot be run, fails, takes too long or draws nothing.
  public func draw(_ figure: Figure) throws(GnuplotError) -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("figure-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let figures = folder.appendingPathComponent("figures")
    let data = folder.appendingPathComponent("data")
    do {
      for directory in [figures, data] {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      }
      try Data(figure.csv.utf8).write(to: data.appendingPathComponent("\(figure.name).csv"))
      try Data(figure.script.utf8).write(to: figures.appendingPathComponent("\(figure.name).gnuplot"))
    } catch {
      throw .notRun(figure: figure.name, reason: error.localizedDescription)
    }
    try run(figure, in: figures)
    guard
      let drawing = try? String(contentsOf: figures.appendingPathComponent("\(figure.name).svg"), encoding: .utf8),
      drawing.contains("</svg>")
    else { throw .noDrawing(figure: figure.name) }
    return SVGDocument.finished(drawing, name: figure.name, title: figure.title, description: figure.conclusion)
  }

  /// Whether so many files may be opened still: Foundation ends the program where it gets no pipe for a process.
  private static func canOpen(_ count: Int) -> Bool {
    let descriptors = (0..<count).map { _ in open("/dev/null", O_RDONLY) }
    defer { for descriptor in descriptors where descriptor >= 0 { close(descriptor) } }
    return descriptors.allSatisfy { $0 >= 0 }
  }

  private func run(_ figure: Figure, in directory: URL) throws(GnuplotError) {
    guard Self.canOpen(16) else {
      throw .notRun(figure: figure.name, reason: "too few files may be open at a time (ulimit -n)")
    }
    let messages = directory.appendingPathComponent("messages.txt")
    let process = Process()
    let ended = DispatchSemaphore(value: 0)
    process.executableURL = executable
    process.arguments = ["\(figure.name).gnuplot"]
    process.currentDirectoryURL = directory
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.terminationHandler = { _ in ended.signal() }
    var errors: FileHandle?
    // Foundation keeps a process, and with it the file.
    defer { try? errors?.close() }
    do {
      // A file and not a pipe: a pipe that nobody empties would stop a talkative program.
      try Data().write(to: messages)
      errors = try FileHandle(forWritingTo: messages)
      process.standardError = errors
      try process.run()
    } catch {
      throw .notRun(figure: figure.name, reason: error.localizedDescription)
    }
    guard ended.wait(timeout: .now() + timeLimit) == .success else {
      kill(process.processIdentifier, SIGKILL)
      throw .tookTooLong(figure: figure.name, seconds: timeLimit)
    }
    guard process.terminationStatus == 0 else {
      let text = (try? String(contentsOf: messages, encoding: .utf8)) ?? ""
      let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
      throw .failed(
        figure: figure.name, status: process.terminationStatus,
        message: lines.filter { !$0.isEmpty }.suffix(3).joined(separator: "; "))
    }
  }
}

/// Why a figure was not drawn.
public enum GnuplotError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The program did not start.
  case notRun(figure: String, reason: String)
  /// The program ended with a status other than 0.
  case failed(figure: String, status: Int32, message: String)
  /// The program was stopped after so many seconds.
  case tookTooLong(figure: String, seconds: Double)
  /// The program ended well without a complete picture.
  case noDrawing(figure: String)

  /// The figure and the reason, in a sentence.
  public var description: String {
    switch self {
    case .notRun(let figure, let reason): "gnuplot could not be started for figure '\(figure)': \(reason)"
    case .failed(let figure, let status, let message):
      "gnuplot failed on figure '\(figure)' with status \(status): \(message)"
    case .tookTooLong(let figure, let seconds):
      "gnuplot took more than \(Wording.number(seconds)) s for figure '\(figure)' and was stopped"
    case .noDrawing(let figure): "gnuplot drew no complete picture for figure '\(figure)'"
    }
  }
}

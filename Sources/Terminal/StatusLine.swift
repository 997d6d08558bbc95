#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A line on standard error that redraws itself while work goes on, where standard error is a terminal.
///
/// Standard output is left to results. What cannot be written is lost: a closed pipe or a full disk behind standard error
/// is no reason to give up hours of work.
public final class StatusLine {
  /// Whether there is a terminal to redraw on; elsewhere ``draw(_:)`` does nothing and ``print(_:)`` writes plain lines.
  public let isTerminal: Bool
  /// Whether the locale's characters are Unicode's (LC_ALL, LC_CTYPE or LANG names UTF-8), so that blocks can be drawn.
  public let isUnicode: Bool
  private var lastDraw: ContinuousClock.Instant?

  /// A line that is empty so far.
  public init() {
    isTerminal = isatty(STDERR_FILENO) == 1
    let settings = (["LC_ALL", "LC_CTYPE", "LANG"] as [String]).map { name in
      getenv(name).map { String(cString: $0) } ?? ""
    }
    let locale = settings.first { !$0.isEmpty }?.uppercased() ?? ""
    isUnicode = locale.contains("UTF-8") || locale.contains("UTF8")
  }

  /// How many columns a text may take: the terminal's, less the two of a `^C` and the one of the cursor, so that neither
  /// the text nor a Ctrl-C ever wraps. 80 columns are assumed where the terminal does not say.
  public var columns: Int {
    var size = winsize()
    let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return max(1, (isKnown ? Int(size.ws_col) : 80) - 3)
  }

  /// Shows a text in the place of the one before, at most ten times a second.
  ///
  /// - Parameter text: gives the text for so many columns; what is longer is cut off.
  public func draw(_ text: (_ columns: Int) -> String) {
    guard isTerminal else { return }
    let now = ContinuousClock.now
    if let lastDraw, lastDraw.duration(to: now) < .milliseconds(100) { return }
    lastDraw = now
    let columns = columns
    write("\r" + text(columns).prefix(columns) + Self.eraseToEnd)
  }

  /// Takes the text away.
  public func clear() {
    guard isTerminal, lastDraw != nil else { return }
    lastDraw = nil
    write("\r" + Self.eraseToEnd)
  }

  /// Writes a line that stays, in the place of the text that was shown.
  public func print(_ line: String) {
    clear()
    write(line + "\n")
  }

  private static let eraseToEnd = "\u{1B}[K"

  private func write(_ text: String) { _ = writeAll(text, to: STDERR_FILENO) }
}

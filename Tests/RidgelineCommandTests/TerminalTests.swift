import Foundation
import Testing

@Suite("ridgeline: on a terminal")
struct TerminalTests {
  /// A pseudo-terminal: the side that sees what is shown, and the side of the program.
  static func openTerminal() throws -> (master: Int32, slave: Int32) {
    #if os(Linux)
      // Swift's view of the C library lacks posix_openpt and its companions; this is what they do.
      let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
      var (number, isLocked) = (CInt(0), CInt(0))
      let (unlock, getNumber) = (UInt(0x4004_5431), UInt(0x8004_5430))
      try #require(master >= 0 && ioctl(master, unlock, &isLocked) == 0 && ioctl(master, getNumber, &number) == 0)
      let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    #else
      let master = posix_openpt(O_RDWR | O_NOCTTY)
      try #require(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0)
      let slave = open(try #require(ptsname(master)), O_RDWR | O_NOCTTY)
    #endif
    try #require(slave >= 0)
    return (master, slave)
  }

  /// What a pseudo-terminal of so many columns shows of a training that Ctrl-C stops in its third epoch.
  func transcript(columns: UInt16, locale: String) throws -> String {
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder)
      let (master, slave) = try Self.openTerminal()
      defer { close(master) }
      var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
      try #require(ioctl(slave, UInt(TIOCSWINSZ), &size) == 0)
      _ = fcntl(master, F_SETFL, O_NONBLOCK)

      let process = Process()
      process.executableURL = Program.ridgeline.executable
      process.arguments = ["train", "lenet5", "--epochs", "1000", "--batch", "10"] + digits.flags
      process.environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": locale]) { $1 }
      process.standardError = FileHandle(fileDescriptor: slave)
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      close(slave)

      var bytes: [UInt8] = []
      var isStopped = false
      let deadline = Date.now.addingTimeInterval(60)
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        // What was written last is still read after the end.
        let hasEnded = !process.isRunning
        let count = read(master, &buffer, buffer.count)
        if count > 0 {
          bytes += buffer[..<count]
          if !isStopped, String(decoding: bytes, as: UTF8.self).contains("epoch    3/1000") {
            isStopped = true
            kill(process.processIdentifier, SIGINT)
          }
        } else if hasEnded {
          break
        } else if Date.now > deadline {
          Issue.record("the training did not end")
          kill(process.processIdentifier, SIGKILL)
        } else {
          usleep(1_000)
        }
      }
      process.waitUntilExit()
      #expect(process.terminationStatus == 130)
      // The terminal turns line feeds into both, which Swift counts as one character.
      return String(decoding: bytes.filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
  }

  @Test(
    "the bar and the lines of the epochs never wrap, and Ctrl-C clears the bar",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/ptmx"), "there are no pseudo-terminals here"),
    arguments: [(20, "C"), (40, "C.UTF-8"), (80, "C.UTF-8"), (120, "C")])
  func widths(_ columns: Int, _ locale: String) throws {
    let text = try transcript(columns: UInt16(columns), locale: locale)
    let lines = text.split(separator: "\r").map {
      $0.replacing("\u{1B}[K", with: "")
    }
    let shown = lines.filter { $0.hasPrefix("epoch") }
    #expect(shown.count >= 6, "\(text)")
    // Room for the two characters that the terminal shows for Ctrl-C, and for the cursor.
    for line in shown { #expect(line.count <= columns - 3, "\(line)") }
    #expect(shown.contains { $0.contains(locale == "C" ? "." : "░") && $0.contains("%") } || columns < 40, "\(text)")
    #expect(text.contains("\r\u{1B}[Kstopped at step"), "\(text)")
  }
}

import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Turns Ctrl-C (the signal SIGINT) into a question that long work asks after every step.
///
/// The first press is remembered. A second one ends the process at once with exit code ``exitCode``, unless presses are
/// held back while something is still to be saved.
public enum Interrupt {
  /// What a shell expects of a program that ended because of Ctrl-C: 128 + 2.
  public static let exitCode: Int32 = 130

  private static let presses = Atomic<Int>(0)
  private static let isHoldingBack = Atomic<Bool>(false)

  /// From now on Ctrl-C is counted.
  ///
  /// - Parameter holdingBack: whether presses after the first are only counted until ``release()``.
  public static func watch(holdingBack: Bool = false) {
    isHoldingBack.store(holdingBack, ordering: .relaxed)
    // A program started by a thread that blocks signals inherits the block.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    signal(SIGINT) { _ in
      let isRepeated = Interrupt.presses.add(1, ordering: .relaxed).newValue > 1
      guard isRepeated && !Interrupt.isHoldingBack.load(ordering: .relaxed) else { return }
      // The shell's next prompt stands on a line of its own.
      var newline = UInt8(ascii: "\n")
      write(STDERR_FILENO, &newline, 1)
      _exit(Interrupt.exitCode)
    }
  }

  /// Everything is saved: from now on the second press, or any later one, ends the process at once.
  public static func release() { isHoldingBack.store(false, ordering: .relaxed) }

  /// How often Ctrl-C was pressed.
  public static var pressCount: Int { presses.load(ordering: .relaxed) }

  /// Whether Ctrl-C was pressed.
  public static var wasPressed: Bool { pressCount > 0 }
}

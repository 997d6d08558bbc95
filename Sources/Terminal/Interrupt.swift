import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Turns the signals by which people and systems ask a program to end into a question that long work asks after every step.
///
/// These are SIGINT (Ctrl-C), SIGTERM (`kill`, `timeout`, a container that is stopped) and SIGHUP (a terminal that is
/// closed; not where `nohup` has it ignored). The first one is remembered. A second one ends the process at once with
/// ``exitCode``, unless signals are held back while something is still to be saved.
public enum Interrupt {
  /// What a shell expects of a program that ended because of a signal: 128 + the first one's number, and 128 + 2 while none
  /// has come. 130 stands for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP.
  public static var exitCode: Int32 {
    let number = firstSignal.load(ordering: .relaxed)
    return 128 + (number == 0 ? SIGINT : number)
  }

  private static let presses = Atomic<Int>(0)
  private static let firstSignal = Atomic<Int32>(0)
  /// How many signals end the process at once.
  private static let limit = Atomic<Int>(2)

  /// From now on the signals are counted.
  ///
  /// - Parameter holdingBack: whether signals after the first are only counted until ``release()``.
  public static func watch(holdingBack: Bool = false) {
    limit.store(holdingBack ? .max : 2, ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP] where number != SIGHUP || !isIgnored(number) {
      // A program started by a thread that blocks signals inherits the block.
      var signals = sigset_t()
      sigemptyset(&signals)
      sigaddset(&signals, number)
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      signal(number) { number in
        _ = Interrupt.firstSignal.compareExchange(expected: 0, desired: number, ordering: .relaxed)
        let count = Interrupt.presses.add(1, ordering: .relaxed).newValue
        guard count >= Interrupt.limit.load(ordering: .relaxed) else { return }
        // The shell's next prompt stands on a line of its own.
        var newline = UInt8(ascii: "\n")
        write(STDERR_FILENO, &newline, 1)
        _exit(Interrupt.exitCode)
      }
    }
  }

  /// Everything is saved: from now on the second signal, or any later one, ends the process at once.
  public static func release() { limit.store(2, ordering: .relaxed) }

  /// Nothing that goes on is worth waiting for: from now on every signal ends the process at once.
  public static func endAtOnce() { limit.store(1, ordering: .relaxed) }

  /// How often a signal came.
  public static var pressCount: Int { presses.load(ordering: .relaxed) }

  /// Whether a signal came.
  public static var wasPressed: Bool { pressCount > 0 }

  /// Whether the program was started with a signal ignored.
  private static func isIgnored(_ number: Int32) -> Bool {
    // The only way to learn of a handler is to set another; the caller sets the one that it wants or this one stays.
    let previous = signal(number, SIG_IGN)
    // The two are a number in the place of a function, which Swift does not compare.
    return unsafeBitCast(previous, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

import Foundation
import Synchronization

/// Turns Ctrl-C into a question that training asks after every step.
enum Interrupt {
  private static let count = Atomic<Int>(0)

  /// From now on the first Ctrl-C is remembered; the second ends the process at once.
  static func watch() {
    signal(SIGINT) { _ in
      if Interrupt.count.add(1, ordering: .relaxed).newValue > 1 { _exit(130) }
    }
  }

  /// Whether Ctrl-C was pressed.
  static var wasPressed: Bool { count.load(ordering: .relaxed) > 0 }
}

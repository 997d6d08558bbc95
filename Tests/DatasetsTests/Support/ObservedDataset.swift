import Datasets
import Foundation
import Tensors

/// Example i has the single input i and the target -i; counts what is asked for, fails or dawdles on request.
final class ObservedDataset: Dataset {
  struct Failure: Error, Equatable {}

  let count: Int
  let exampleShape: Shape = [1]
  let targetShape: Shape = [1]
  let classNames: [String] = []
  private let failing: Int?
  private let delay: TimeInterval
  private let counter = Counter()

  init(count: Int, failing: Int? = nil, delay: TimeInterval = 0) {
    self.count = count
    self.failing = failing
    self.delay = delay
  }

  /// How many examples have been copied.
  var copies: Int { counter.value }

  /// Returns once `count` examples have been copied.
  func waitForCopies(_ count: Int) {
    while copies < count { Thread.sleep(forTimeInterval: 0.0005) }
  }

  func copyExample(
    _ index: Int, into input: UnsafeMutableBufferPointer<Float>, target: UnsafeMutableBufferPointer<Float>
  ) throws {
    try checkAccess(index, input: input, target: target)
    if delay > 0 { Thread.sleep(forTimeInterval: delay) }
    if index == failing { throw Failure() }
    counter.increment()
    input[0] = Float(index)
    target[0] = -Float(index)
  }
}

/// A number that several threads count up; `@unchecked` because the lock guards it.
private final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0
  var value: Int { lock.withLock { count } }
  func increment() { lock.withLock { count += 1 } }
}

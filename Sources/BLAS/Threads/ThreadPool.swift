/// A fixed set of threads that share out the tasks of one parallel region at a time.
///
/// ```swift
/// ThreadPool.shared.run(tiles.count) { tile in
///   // called once for each tile, on several threads at once
/// }
/// ```
///
/// Which thread does which task is left to chance, so a task must not depend on it: work is cut by shape alone and
/// sums are combined in a fixed order, and then results do not depend on the number of threads.
///
/// Idle workers spin for about 50 µs and then sleep, so that the regions of a training step start within a fraction
/// of a microsecond while an idle process takes no processor time.
public final class ThreadPool: Sendable {
  /// The pool of the process, with as many threads as the process may use.
  ///
  /// That is the number of processors in its affinity mask, or fewer where a control group limits its processor time.
  /// The environment variable `RIDGELINE_THREADS` (1 to 64) overrides it; any other value is ignored, and
  /// ``checkEnvironment()`` tells of it.
  public static let shared = ThreadPool(threads: defaultThreadCount)

  /// How many threads ``shared`` has, or will have when it is first used.
  public static var defaultThreadCount: Int { AvailableProcessors.threadCount() }

  /// The most threads that a pool has.
  public static let maximumThreadCount = 64

  /// How many threads work on a region, the caller included.
  public let threadCount: Int

  private let team: ThreadTeam?
  /// The same, for regions: each would otherwise count a reference to it up and down.
  private let regions: Unmanaged<ThreadTeam>?
  private let workers: [Worker]

  /// Makes a pool of `threads` threads, counting the caller; 1 starts no worker.
  ///
  /// The number is limited to 1...64, and further by what the system grants: see ``threadCount``.
  public init(threads: Int) {
    // Before ours begin, since the library's own threads may still be spinning from when it was loaded.
    LibraryThreads.hold()
    let wanted = min(max(threads, 1), Self.maximumThreadCount)
    let team = wanted > 1 ? ThreadTeam(threadCount: wanted) : nil
    var workers: [Worker] = []
    if let team {
      for number in 1..<wanted {
        guard let worker = Worker({ team.serve(as: number) }) else { break }
        workers.append(worker)
      }
    }
    self.team = team
    regions = team.map { .passUnretained($0) }
    self.workers = workers
    threadCount = 1 + workers.count
  }

  deinit {
    team?.stop()
    for worker in workers { worker.join() }
  }

  /// Runs `body` for every task in `0..<taskCount`, in any order, and returns when all are done.
  ///
  /// The tasks are called on several threads at once, so what they write must not overlap. Called from inside a task,
  /// or while another thread uses the pool, the tasks run one after the other on the calling thread.
  ///
  /// A parallel call allocates the small box in which `body` travels to the other threads; ``run(_:with:_:)`` does not.
  public func run(_ taskCount: Int, _ body: (Int) -> Void) {
    guard let team = enter(taskCount) else {
      for task in 0..<max(taskCount, 0) { body(task) }
      return
    }
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { pointer in
        runRegion(taskCount, on: team, ContextualWork(context: pointer) { body, task in body(task) })
      }
    }
  }

  /// Runs `body(context, task)` for every task in `0..<taskCount`, in any order, and returns when all are done.
  ///
  /// The rules of ``run(_:_:)`` hold. A `body` that captures nothing makes this call free of allocations: all that it
  /// needs travels in `context`.
  public func run<Context>(_ taskCount: Int, with context: Context, _ body: @escaping (Context, Int) -> Void) {
    guard let team = enter(taskCount) else {
      for task in 0..<max(taskCount, 0) { body(context, task) }
      return
    }
    withUnsafePointer(to: context) { runRegion(taskCount, on: team, ContextualWork(context: $0, body: body)) }
  }

  /// Runs the tasks `0..<taskCount` of `work`, in any order, and returns when all are done.
  ///
  /// The rules of ``run(_:_:)`` hold. Nothing is allocated for work of up to three words.
  public func run(_ taskCount: Int, of work: any ParallelWork) {
    guard taskCount > 0 else { return }
    guard let team = enter(taskCount) else {
      var told = 0
      while told < taskCount {
        told += 1
        work.run(told - 1) {
          guard told < taskCount else { return nil }
          told += 1
          return told - 1
        }
      }
      return
    }
    runRegion(taskCount, on: team, work)
  }

  /// The team for a region of so many tasks; nil where the caller alone is to do them.
  private func enter(_ taskCount: Int) -> Unmanaged<ThreadTeam>? {
    guard ThreadTeam.regionSizes.contains(taskCount), let regions, regions._withUnsafeGuaranteedRef({ $0.acquire() })
    else { return nil }
    return regions
  }

  /// Runs a region on a team that was entered for it, and gives the team back.
  private func runRegion(_ taskCount: Int, on team: Unmanaged<ThreadTeam>, _ work: any ParallelWork) {
    team._withUnsafeGuaranteedRef { team in
      team.run(taskCount, work)
      team.release()
    }
  }
}

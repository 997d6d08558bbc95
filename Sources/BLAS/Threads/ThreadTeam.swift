import CKernels
import Synchronization

/// The state that a pool's caller and its workers share, and the protocol between them.
///
/// Each thread has a share of a region's tasks: the range of those that nobody has claimed yet, in one number. The caller
/// describes the region, then publishes it by storing the shares. A thread claims tasks by taking them off the front of its own
/// share, then off the back of the others'. Only a claim gives the right to read the description: the region cannot end before
/// the claimed task is counted in `completed`. So the caller never waits for a worker that came too late to claim anything, and
/// a machine with fewer processors than threads loses time but never its way.
///
/// Memory that passes from one processor to another takes a few tenths of a microsecond, as long as a small task. A thread
/// that works through its share, or waits for the next, therefore touches no number that others write, and counts its tasks
/// once, at the end. Shares are the same tasks from one region to the next, and so is what each thread has in its own cache.
final class ThreadTeam: Sendable {
  /// How long an idle thread spins before it sleeps: longer than the gaps between the kernels of a training step,
  /// far shorter than what a person or another process would notice.
  static let spinSeconds = 50e-6

  /// How many tasks a region may have: more than one, and numbers that fit half of a share.
  static let regionSizes = 2..<(1 << 31)

  // What the caller writes for each region stands first, away from what the others read while they wait.
  private let completed = PaddedAtomic()
  /// 1 while it runs a region.
  private let busy = PaddedAtomic()
  /// How many threads there are, the caller included.
  private let threadCount: Int
  private let isStopping = Atomic<Bool>(false)
  private let sleepers = Atomic<Int>(0)
  private let callerSleeps = Atomic<Bool>(false)
  private let workersGate = Gate()
  private let callerGate = Gate()

  /// For each thread its unclaimed tasks, the lower bound in the low half of the number and the upper bound in the high one.
  /// The pointer is unsafe by nature: the atomic numbers must keep their addresses.
  private nonisolated(unsafe) let shares: UnsafeMutablePointer<PaddedAtomic>

  /// Written by the caller while nothing is claimed, read by the holders of a claim.
  private nonisolated(unsafe) let region: UnsafeMutablePointer<Region>

  private struct Region {
    var count = 0
    var mode: FloatingPointMode?
    var work: (any ParallelWork)?
  }

  init(threadCount: Int) {
    self.threadCount = threadCount
    shares = .allocate(capacity: threadCount)
    for thread in 0..<threadCount { (shares + thread).initialize(to: PaddedAtomic()) }
    region = .allocate(capacity: 1)
    region.initialize(to: Region())
  }

  deinit {
    region.deinitialize(count: 1)
    region.deallocate()
    shares.deinitialize(count: threadCount)
    shares.deallocate()
  }

  /// Takes the team for one region; false when it already runs one.
  func acquire() -> Bool {
    busy.value.exchange(1, ordering: .acquiring) == 0
  }

  /// Gives the team back.
  func release() {
    busy.value.store(0, ordering: .releasing)
  }

  /// Runs a region on the calling thread and whoever joins in, and returns when all of its tasks are done.
  func run(_ count: Int, _ work: any ParallelWork) {
    region.pointee = Region(count: count, mode: .current, work: work)
    completed.value.store(0, ordering: .relaxed)
    let parts = min(threadCount, count)
    // The others' first, since they have the longer way.
    for thread in (0..<parts).reversed() {
      let (first, end) = (thread * count / parts, (thread + 1) * count / parts)
      shares[thread].value.store(end << 32 | first, ordering: .releasing)
    }
    // Between the shares and a look at the sleepers, as between a sleeper's counting and its last look: one of the two sees the
    // other.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    let asleep = sleepers.load(ordering: .sequentiallyConsistent)
    if asleep > 0 {
      workersGate.open(for: min(asleep, count - 1))
    }
    claimAndRun(as: 0)
    waitForCompletion(of: count)
    region.pointee.work = nil
  }

  /// The life of a worker, from 1 on: claim, spin, sleep, until the pool ends.
  func serve(as thread: Int) {
    while !isStopping.load(ordering: .acquiring) {
      claimAndRun(as: thread)
      if spin(until: { hasUnclaimed(thread) || isStopping.load(ordering: .relaxed) }) { continue }
      sleepers.add(1, ordering: .sequentiallyConsistent)
      atomicMemoryFence(ordering: .sequentiallyConsistent)
      workersGate.wait { (0..<threadCount).contains(where: hasUnclaimed) || isStopping.load(ordering: .acquiring) }
      sleepers.subtract(1, ordering: .sequentiallyConsistent)
    }
  }

  /// Ends the workers' loops.
  func stop() {
    isStopping.store(true, ordering: .sequentiallyConsistent)
    workersGate.open()
  }

  private func hasUnclaimed(_ thread: Int) -> Bool {
    !isEmpty(shares[thread].value.load(ordering: .relaxed))
  }

  /// Works through a thread's own share, and then what is left of the others'.
  private func claimAndRun(as thread: Int) {
    runTasks(of: thread, fromFront: true)
    for other in 1..<threadCount { runTasks(of: (thread + other) % threadCount, fromFront: false) }
  }

  private func runTasks(of thread: Int, fromFront: Bool) {
    guard var first = claim(from: thread, fromFront: fromFront) else { return }
    // The region lives until its last task is counted, and the first of these are not counted before the last.
    let count = region.pointee.count
    // Setting a mode takes longer than looking at it.
    if let mode = region.pointee.mode, mode != .current { mode.makeCurrent() }
    var done = 0
    while true {
      done += 1
      region.pointee.work?.run(first) {
        let task = claim(from: thread, fromFront: fromFront)
        if task != nil { done += 1 }
        return task
      }
      guard let following = claim(from: thread, fromFront: fromFront) else { break }
      first = following
    }
    let total = completed.value.add(done, ordering: .sequentiallyConsistent).newValue
    // From here on the region may be gone; `count` and the gate are still ours to use.
    if total == count, callerSleeps.load(ordering: .sequentiallyConsistent) {
      callerGate.open()
    }
  }

  /// Claims a task at one end of a share; nil when none is left.
  private func claim(from thread: Int, fromFront: Bool) -> Int? {
    var range = shares[thread].value.load(ordering: .relaxed)
    while !isEmpty(range) {
      let (exchanged, original) = shares[thread].value.weakCompareExchange(
        expected: range, desired: fromFront ? range + 1 : range - 1 << 32, ordering: .acquiring)
      if exchanged { return fromFront ? range & 0xffff_ffff : range >> 32 - 1 }
      range = original
    }
    return nil
  }

  /// Whether no task is left in a share.
  private func isEmpty(_ range: Int) -> Bool { range & 0xffff_ffff >= range >> 32 }

  private func waitForCompletion(of count: Int) {
    if spin(until: { hasCompleted(count) }) { return }
    callerSleeps.store(true, ordering: .sequentiallyConsistent)
    callerGate.wait { hasCompleted(count) }
    callerSleeps.store(false, ordering: .relaxed)
  }

  private func hasCompleted(_ count: Int) -> Bool {
    completed.value.load(ordering: .sequentiallyConsistent) == count
  }

  /// Spins until `condition` holds; false when it has not held for ``spinSeconds``.
  private func spin(until condition: () -> Bool) -> Bool {
    if condition() { return true }
    let deadline = monotonicSeconds() + Self.spinSeconds
    repeat {
      // The clock costs as much as several looks, so it is read once in a while only.
      for _ in 0..<32 {
        if condition() { return true }
        ridgeline_pause()
      }
    } while monotonicSeconds() < deadline
    return false
  }
}

import CKernels
import Synchronization

/// The state that a pool's caller and its workers share, and the protocol between them.
///
/// One number carries a region: `unclaimed`, the range of the tasks nobody has claimed yet. The caller describes the
/// region, then publishes it by storing its range there. A thread claims a task by taking it off the range, and only a
/// claim gives the right to read the description: the region cannot end before the claimed task is counted in
/// `completed`. So the caller never waits for a worker that came too late to claim anything, and a machine with fewer
/// processors than threads loses time but never its way.
///
/// The caller takes tasks from the front, and the workers by turns from the back and from the front. So two threads keep
/// to their halves of the work from one region to the next, and to what each has in its own cache.
final class ThreadTeam: Sendable {
  /// How long an idle thread spins before it sleeps: longer than the gaps between the kernels of a training step,
  /// far shorter than what a person or another process would notice.
  static let spinSeconds = 50e-6

  /// How many tasks a region may have: more than one, and numbers that fit half of ``unclaimed``.
  static let regionSizes = 2..<(1 << 31)

  private let unclaimed = PaddedAtomic()
  private let completed = PaddedAtomic()
  private let isBusy = Atomic<Bool>(false)
  private let isStopping = Atomic<Bool>(false)
  private let sleepers = Atomic<Int>(0)
  private let callerSleeps = Atomic<Bool>(false)
  private let workersGate = Gate()
  private let callerGate = Gate()

  /// Written by the caller while nothing is claimed, read by the holders of a claim.
  private nonisolated(unsafe) let region: UnsafeMutablePointer<Region>

  private struct Region {
    var count = 0
    var mode: FloatingPointMode?
    var work: (any ParallelWork)?
  }

  init() {
    region = .allocate(capacity: 1)
    region.initialize(to: Region())
  }

  deinit {
    region.deinitialize(count: 1)
    region.deallocate()
  }

  /// Takes the team for one region; false when it already runs one.
  func acquire() -> Bool {
    !isBusy.exchange(true, ordering: .acquiring)
  }

  /// Gives the team back.
  func release() {
    isBusy.store(false, ordering: .releasing)
  }

  /// Runs a region on the calling thread and whoever joins in, and returns when all of its tasks are done.
  func run(_ count: Int, _ work: any ParallelWork) {
    region.pointee = Region(count: count, mode: .current, work: work)
    completed.value.store(0, ordering: .relaxed)
    // Sequentially consistent, as are a sleeper's counting and its last look: one of the two sees the other.
    unclaimed.value.store(count << 32, ordering: .sequentiallyConsistent)
    let asleep = sleepers.load(ordering: .sequentiallyConsistent)
    if asleep > 0 {
      workersGate.open(for: min(asleep, count - 1))
    }
    claimAndRun(fromFront: true)
    waitForCompletion(of: count)
    region.pointee.work = nil
  }

  /// The life of a worker: claim, spin, sleep, until the pool ends.
  func serve(fromFront: Bool) {
    while !isStopping.load(ordering: .acquiring) {
      claimAndRun(fromFront: fromFront)
      if spin(until: { hasNews }) { continue }
      sleepers.add(1, ordering: .sequentiallyConsistent)
      workersGate.wait { hasNews }
      sleepers.subtract(1, ordering: .sequentiallyConsistent)
    }
  }

  /// Ends the workers' loops.
  func stop() {
    isStopping.store(true, ordering: .sequentiallyConsistent)
    workersGate.open()
  }

  private var hasNews: Bool {
    !isEmpty(unclaimed.value.load(ordering: .sequentiallyConsistent))
      || isStopping.load(ordering: .sequentiallyConsistent)
  }

  private func claimAndRun(fromFront: Bool) {
    while let task = claim(fromFront: fromFront) {
      let count = region.pointee.count
      // Setting a mode takes longer than looking at it.
      if let mode = region.pointee.mode, mode != .current { mode.makeCurrent() }
      region.pointee.work?.run(task)
      let done = completed.value.add(1, ordering: .sequentiallyConsistent).newValue
      // From here on the region may be gone; `count` and the gate are still ours to use.
      if done == count, callerSleeps.load(ordering: .sequentiallyConsistent) {
        callerGate.open()
      }
    }
  }

  /// Claims a task at one end of the range; nil when none is left.
  private func claim(fromFront: Bool) -> Int? {
    var range = unclaimed.value.load(ordering: .relaxed)
    while !isEmpty(range) {
      let (exchanged, original) = unclaimed.value.weakCompareExchange(
        expected: range, desired: fromFront ? range + 1 : range - 1 << 32, ordering: .acquiring)
      if exchanged { return fromFront ? range & 0xffff_ffff : range >> 32 - 1 }
      range = original
    }
    return nil
  }

  /// Whether no task is left in a range, whose lower bound is the low half of the number and whose upper bound the high.
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

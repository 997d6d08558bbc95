import Synchronization
import Testing

@testable import BLAS

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Counts how often each task ran, from any thread.
final class Tally: Sendable {
  private final class Counter: Sendable {
    let value = Atomic<Int>(0)
  }

  private let counters: [Counter]

  init(_ count: Int) { counters = (0..<count).map { _ in Counter() } }

  func add(_ task: Int) { counters[task].value.add(1, ordering: .relaxed) }

  var values: [Int] { counters.map { $0.value.load(ordering: .relaxed) } }
}

/// Work that asks for so many tasks after the first.
private struct TallyWork: ParallelWork {
  let tally: Tally
  var asked = Int.max

  func run(_ first: Int, then next: () -> Int?) {
    tally.add(first)
    for _ in 0..<asked {
      guard let task = next() else { return }
      tally.add(task)
    }
  }
}

@Suite(.timeLimit(.minutes(2))) struct ThreadPoolTests {
  @Test(arguments: [1, 2, 3, 8, 64])
  func runsEveryTaskOnce(threads: Int) {
    let pool = ThreadPool(threads: threads)
    #expect(pool.threadCount == threads)
    for count in [0, 1, 2, 3, 7, 64, 1000] {
      let (plain, contextual, looping) = (Tally(count), Tally(count), Tally(count))
      pool.run(count) { plain.add($0) }
      pool.run(count, with: contextual) { $0.add($1) }
      pool.run(count, of: TallyWork(tally: looping))
      #expect(looping.values.allSatisfy { $0 == 1 })
      for asked in [0, 1, 5] {
        let patient = Tally(count)
        pool.run(count, of: TallyWork(tally: patient, asked: asked))
        #expect(patient.values.allSatisfy { $0 == 1 }, "\(asked)")
      }
      #expect(plain.values.allSatisfy { $0 == 1 })
      #expect(contextual.values.allSatisfy { $0 == 1 })
    }
  }

  @Test func limitsTheNumberOfThreads() {
    #expect(ThreadPool(threads: 0).threadCount == 1)
    #expect(ThreadPool(threads: -5).threadCount == 1)
    #expect(ThreadPool(threads: 1000).threadCount == 64)
    let tally = Tally(0)
    ThreadPool(threads: 2).run(-3) { tally.add($0) }
    ThreadPool(threads: 2).run(-3, of: TallyWork(tally: tally))
  }

  @Test func resultsAreVisibleAfterwards() {
    let pool = ThreadPool(threads: 4)
    var values = [Int](repeating: 0, count: 257)
    for round in 1...300 {
      values.withUnsafeMutableBufferPointer { buffer in
        nonisolated(unsafe) let buffer = buffer
        pool.run(buffer.count) { buffer[$0] += $0 * round }
      }
    }
    #expect(values == (0..<257).map { $0 * 300 * 301 / 2 })
  }

  /// Two tasks that wait for one another end only if two threads run them; the second time the worker sleeps first.
  @Test func workersTakePartSpinningAndAsleep() {
    let pool = ThreadPool(threads: 2)
    for pause: UInt32 in [0, 0, 20_000, 0, 20_000] {
      usleep(pause)
      let arrived = Atomic<Int>(0)
      let deadline = monotonicSeconds() + 30
      pool.run(2) { _ in
        arrived.add(1, ordering: .sequentiallyConsistent)
        while arrived.load(ordering: .sequentiallyConsistent) < 2, monotonicSeconds() < deadline { sched_yield() }
      }
      #expect(arrived.load(ordering: .sequentiallyConsistent) == 2)
      #expect(monotonicSeconds() < deadline)
    }
  }

  @Test func nestedRegionsRunInline() {
    let pool = ThreadPool(threads: 3)
    let tally = Tally(12 * 5)
    let strangers = Atomic<Int>(0)
    pool.run(12) { outer in
      let thread = pthread_self()
      pool.run(5) { inner in
        if pthread_equal(thread, pthread_self()) == 0 { strangers.add(1, ordering: .relaxed) }
        tally.add(outer * 5 + inner)
      }
    }
    #expect(tally.values.allSatisfy { $0 == 1 })
    #expect(strangers.load(ordering: .relaxed) == 0)
  }

  @Test func concurrentCallersDoNotDisturbOneAnother() {
    let pool = ThreadPool(threads: 2)
    let tallies = (0..<4).map { _ in Tally(100) }
    let callers = tallies.compactMap { tally in
      Worker { for _ in 0..<200 { pool.run(100) { tally.add($0) } } }
    }
    #expect(callers.count == 4)
    for caller in callers { caller.join() }
    for tally in tallies { #expect(tally.values.allSatisfy { $0 == 200 }) }
  }

  /// Many more threads than processors, with regions at all distances: no wake-up may get lost.
  @Test func anOversubscribedMachineDoesNotHang() {
    let pools = [ThreadPool(threads: 64), ThreadPool(threads: 16)]
    var generator = TestGenerator(5)
    for round in 0..<600 {
      let count = Int.random(in: 2...40, using: &generator)
      let sum = Atomic<Int>(0)
      pools[round % 2].run(count) { sum.add($0, ordering: .relaxed) }
      #expect(sum.load(ordering: .relaxed) == count * (count - 1) / 2)
      if round % 7 == 0 { usleep(UInt32.random(in: 0...150, using: &generator)) }
    }
  }

  /// Whichever thread is held up by a task, the others take what is left of its share.
  @Test(arguments: [2, 3])
  func threadsTakeWhatIsLeftOfOthersShares(threads: Int) {
    let pool = ThreadPool(threads: threads)
    let count = 11
    for slow in 0..<count {
      let others = Atomic<Int>(0)
      let deadline = monotonicSeconds() + 30
      pool.run(count) { task in
        guard task == slow else {
          others.add(1, ordering: .sequentiallyConsistent)
          return
        }
        while others.load(ordering: .sequentiallyConsistent) < count - 1, monotonicSeconds() < deadline {
          sched_yield()
        }
      }
      #expect(others.load(ordering: .sequentiallyConsistent) == count - 1)
      #expect(monotonicSeconds() < deadline, "nobody took the tasks behind task \(slow)")
    }
  }

  /// The waiting caller sleeps as well when the last task takes long.
  @Test func theCallerWaitsForASlowTask() {
    let pool = ThreadPool(threads: 2)
    for _ in 0..<20 {
      let done = Atomic<Int>(0)
      pool.run(2) { _ in
        usleep(2000)
        done.add(1, ordering: .relaxed)
      }
      #expect(done.load(ordering: .relaxed) == 2)
    }
  }

  @Test func aPoolEndsItsWorkers() {
    weak var body: Tally?
    for threads in [2, 5, 9] {
      for idle in [false, true] {
        let tally = Tally(50)
        body = tally
        let pool = ThreadPool(threads: threads)
        pool.run(50, with: tally) { $0.add($1) }
        if idle { usleep(1000) }
      }
    }
    // Returning from `deinit` means that the workers were joined; nothing may hold on to what a region worked on.
    #expect(body == nil)
  }
}

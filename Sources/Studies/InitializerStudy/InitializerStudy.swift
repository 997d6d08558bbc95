public import BLAS
import Foundation
import NeuralNetworks
import Synchronization
import Tensors

/// Trains networks from different first weights and measures what happens in their layers.
///
/// The runs are shared out among the pool's threads, each run on one; the numbers depend on the options alone.
public struct InitializerStudy: Sendable {
  /// What is compared.
  public let options: InitializerStudyOptions
  private let pool: ThreadPool

  /// A study of `options` on the threads of `pool`.
  public init(_ options: InitializerStudyOptions, pool: ThreadPool = .shared) {
    self.options = options
    self.pool = pool
  }

  /// How far a study has come.
  public struct Progress: Sendable, Hashable {
    /// Runs finished and runs in all.
    public let finishedRuns: Int, runCount: Int
    /// The share of the work that is done, 0 to 1; it grows evenly as far as the cost of the runs to come is foreseen.
    public let fraction: Double
    /// Seconds since the start.
    public let seconds: Double
    /// How many seconds the rest will take; nil before enough is measured to say.
    public let secondsLeft: Double?
    /// The run that moved last.
    public let current: String
  }

  /// Makes all runs.
  ///
  /// - Parameters:
  ///   - progress: called from any thread, one call at a time.
  ///   - shouldStop: asked from any thread before every update; once it says so, the runs that are not finished are given up.
  /// - Returns: the runs that were finished. `InitializerStudyResults/isComplete` says whether these are all.
  /// - Throws: ``InitializerStudyError`` for options out of range; the errors of files of data; `GraphError` where an
  ///   initializer does not fit a network. There are no results then.
  public func run(
    progress: (Progress) -> Void = { _ in }, shouldStop: @Sendable () -> Bool = { false }
  ) throws -> InitializerStudyResults {
    try options.validate()
    let clock = ContinuousClock()
    let start = clock.now
    func seconds() -> Double { start.duration(to: clock.now) / .seconds(1) }
    let data = try StudyDataSets(options)
    let catalogue = try StudyCatalogue(options, data.first)
    let runs = catalogue.runs
    let pace = StudyPace(runs, exampleShape: data.first.exampleShape, threads: pool.threadCount)
    let board = Board(runCount: runs.count, pace: pace)

    // The first seed of a setting fixes the histograms' ranges for the others.
    let settings = catalogue.settings
    pool.run(settings.count) { index in
      board.attempt(unless: shouldStop) { () throws -> (inout Board.Contents) -> Void in
        let run = runs[settings[index].first ?? 0]
        let ranges = try run.ranges(data: data[run.inputDeviation], options: options, pool: ThreadPool(threads: 1))
        return { contents in for member in settings[index] { contents.ranges[member] = ranges } }
      }
    }
    pool.run(runs.count) { index in
      board.attempt(unless: shouldStop) { () throws -> (inout Board.Contents) -> Void in
        let run = runs[index]
        guard let ranges = board.contents.withLock({ $0.ranges[index] }) else { throw RunStopped() }
        var (reported, last) = (0, seconds())
        let result = try run.make(
          data: data[run.inputDeviation], options: options, ranges: ranges, pool: ThreadPool(threads: 1),
          shouldStop: { board.hasFailed || shouldStop() }
        ) { step in
          let now = seconds()
          board.contents.withLock { contents in
            contents.pace.add(run, updates: step - reported, seconds: now - last)
            (reported, last) = (step, now)
            progress(
              Progress(
                finishedRuns: contents.finished, runCount: runs.count, fraction: contents.pace.fraction, seconds: now,
                secondsLeft: contents.pace.secondsLeft,
                current: "\(run.model) \(run.activationName) \(run.initializerName)"))
          }
        }
        return { contents in
          contents.pace.leaveOut(run, updates: run.steps - reported)
          contents.finished += 1
          contents.runs[index] = result
        }
      }
    }
    let contents = board.contents.withLock { $0 }
    if let failure = contents.failure { throw failure }
    var description = catalogue.description(data, seconds: seconds())
    description.plannedRuns = runs.count
    return InitializerStudyResults(
      environment: .current(seed: options.seed, threads: pool.threadCount), study: description,
      runs: contents.runs.compactMap(\.self))
  }
}

/// Ends a run that its caller has given up.
struct RunStopped: Error {}

/// What the threads of a study write to.
private final class Board: Sendable {
  struct Contents: Sendable {
    /// The histograms' ranges of each run, once they are known.
    var ranges: [[LayerRanges]?]
    var runs: [InitializerRun?]
    var pace: StudyPace
    var failure: (any Error)?
    var finished = 0
  }

  let contents: Mutex<Contents>
  private let failed = Atomic<Bool>(false)

  init(runCount: Int, pace: StudyPace) {
    contents = Mutex(
      Contents(
        ranges: Array(repeating: nil, count: runCount), runs: Array(repeating: nil, count: runCount), pace: pace))
  }

  /// Whether a piece of work has failed, so that the others need not go on.
  var hasFailed: Bool { failed.load(ordering: .relaxed) }

  /// Does a piece of work unless one has failed or the work is given up, and keeps its outcome or the first failure.
  func attempt(unless isStopped: () -> Bool, _ work: () throws -> (inout Contents) -> Void) {
    guard !hasFailed, !isStopped() else { return }
    do {
      let store = try work()
      contents.withLock { store(&$0) }
    } catch is RunStopped {
    } catch {
      contents.withLock { $0.failure = $0.failure ?? error }
      failed.store(true, ordering: .relaxed)
    }
  }
}

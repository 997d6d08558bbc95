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
    /// The share of the updates that are made, 0 to 1.
    public let fraction: Double
    /// Seconds since the start.
    public let seconds: Double
    /// The run that moved last.
    public let current: String
  }

  /// Makes all runs.
  ///
  /// - Parameters:
  ///   - progress: called from any thread, one call at a time.
  ///   - shouldStop: asked from any thread, now and then.
  /// - Throws: ``InitializerStudyError`` for options out of range and where `shouldStop` says so; the errors of files of
  ///   data; `GraphError` where an initializer does not fit a network. There are no results then.
  public func run(
    progress: (Progress) -> Void = { _ in }, shouldStop: @Sendable () -> Bool = { false }
  ) throws -> InitializerStudyResults {
    try options.validate()
    let clock = ContinuousClock()
    let start = clock.now
    let data = try StudyDataSets(options)
    let catalogue = try StudyCatalogue(options, data.first)
    let runs = catalogue.runs
    let total = Double(max(1, runs.reduce(0) { $0 + $1.steps }))
    let board = Board(runCount: runs.count)
    func seconds() -> Double {
      let elapsed = start.duration(to: clock.now).components
      return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    }

    // The first seed of a setting fixes the histograms' ranges for the others.
    let settings = catalogue.settings
    pool.run(settings.count) { index in
      board.attempt { () throws -> (inout Board.Contents) -> Void in
        let run = runs[settings[index].first ?? 0]
        let ranges = try run.ranges(data: data[run.inputDeviation], options: options, pool: ThreadPool(threads: 1))
        return { contents in for member in settings[index] { contents.ranges[member] = ranges } }
      }
    }
    pool.run(runs.count) { index in
      board.attempt { () throws -> (inout Board.Contents) -> Void in
        let run = runs[index]
        let ranges = board.contents.withLock { $0.ranges[index] }
        var reported = 0
        let result = try run.make(
          data: data[run.inputDeviation], options: options, ranges: ranges, pool: ThreadPool(threads: 1)
        ) { step in
          board.contents.withLock { contents in
            contents.steps += step - reported
            reported = step
            progress(
              Progress(
                finishedRuns: contents.finished, runCount: runs.count, fraction: Double(contents.steps) / total,
                seconds: seconds(), current: "\(run.model) \(run.activationName) \(run.initializerName)"))
            return contents.failure == nil && !shouldStop()
          }
        }
        return { contents in
          contents.steps += run.steps - reported
          contents.finished += 1
          contents.runs[index] = result
        }
      }
    }
    let contents = board.contents.withLock { $0 }
    if let failure = contents.failure { throw failure }
    return InitializerStudyResults(
      environment: .current(seed: options.seed, threads: pool.threadCount),
      study: catalogue.description(data, seconds: seconds()), runs: contents.runs.compactMap(\.self))
  }
}

/// What the threads of a study write to.
private final class Board: Sendable {
  struct Contents: Sendable {
    var ranges: [[LayerRanges]]
    var runs: [InitializerRun?]
    var failure: (any Error)?
    var steps = 0
    var finished = 0
  }

  let contents: Mutex<Contents>

  init(runCount: Int) {
    contents = Mutex(
      Contents(
        ranges: Array(repeating: [], count: runCount), runs: Array(repeating: nil, count: runCount)))
  }

  /// Does a piece of work unless one has failed, and keeps its outcome or the first failure.
  func attempt(_ work: () throws -> (inout Contents) -> Void) {
    guard contents.withLock({ $0.failure == nil }) else { return }
    do {
      let store = try work()
      contents.withLock { store(&$0) }
    } catch {
      contents.withLock { $0.failure = $0.failure ?? error }
    }
  }
}

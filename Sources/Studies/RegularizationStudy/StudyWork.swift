import BLAS
import Synchronization

/// What a part of a study needs to work on many threads: the pool, when to stop, and whom to tell how far it is.
struct StudyWork {
  let pool: ThreadPool
  let shouldStop: @Sendable () -> Bool
  /// Called with the share of the part that is done, from any thread, one call at a time.
  let report: (Double) -> Void

  private struct Board<Result: Sendable>: Sendable {
    var results: [Result?]
    var failure: (any Error)?
    var finished = 0
  }

  /// `body` of every index, on the threads of the pool, in the order of the indices.
  ///
  /// - Parameter share: which share of the part this is.
  /// - Throws: the first error of `body`, or ``StudyError/stopped`` where `shouldStop` said so.
  func map<Result: Sendable>(
    _ count: Int, share: ClosedRange<Double> = 0...1, _ body: (Int) throws -> Result
  ) throws -> [Result] {
    let board = Mutex(Board<Result>(results: Array(repeating: nil, count: count)))
    pool.run(count) { index in
      guard board.withLock({ $0.failure == nil }) else { return }
      do {
        guard !shouldStop() else { throw StudyError.stopped }
        let result = try body(index)
        board.withLock { board in
          board.results[index] = result
          board.finished += 1
          report(share.lowerBound + (share.upperBound - share.lowerBound) * Double(board.finished) / Double(count))
        }
      } catch {
        board.withLock { $0.failure = $0.failure ?? error }
      }
    }
    let contents = board.withLock { $0 }
    if let failure = contents.failure { throw failure }
    return contents.results.compactMap(\.self)
  }
}

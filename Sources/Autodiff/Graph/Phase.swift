/// A piece of work cut into tasks that may run in any order and at the same time.
public struct Phase {
  /// How many tasks there are.
  public let taskCount: Int
  /// Runs one task, `0 ..< taskCount`.
  public let body: (Int) -> Void
  /// Runs one task and tells of each part of its results as soon as it is written, while it is in the cache; `nil` where a task
  /// tells of nothing.
  let bodyByPieces: ((_ task: Int, _ written: (Range<Int>) -> Void) -> Void)?

  /// A piece of work of `taskCount` tasks.
  public init(taskCount: Int, body: @escaping (Int) -> Void) {
    self.taskCount = taskCount
    self.body = body
    bodyByPieces = nil
  }

  /// A piece of work of `taskCount` tasks that tell of what they have written.
  init(taskCount: Int, byPieces body: @escaping (_ task: Int, _ written: (Range<Int>) -> Void) -> Void) {
    self.taskCount = taskCount
    self.body = { task in body(task) { _ in } }
    bodyByPieces = body
  }
}

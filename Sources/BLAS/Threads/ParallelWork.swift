/// The body of a parallel region, as the threads of a pool see it: each that finds tasks left calls it, all of them at once.
///
/// For work that is run often, since what a thread needs for all of its tasks is then looked up once. A value of up to three words
/// is handed over without an allocation, and without counting references where it holds none.
public protocol ParallelWork {
  /// Does one task, and then those that `next` tells of, until it tells of none. It must do each task that it is told of; without
  /// asking for more it is called again.
  ///
  /// - Parameters:
  ///   - first: the number of a task, which like those that follow is done by nobody else.
  ///   - next: gives the number of a further task, or nil where there is none left.
  func run(_ first: Int, then next: () -> Int?)
}

/// A body and the address of what it works on: three words, so that its existential needs no heap.
///
/// The address is that of the argument of ``ThreadPool/run(_:with:_:)``, which returns only after the last task.
struct ContextualWork<Context>: ParallelWork {
  let context: UnsafePointer<Context>
  let body: (Context, Int) -> Void

  func run(_ first: Int, then next: () -> Int?) {
    // Once for all tasks of a thread: counting the references to what it holds up and down moves a number between processors.
    let context = context.pointee
    var task = first
    while true {
      body(context, task)
      guard let following = next() else { return }
      task = following
    }
  }
}

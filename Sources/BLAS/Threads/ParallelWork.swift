/// The body of a parallel region, as the team's threads see it.
protocol ParallelWork {
  /// Does one task.
  func run(_ task: Int)
}

/// A body and the address of what it works on: three words, so that its existential needs no heap.
///
/// The address is that of the argument of ``ThreadPool/run(_:with:_:)``, which returns only after the last task.
struct ContextualWork<Context>: ParallelWork {
  let context: UnsafePointer<Context>
  let body: (Context, Int) -> Void

  func run(_ task: Int) {
    body(context.pointee, task)
  }
}

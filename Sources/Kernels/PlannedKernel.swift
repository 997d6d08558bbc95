public import BLAS

/// A kernel whose work is decided once, from shapes, and then run any number of times.
///
/// Run the phases one after the other; the tasks of a phase may run in any order and at the same time. How the work is
/// cut depends on the shapes alone and sums run in a fixed order, so the result has the same bits however many threads
/// share the tasks. Nothing is allocated while running.
public protocol PlannedKernel: Sendable {
  /// Elements of scratch memory that `run` needs. Its contents do not matter before the first phase, but must be kept
  /// from one phase to the next.
  var workspaceCount: Int { get }

  /// The number of tasks in each phase.
  var phases: [Int] { get }

  /// The elements of the result that each task of the last phase writes, where these are consecutive ranges.
  ///
  /// What follows element by element can then be done in the same task, while its range is in the cache. `nil`, the
  /// default, promises nothing.
  var resultRanges: [Range<Int>]? { get }

  /// Whether tasks of the last phase tell of each part of their ``resultRanges`` as soon as it is written, while it is in the cache;
  /// `false` by default.
  var writesByPieces: Bool { get }

  /// How the kernel computes and why, where there was a choice; `nil`, the default, where there is one way only.
  var choice: KernelChoice? { get }
}

extension PlannedKernel {
  /// No scratch memory is needed.
  public var workspaceCount: Int { 0 }

  /// Promises nothing.
  public var resultRanges: [Range<Int>]? { nil }

  /// Tasks tell of nothing.
  public var writesByPieces: Bool { false }

  /// There was no choice.
  public var choice: KernelChoice? { nil }
}

/// A cut of `0..<count` into consecutive ranges of nearly equal length, one for each task.
struct WorkPartition: Hashable, Sendable {
  /// What is shared out.
  let count: Int
  /// The number of ranges, at least 1.
  let taskCount: Int

  /// Cuts `count` items into at most `limit` ranges of at least about `grain` items.
  init(count: Int, grain: Int = 1, limit: Int = 64) {
    self.count = count
    taskCount = max(1, min(limit, count / max(1, grain)))
  }

  /// A cut of images of so many elements, for passes over them. The convolution before or after often goes on in the same
  /// tasks, so they are as many as its own.
  init(images: Int, of elements: Int) {
    self.init(count: images, grain: elementsPerTask / 4 / max(1, elements), limit: 16)
  }

  /// The items of one task.
  func range(_ task: Int) -> Range<Int> {
    (task * count / taskCount)..<((task + 1) * count / taskCount)
  }

  /// The ranges of all tasks in elements, of which each item has `elements`.
  func ranges(of elements: Int) -> [Range<Int>] {
    (0..<taskCount).map { range($0).lowerBound * elements..<range($0).upperBound * elements }
  }
}

/// Elements that a task should at least touch, so that handing it to a thread is worth while (some microseconds).
let elementsPerTask = 16_384

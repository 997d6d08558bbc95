public import BLAS
import Kernels

/// A kernel chosen for its shapes, waiting for the addresses that memory planning gives it.
public struct PreparedKernel<S: Scalar> {
  /// The addresses of one call.
  public struct Addresses {
    /// The operands' first elements.
    public internal(set) var operands: [UnsafePointer<S>]
    /// The result's first element.
    public let result: UnsafeMutablePointer<S>
    /// The first elements of the variables that the kernel updates.
    var updated: [UnsafeMutablePointer<S>] = []
    /// `workspaceCount` elements for the kernel alone.
    public let workspace: UnsafeMutablePointer<S>
  }

  /// How many elements of scratch memory the kernel wants.
  public let workspaceCount: Int
  /// The elements of the result that each task of the last phase writes, where these are consecutive ranges; `nil`
  /// promises nothing.
  public let resultRanges: [Range<Int>]?
  /// Makes the phases, run one after the other.
  public let bind: (Addresses) -> [Phase]
  /// How the kernel is run for some images alone, if it can be.
  public let byImages: ByImages?
  /// How it is run for a band of rows of an image, if it can be.
  let byBands: ByBands<S>?
  /// How it computes and why, where there was a choice.
  public let choice: KernelChoice?

  /// A kernel that can be run for some images alone: by the tasks that make them, while these are in the cache.
  ///
  /// Its result is either an image for an image, or the sum of something over all images. For a sum each task makes a part
  /// of its own, and when all are done the parts are added in their order.
  public struct ByImages {
    /// For each operand the elements of one of its images; `nil` for an operand that is needed whole.
    public let operandCounts: [Int?]
    /// Elements of an image in the result; 0 for a sum.
    public let resultCount: Int
    /// Elements of each task's part of a sum; 0 where the result has images.
    public let partCount: Int
    /// The images of each part of a sum. They are always the same, so that the sum has the same bits wherever its parts are
    /// made; `nil` where the result has images.
    let parts: [Range<Int>]?
    /// Elements of scratch memory for each task.
    public let scratchCount: Int
    /// Whether the kernel takes hardly longer than it takes to make what it reads, so that a single task may go on with it.
    public let isLight: Bool
    /// Computes the results of a range of images, or what they add to a sum, with scratch memory of the caller's own.
    let runPart: (Addresses, Range<Int>, _ part: UnsafeMutablePointer<S>, _ scratch: UnsafeMutablePointer<S>) -> Void
    /// Adds so many parts, which lie one behind the other at the beginning of the workspace.
    let finish: (Addresses, _ parts: Int) -> [Phase]

    /// A kernel whose first operand and result are images; `run` writes the results of its images and no others, and
    /// allocates nothing.
    ///
    /// - Parameters:
    ///   - operandCount: elements of an image in the first operand.
    ///   - resultCount: elements of an image in the result.
    ///   - otherOperands: how many more operands there are, which are needed whole.
    ///   - scratchCount: elements of scratch memory for each task.
    ///   - isLight: whether it takes hardly longer than it takes to make what it reads, as poolings do; by default whether it reads
    ///     images alone.
    public init(
      operandCount: Int, resultCount: Int, otherOperands: Int = 0, scratchCount: Int = 0, isLight: Bool? = nil,
      run: @escaping (_ addresses: Addresses, _ images: Range<Int>, _ scratch: UnsafeMutablePointer<S>) -> Void
    ) {
      operandCounts = [operandCount] + [Int?](repeating: nil, count: otherOperands)
      self.resultCount = resultCount
      (partCount, parts) = (0, nil)
      (self.scratchCount, self.isLight) = (scratchCount, isLight ?? (otherOperands == 0))
      runPart = { addresses, images, _, scratch in run(addresses, images, scratch) }
      finish = { _, _ in [] }
    }

    /// A kernel that sums over the images of all of its operands; `run` overwrites a part with the sum over its images.
    ///
    /// - Parameters:
    ///   - operandCounts: elements of an image in each operand.
    ///   - partCount: elements of the result.
    ///   - parts: the images of each part.
    ///   - scratchCount: elements of scratch memory for each task.
    init(
      summing operandCounts: [Int], partCount: Int, parts: [Range<Int>], scratchCount: Int = 0,
      run:
        @escaping (Addresses, Range<Int>, _ part: UnsafeMutablePointer<S>, _ scratch: UnsafeMutablePointer<S>) -> Void
    ) {
      self.operandCounts = operandCounts
      resultCount = 0
      (self.partCount, self.parts) = (partCount, parts)
      (self.scratchCount, isLight) = (scratchCount, false)
      runPart = run
      finish = { addresses, parts in
        let sum = PartialSums<S>(count: partCount, parts: parts)
        return sum.phases.map { tasks in
          Phase(taskCount: tasks) { task in
            sum.run(task: task, output: addresses.result, workspace: addresses.workspace)
          }
        }
      }
    }

    /// Computes the results of a range of images, or the sum over them.
    public func run(_ addresses: Addresses, _ images: Range<Int>, _ scratch: UnsafeMutablePointer<S>) {
      runPart(addresses, images, addresses.result, scratch)
    }

    /// Elements of workspace for so many tasks.
    func workspaceCount(tasks: Int) -> Int { tasks * (partCount + scratchCount) }
  }

  /// A kernel that is bound to addresses later.
  public init(
    workspaceCount: Int = 0, resultRanges: [Range<Int>]? = nil, byImages: ByImages? = nil, choice: KernelChoice? = nil,
    bind: @escaping (Addresses) -> [Phase]
  ) {
    self.init(
      workspaceCount: workspaceCount, resultRanges: resultRanges, byImages: byImages, byBands: nil, choice: choice,
      bind: bind)
  }

  private init(
    workspaceCount: Int, resultRanges: [Range<Int>]?, byImages: ByImages?, byBands: ByBands<S>?, choice: KernelChoice?,
    bind: @escaping (Addresses) -> [Phase]
  ) {
    self.workspaceCount = workspaceCount
    self.resultRanges = resultRanges
    self.byImages = byImages
    self.byBands = byBands
    self.choice = choice
    self.bind = bind
  }

  /// Phases of so many tasks, all run by one function.
  public init(
    workspaceCount: Int, phases: [Int], resultRanges: [Range<Int>]? = nil, byImages: ByImages? = nil,
    choice: KernelChoice? = nil, run: @escaping (_ phase: Int, _ task: Int, Addresses) -> Void
  ) {
    self.init(
      workspaceCount: workspaceCount, resultRanges: resultRanges, byImages: byImages, choice: choice,
      bind: Self.binding(phases, run))
  }

  private static func binding(
    _ phases: [Int], _ run: @escaping (_ phase: Int, _ task: Int, Addresses) -> Void
  ) -> (Addresses) -> [Phase] {
    { addresses in
      phases.enumerated().map { phase, taskCount in
        Phase(taskCount: taskCount) { task in run(phase, task, addresses) }
      }
    }
  }

  /// A planned kernel: `run` is its `run(phase:task:...)` with the addresses put in.
  init(
    _ kernel: some PlannedKernel, byImages: ByImages? = nil, byBands: ByBands<S>? = nil,
    run: @escaping (_ phase: Int, _ task: Int, Addresses) -> Void
  ) {
    self.init(
      workspaceCount: kernel.workspaceCount, resultRanges: kernel.resultRanges, byImages: byImages, byBands: byBands,
      choice: kernel.choice, bind: Self.binding(kernel.phases, run))
  }

  /// A planned kernel that may write by pieces: `run` is its `run(phase:task:...written:)` likewise.
  init(
    _ kernel: some PlannedKernel, byImages: ByImages? = nil,
    run: @escaping (_ phase: Int, _ task: Int, Addresses, _ written: (Range<Int>) -> Void) -> Void
  ) {
    let (last, whole) = (kernel.phases.count - 1, Self.binding(kernel.phases) { run($0, $1, $2, { _ in }) })
    self.init(
      workspaceCount: kernel.workspaceCount, resultRanges: kernel.resultRanges, byImages: byImages,
      choice: kernel.choice,
      bind: !kernel.writesByPieces
        ? whole
        : { addresses in
          let phases = whole(addresses)
          let tasks = phases[last].taskCount
          return phases.dropLast() + [Phase(taskCount: tasks, byPieces: { run(last, $0, addresses, $1) })]
        })
  }
}

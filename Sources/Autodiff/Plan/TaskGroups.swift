import BLAS
import Tensors

/// Units that are run one after the other by the tasks of the first of them, each task for a range of its own: bias,
/// activation and pooling after a convolution, while its images are in the cache.
struct TaskGroups<S: Scalar> {
  /// For each unit the first and the last of its group; a unit alone is both.
  private(set) var first: [Int]
  private(set) var last: [Int]
  /// For each unit of which it is known, the elements of its result that each task of its group writes.
  private(set) var ranges: [[Range<Int>]?]

  /// The groups of a schedule: a unit joins the group before it where each of its tasks then reads nothing of the group but
  /// what it has written itself.
  init(
    _ schedule: Schedule, graph: Graph<S>, builders: [Int: ProgramBuilder<S>], kernels: [Int: PreparedKernel<S>]
  ) {
    first = Array(schedule.units.indices)
    last = first
    ranges = schedule.units.indices.map { kernels[$0]?.resultRanges }
    for number in schedule.units.indices.dropFirst() {
      let head = first[number - 1]
      let made = head..<number
      let own: [Range<Int>]?
      if let builder = builders[number] {
        own = followed(by: builder, made, schedule)
      } else if let byImages = kernels[number]?.byImages {
        let operands = graph.records[schedule.units[number].members[0]].operands.map { graph.source(of: $0) }
        own = followed(by: byImages, operands, made, schedule)
      } else {
        own = nil
      }
      guard let own else { continue }
      ranges[number] = own
      first[number] = head
      for member in head...number { last[member] = number }
    }
  }

  /// Whether a unit is run by the tasks of the one before it.
  func follows(_ number: Int) -> Bool { first[number] != number }

  /// An elementwise unit reads the same elements that it writes. It must not update what other tasks may still read.
  private func followed(by builder: ProgramBuilder<S>, _ made: Range<Int>, _ schedule: Schedule) -> [Range<Int>]? {
    guard builder.updates.isEmpty, let own = ranges[made.upperBound - 1] else { return nil }
    var readsLast = false
    for source in builder.reads {
      guard let unit = schedule.unitOfNode[source], made.contains(unit) else { continue }
      // Reads other than element by element count as later than every instruction.
      guard ranges[unit] == own, let read = builder.lastRead(of: source), read < builder.drafts.count else {
        return nil
      }
      readsLast = readsLast || unit == made.upperBound - 1
    }
    return readsLast ? own : nil
  }

  /// A kernel that works image by image follows where the tasks make whole images.
  private func followed(
    by kernel: PreparedKernel<S>.ByImages, _ operands: [Int], _ made: Range<Int>, _ schedule: Schedule
  ) -> [Range<Int>]? {
    let count = kernel.operandCount
    guard operands.count == 1, let unit = schedule.unitOfNode[operands[0]], made.contains(unit),
      let own = ranges[unit], count > 0,
      own.allSatisfy({ $0.lowerBound % count == 0 && $0.upperBound % count == 0 })
    else { return nil }
    return own.map { $0.lowerBound / count * kernel.resultCount..<$0.upperBound / count * kernel.resultCount }
  }
}

extension PreparedKernel.ByImages {
  /// `phase` with the kernel run at the end of each task, for the images whose results are the task's range.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func tail(of phase: Phase, ranges: [Range<Int>], _ addresses: PreparedKernel<S>.Addresses) -> Phase {
    let count = Swift.max(resultCount, 1)
    return Phase(taskCount: phase.taskCount) { task in
      phase.body(task)
      let images = ranges[task].lowerBound / count..<ranges[task].upperBound / count
      run(addresses, images, addresses.workspace + task * scratchCount)
    }
  }
}

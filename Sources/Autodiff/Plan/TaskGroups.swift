import BLAS
import Tensors

/// Units that are run one after the other by the tasks of the first of them, each task for a range of its own: bias,
/// activation, pooling and the next convolution, and the same way back, while a task's images are in the cache.
struct TaskGroups<S: Scalar> {
  /// For each unit the first and the last of its group; a unit alone is both.
  private(set) var first: [Int]
  private(set) var last: [Int]
  /// For each unit of which it is known, the elements of its result that each task of its group writes.
  private(set) var ranges: [[Range<Int>]?]
  /// For each kernel that follows in a group, the images that each task computes.
  private(set) var images: [Int: [Range<Int>]] = [:]

  /// The most elements that the parts of a sum take together.
  private static var largestParts: Int { 1 << 20 }
  /// The most elements of results that a group with convolutions makes: all of them are held until its last unit.
  private static var largestCount: Int { 1 << 23 }

  /// The groups of a schedule: a unit joins the group before it where each of its tasks then reads nothing of the group but
  /// what it has written itself.
  ///
  /// - Parameter borders: units that join no group.
  init(
    _ schedule: Schedule, graph: Graph<S>, shapes: [Int: Shape], builders: [Int: ProgramBuilder<S>],
    kernels: [Int: PreparedKernel<S>], borders: Set<Int>
  ) {
    first = Array(schedule.units.indices)
    last = first
    ranges = schedule.units.indices.map { kernels[$0]?.resultRanges }
    for number in schedule.units.indices.dropFirst() where !borders.contains(number) {
      let head = first[number - 1]
      let made = head..<number
      if let builder = builders[number] {
        guard let own = followed(by: builder, made, schedule) else { continue }
        ranges[number] = own
      } else if let kernel = kernels[number]?.byImages, schedule.units[number].productUpdate == nil {
        let operands = graph.records[schedule.units[number].members[0]].operands.map { graph.source(of: $0) }
        let results = (head...number).reduce(0) {
          $0 + (schedule.units[$1].members.last.flatMap { shapes[$0]?.count } ?? 0)
        }
        guard let own = followed(by: kernel, operands, made, schedule),
          kernel.isLight || results <= Self.largestCount
        else { continue }
        images[number] = own
        let count = kernel.resultCount
        ranges[number] = count == 0 ? nil : own.map { $0.lowerBound * count..<$0.upperBound * count }
      } else {
        continue
      }
      first[number] = head
      for member in head...number { last[member] = number }
    }
  }

  /// Whether a unit is run by the tasks of the one before it.
  func follows(_ number: Int) -> Bool { first[number] != number }

  /// How many tasks run a unit that follows in a group.
  func taskCount(_ number: Int) -> Int? { follows(number) ? (ranges[number] ?? images[number])?.count : nil }

  /// An elementwise unit reads the same elements that it writes. It must not update what other tasks may still read.
  private func followed(by builder: ProgramBuilder<S>, _ made: Range<Int>, _ schedule: Schedule) -> [Range<Int>]? {
    guard builder.updates.isEmpty else { return nil }
    var own: [Range<Int>]?
    for source in builder.reads {
      guard let unit = schedule.unitOfNode[source], made.contains(unit) else { continue }
      // Reads other than element by element count as later than every instruction.
      guard let written = ranges[unit], written == own ?? written, let read = builder.lastRead(of: source),
        read < builder.drafts.count
      else { return nil }
      own = written
    }
    return own
  }

  /// A kernel that works image by image follows where the tasks make whole images, and nothing that it needs whole.
  private func followed(
    by kernel: PreparedKernel<S>.ByImages, _ operands: [Int], _ made: Range<Int>, _ schedule: Schedule
  ) -> [Range<Int>]? {
    guard operands.count == kernel.operandCounts.count else { return nil }
    var own: [Range<Int>]?
    for (operand, count) in zip(operands, kernel.operandCounts) {
      guard let unit = schedule.unitOfNode[operand], made.contains(unit) else { continue }
      guard let count, count > 0, let written = ranges[unit],
        written.allSatisfy({ $0.lowerBound % count == 0 && $0.upperBound % count == 0 })
      else { return nil }
      let images = written.map { $0.lowerBound / count..<$0.upperBound / count }
      guard images == own ?? images else { return nil }
      own = images
    }
    if let parts = kernel.parts, parts != own { return nil }
    // One task alone would keep the kernels of the group from running beside each other.
    guard let own, kernel.isLight || own.count > 1, own.count * kernel.partCount <= Self.largestParts else {
      return nil
    }
    return own
  }
}

extension PreparedKernel.ByImages {
  /// `phase` with the kernel run at the end of each task, for the task's images.
  ///
  /// - Parameters:
  ///   - addresses: those of the kernel; the parts of a sum lie in its workspace.
  ///   - stride: elements from one task's scratch to the next's.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func tail(
    of phase: Phase, images: [Range<Int>], _ addresses: PreparedKernel<S>.Addresses, scratch: UnsafeMutablePointer<S>,
    stride: Int
  ) -> Phase {
    Phase(taskCount: phase.taskCount) { task in
      phase.body(task)
      runPart(addresses, images[task], addresses.workspace + task * partCount, scratch + task * stride)
    }
  }
}

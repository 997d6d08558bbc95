import BLAS
import Tensors

/// Units of a group that each task runs for a band of rows at a time: one that makes a gradient, an elementwise one that reads it,
/// and sums over the result. Both gradients are then kept nowhere: the way back through a pooling, an activation and a bias to a
/// kernel is otherwise spent on writing them to memory and reading them again.
struct BandedUnits<S: Scalar> {
  struct Band {
    /// The unit that makes a gradient; the elementwise one comes next, then the sums.
    let making: Int
    let sums: Range<Int>
    /// Rows of an image, and elements of a row.
    let height: Int
    let rowCount: Int
    /// Rows of a band.
    let bandHeight: Int

    var elementwise: Int { making + 1 }
    var units: Range<Int> { making..<sums.upperBound }
    /// Elements of a band.
    var count: Int { bandHeight * rowCount }
  }

  /// The band that each unit belongs to, of those that belong to one.
  private(set) var bands: [Int: Band] = [:]
  /// The nodes that are kept nowhere.
  private(set) var nodes: Set<Int> = []

  /// No bands.
  init() {}

  /// The bands of a schedule.
  ///
  /// - Parameter readers: the units that read each node, for outputs a unit that does not exist.
  init(
    _ schedule: Schedule, groups: TaskGroups<S>, graph: Graph<S>, shapes: [Int: Shape],
    builders: [Int: ProgramBuilder<S>], kernels: [Int: PreparedKernel<S>], readers: [Int: Set<Int>]
  ) {
    for number in schedule.units.indices where groups.follows(number) {
      let (node, next) = (schedule.units[number].members[0], number + 1)
      guard let made = kernels[number]?.byBands, case .making = made.role, let builder = builders[next],
        groups.first[number] == groups.first[next], readers[node] == [next], builder.updates.isEmpty,
        let read = builder.lastRead(of: node), read < builder.drafts.count, builder.shape == shapes[node],
        let result = builder.drafts.last?.node, let later = readers[result], !later.isEmpty,
        builder.drafts.allSatisfy({ $0.node == result || !builder.stored.contains($0.node) })
      else { continue }
      let sums = next + 1..<next + 1 + later.count
      let isSummed = sums.allSatisfy { unit in
        guard unit < schedule.units.count, later.contains(unit), groups.first[unit] == groups.first[number],
          let sum = kernels[unit]?.byBands, case .summing = sum.role, sum.height == made.height,
          sum.rowCount == made.rowCount
        else { return false }
        let operands = graph.records[schedule.units[unit].members[0]].operands.map { graph.source(of: $0) }
        return operands.last == result && !operands.dropLast().contains(result)
      }
      guard isSummed, groups.images[number]?.allSatisfy({ !$0.isEmpty }) ?? false else { continue }
      let band = Band(
        making: number, sums: sums, height: builder.shape.count / builder.shape[0] / made.rowCount,
        rowCount: made.rowCount, bandHeight: made.height)
      for unit in band.units { bands[unit] = band }
      nodes.formUnion([node, result])
    }
  }
}

extension ByBands {
  /// Elements of scratch that a sum needs.
  var scratchCount: Int {
    guard case .summing(let count, _, _) = role else { return 0 }
    return MemoryPlan.rounded(count)
  }
}

extension BandedUnits.Band {
  /// A sum over bands, with the addresses of its operands and of its parts.
  typealias BoundSum = (kernel: ByBands<S>, addresses: PreparedKernel<S>.Addresses, partCount: Int)

  /// What a task does with a band once it is made, and when all are done; closures, since taking the cases of a role apart for each
  /// band would count references up and down.
  private struct Following {
    let add: (_ band: UnsafeMutablePointer<S>, _ image: Int, _ rows: Range<Int>, _ isFirst: Bool) -> Void
    let finish: (_ band: UnsafeMutablePointer<S>, _ task: Int) -> Void
  }

  /// Elements of scratch that each task needs: a band, the program's registers and the sums, in this order.
  func scratchCount(program: ElementwiseProgram<S>, sums: [ByBands<S>]) -> Int {
    MemoryPlan.rounded(count) + MemoryPlan.rounded(program.scratchCount) + sums.reduce(0) { $0 + $1.scratchCount }
  }

  /// `phase` with the units run band by band at the end of each task, for the task's images.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func tail(
    of phase: Phase, images: [Range<Int>], making: ByBands<S>, at addresses: PreparedKernel<S>.Addresses,
    program: ElementwiseProgram<S>, sums: [BoundSum], scratch: UnsafeMutablePointer<S>, stride: Int
  ) -> Phase {
    guard case .making(let make) = making.role else {
      preconditionFailure("a band is made by a kernel that makes bands")
    }
    let registers = MemoryPlan.rounded(count)
    var place = registers + MemoryPlan.rounded(program.scratchCount)
    var following: [Following] = []
    for sum in sums {
      following.append(self.following(sum, place: place))
      place += sum.kernel.scratchCount
    }
    return Phase(taskCount: phase.taskCount) { [following] task in
      phase.body(task)
      let band = scratch + task * stride
      var isFirst = true
      for image in images[task] {
        var row = 0
        while row < height {
          let rows = row..<row + bandHeight
          make(band, addresses, image, rows)
          let start = (image * height + row) * rowCount
          program.run(start..<start + count, made: band, scratch: band + registers)
          for sum in following { sum.add(band, image, rows, isFirst) }
          isFirst = false
          row += bandHeight
        }
      }
      for sum in following { sum.finish(band, task) }
    }
  }

  /// A sum whose scratch lies `place` elements behind the band.
  private func following(_ sum: BoundSum, place: Int) -> Following {
    guard case .summing(_, let add, let finish) = sum.kernel.role else {
      preconditionFailure("a band is read by kernels that sum over bands")
    }
    let (addresses, partCount) = (sum.addresses, sum.partCount)
    return Following(
      add: { band, image, rows, isFirst in add(band, addresses, image, rows, isFirst, band + place) },
      finish: { band, task in finish(addresses.workspace + task * partCount, band + place) })
  }
}

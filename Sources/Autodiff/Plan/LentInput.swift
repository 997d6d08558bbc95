import BLAS
import Tensors

/// Memory of somebody else that the tasks which read an input first take it from, each its own images: these are then in
/// the cache where they are needed, and nobody waits for a copy. They copy it for those that read it later, if there are any.
final class LentInput<S: Scalar> {
  /// Where the input's only reader finds its operands.
  private(set) var addresses: PreparedKernel<S>.Addresses?
  private let own: UnsafePointer<S>

  var source: UnsafePointer<S>? {
    didSet { addresses?.operands[0] = source ?? own }
  }

  init(own: UnsafePointer<S>, readAt addresses: PreparedKernel<S>.Addresses?) {
    (self.own, self.addresses) = (own, addresses)
  }
}

/// A kernel that reads an input image by image before anything else does.
struct FirstReading {
  let input: Int
  /// The elements that each task reads, and their images.
  let ranges: [Range<Int>], images: [Range<Int>]
  /// Whether nothing else reads the input, and the kernel could take it from anywhere.
  let isOnly: Bool
}

extension Compiler {
  /// How a unit's kernel reads an input first, if it does; in a run, a slice of it.
  func firstReading(by number: Int, _ slice: Int, _ schedule: Schedule, _ layout: Layout) -> FirstReading? {
    guard !layout.groups.follows(number), let kernel = layout.kernels[number], let byImages = kernel.byImages,
      let count = byImages.operandCounts[0], byImages.resultCount > 0, let ranges = kernel.resultRanges
    else { return nil }
    let input = graph.source(of: graph.records[schedule.units[number].members[0]].operands[0])
    let run = layout.sliced.run(number)
    let last = run.map { $0.units.upperBound - 1 } ?? layout.concurrent.last[number]
    let readers = schedule.units.indices.filter { unit in
      schedule.units[unit].members.contains { member in
        graph.records[member].operands.contains { graph.source(of: $0) == input }
      }
    }
    let others = graph.records[schedule.units[number].members[0]].operands.dropFirst()
    guard !others.contains(where: { graph.source(of: $0) == input }), isInput(input),
      readers.filter({ $0 <= last }) == [number], !outputs.contains(where: { graph.source(of: $0) == input }),
      !updates.contains(where: { graph.source(of: $0.value) == input }),
      ranges.allSatisfy({ $0.lowerBound % byImages.resultCount == 0 && $0.upperBound % byImages.resultCount == 0 })
    else { return nil }
    let images = ranges.map { $0.lowerBound / byImages.resultCount..<$0.upperBound / byImages.resultCount }
    let covered = zip(images, images.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound }
    guard covered, images.first?.lowerBound == 0, let end = images.last?.upperBound,
      end * count * (run?.slices ?? 1) == shapes[input]?.count
    else { return nil }
    let start = slice * end
    return FirstReading(
      input: input, ranges: images.map { ($0.lowerBound + start) * count..<($0.upperBound + start) * count },
      images: images,
      isOnly: run == nil && readers == [number] && byImages.scratchCount == 0 && byImages.partCount == 0)
  }
}

extension Phase {
  /// The phase with each task first copying its range of what was lent, if anything was.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func copying<S: Scalar>(_ lent: LentInput<S>, to target: UnsafeMutablePointer<S>, _ ranges: [Range<Int>]) -> Phase {
    Phase(taskCount: taskCount) { task in
      if let source = lent.source {
        let range = ranges[task]
        (target + range.lowerBound).update(from: source + range.lowerBound, count: range.count)
      }
      body(task)
    }
  }
}

extension PreparedKernel.ByImages {
  /// The kernel reading what was lent where it is, each task some images.
  func phase(reading lent: LentInput<S>, _ images: [Range<Int>], scratch: UnsafeMutablePointer<S>) -> Phase {
    Phase(taskCount: images.count) { task in
      if let addresses = lent.addresses { run(addresses, images[task], scratch) }
    }
  }
}

import BLAS
import Tensors

/// Memory of somebody else from which the tasks that read an input first copy it, each its own images: these are then in the
/// cache where they are needed, and nobody waits for the copy.
final class LentInput<S: Scalar> {
  var source: UnsafePointer<S>?
}

extension Compiler {
  /// The input that a unit's kernel reads image by image before anything else does, and the elements that each task reads.
  func inputReadFirst(by number: Int, _ schedule: Schedule, _ layout: Layout) -> (input: Int, ranges: [Range<Int>])? {
    guard !layout.groups.follows(number), let kernel = layout.kernels[number], let byImages = kernel.byImages,
      let count = byImages.operandCounts[0], byImages.resultCount > 0, let ranges = kernel.resultRanges
    else { return nil }
    let input = graph.source(of: graph.records[schedule.units[number].members[0]].operands[0])
    let last = layout.concurrent.last[number]
    let readers = schedule.units.indices.filter { unit in
      schedule.units[unit].members.contains { member in
        graph.records[member].operands.contains { graph.source(of: $0) == input }
      }
    }
    let others = graph.records[schedule.units[number].members[0]].operands.dropFirst()
    guard !others.contains(where: { graph.source(of: $0) == input }), isInput(input),
      readers.filter({ $0 <= last }) == [number], !outputs.contains(input),
      ranges.allSatisfy({ $0.lowerBound % byImages.resultCount == 0 && $0.upperBound % byImages.resultCount == 0 })
    else { return nil }
    let images = ranges.map { $0.lowerBound / byImages.resultCount..<$0.upperBound / byImages.resultCount }
    let covered = zip(images, images.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound }
    guard covered, images.first?.lowerBound == 0, images.last.map({ $0.upperBound * count }) == shapes[input]?.count
    else { return nil }
    return (input, images.map { $0.lowerBound * count..<$0.upperBound * count })
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

import BLAS
import Tensors

/// Finds units that may go through a batch a slice at a time.
struct SliceFinder<S: Scalar> {
  let schedule: Schedule
  let graph: Graph<S>
  let shapes: [Int: Shape]
  let batch: Int
  let rule: SliceRule

  /// Elements of an image of each source node that a unit takes slice by slice, what it reads whole, and what it sums.
  typealias Step = (images: [Int: Int], whole: Set<Int>, sum: Int?)

  /// The longest runs that begin and end with large images.
  func runs() -> [(units: Range<Int>, steps: [Int: Step])] {
    var runs: [(Range<Int>, [Int: Step])] = []
    var steps: [Int: Step] = [:]
    // What is there only when the run is over: sums, and all images together.
    var (sums, made): (Set<Int>, Set<Int>) = ([], [])
    func end() {
      let large = steps.filter { $0.value.images.values.contains { $0 >= rule.smallestImage } }.keys
      if let first = large.min(), let last = large.max() {
        runs.append((first..<last + 1, steps.filter { (first...last).contains($0.key) }))
      }
      (steps, sums, made) = ([:], [], [])
    }
    for number in schedule.units.indices {
      guard let step = step(number) else {
        end()
        continue
      }
      if !step.whole.isDisjoint(with: made) || !sums.isDisjoint(with: step.whole.union(step.images.keys)) { end() }
      steps[number] = step
      if let sum = step.sum { sums.insert(sum) } else { made.formUnion(schedule.units[number].members) }
    }
    end()
    return runs
  }

  /// How a unit takes slices, if it can. Whether a kernel can is a matter of shapes, so that sums have the same bits in any plan.
  private func step(_ number: Int) -> Step? {
    let unit = schedule.units[number]
    guard unit.productUpdate == nil, unit.product == nil, let last = unit.members.last, let shape = shapes[last] else {
      return nil
    }
    guard !unit.isElementwise else {
      return shape.rank > 0 && shape[0] == batch ? elementwiseStep(number, unit, shape) : nil
    }
    let record = graph.records[last]
    guard let operation = record.operation as? any SliceableOperation else { return nil }
    var (images, whole): ([Int: Int], Set<Int>) = ([:], [])
    for (operand, isSliced) in zip(record.operands, operation.readsSlices) {
      if isSliced {
        guard let count = imageCount(operand) else { return nil }
        images[graph.source(of: operand)] = count
      } else {
        whole.insert(graph.source(of: operand))
      }
    }
    if !operation.sumsSlices {
      guard let count = imageCount(last) else { return nil }
      images[last] = count
    }
    let largest = images.values.max() ?? 0
    guard largest >= rule.smallestImage, whole.isDisjoint(with: images.keys) else { return nil }
    // The parts of a sum are no larger than the images that they are made of.
    if operation.sumsSlices && shape.count > largest { return nil }
    return (images, whole, operation.sumsSlices ? last : nil)
  }

  /// An elementwise unit reads slices of what has its shape, and what is repeated for every image.
  private func elementwiseStep(_ number: Int, _ unit: Unit, _ shape: Shape) -> Step? {
    guard !schedule.unitOfUpdate.contains(number) else { return nil }
    let count = shape.count / batch
    var (images, whole): ([Int: Int], Set<Int>) = ([:], [])
    for member in unit.members {
      for operand in graph.records[member].operands where !unit.members.contains(graph.source(of: operand)) {
        let (source, own) = (graph.source(of: operand), shapes[operand] ?? [])
        if graph.records[source].operation is Fill { continue }
        if own == shape {
          images[source] = count
        } else if own.rank < shape.rank || own[0] == 1 {
          whole.insert(source)
        } else {
          return nil
        }
      }
      images[member] = count
    }
    return whole.isDisjoint(with: images.keys) ? (images, whole, nil) : nil
  }

  /// Elements of each of the images along the first axis.
  private func imageCount(_ node: Int) -> Int? {
    guard let shape = shapes[node], shape.rank > 1, shape[0] == batch, shape.count > 0 else { return nil }
    return shape.count / batch
  }
}

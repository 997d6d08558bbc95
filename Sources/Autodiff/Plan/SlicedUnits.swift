import BLAS
import Tensors

/// From which size on, and how, a plan goes through its batch a slice at a time.
struct SliceRule: Hashable, Sendable {
  /// Elements of an image, from which on units take slices: one image is more than a core's caches hold, so that what passes from
  /// one unit to the next goes through memory anyway, and few images are enough work for all threads.
  var smallestImage = 1 << 20
  /// Images of a slice: kernels that are cut into images need some for every thread, and what a slice needs is held at once.
  var images = 4...8
  /// Multiply-adds that an element may take which is made again instead of kept: as long as it takes to write and to read it.
  var cheapest = 64
  /// The part of the arena that slices must save, one in so many: calls of a few images leave the groups that they were in.
  var leastSaving = 32

  /// No slices, however large images are.
  static let never = SliceRule(smallestImage: .max)

  /// The images of a slice, which divide the batch; nil where none do.
  func slice(of batch: Int) -> Int? { images.last { $0 < batch && batch % $0 == 0 } }

  /// Whether a plan of `other` bytes is so much larger than one of `bytes` that the smaller may take a little longer.
  func isLarger(_ other: Int, than bytes: Int) -> Bool { other > bytes + bytes / leastSaving }
}

/// Units that follow each other in the schedule and go through the batch together, a slice of its images at a time: what only they
/// read is kept for one slice. The gradients behind a network's first layers are its largest values, and live together.
///
/// Slices are cut by shape alone, and sums over large images are always made of one part for each slice, added in their order: which
/// units take slices beside them changes no bits.
struct SlicedUnits<S: Scalar> {
  struct Run: Hashable {
    let units: Range<Int>
    let slices: Int
    /// Whether there are sums over the images among the units.
    let sums: Bool
  }

  /// How a unit of a run goes on from slice to slice.
  struct Step {
    let run: Run
    /// For each source node of which it reads or makes a slice, the elements of that.
    let slices: [Int: Int]
    /// What it sums over the images.
    let sum: Int?
  }

  private(set) var runs: [Run] = []
  /// The units of runs.
  private(set) var steps: [Int: Step] = [:]
  /// The nodes that are kept for one slice.
  private(set) var locals: Set<Int> = []
  /// The images of a slice.
  private(set) var images = 0

  /// No runs.
  init() {}

  /// The runs of a schedule.
  ///
  /// - Parameters:
  ///   - readers: the units that read each node, for outputs a unit that does not exist.
  ///   - whole: the first units of runs that take the batch whole after all.
  init(
    _ schedule: Schedule, graph: Graph<S>, shapes: [Int: Shape], batch: Int, readers: [Int: Set<Int>], rule: SliceRule,
    whole: Set<Int>
  ) {
    guard let images = rule.slice(of: batch) else { return }
    self.images = images
    let finder = SliceFinder(schedule: schedule, graph: graph, shapes: shapes, batch: batch, rule: rule)
    for found in finder.runs() where !whole.contains(found.units.lowerBound) {
      let sums = found.steps.values.contains { $0.sum != nil }
      let run = Run(units: found.units, slices: batch / images, sums: sums)
      let made = found.steps.filter { $0.value.sum == nil }.flatMap { number, step in
        schedule.units[number].members.filter { step.images[$0] != nil }.map { ($0, step.images[$0] ?? 0) }
      }
      let own = made.filter { node, _ in readers[node, default: []].isSubset(of: run.units) }
      guard sums || own.contains(where: { $0.1 >= rule.smallestImage }) else { continue }
      runs.append(run)
      locals.formUnion(own.map(\.0))
      for (number, step) in found.steps {
        steps[number] = Step(run: run, slices: step.images.mapValues { $0 * images }, sum: step.sum)
      }
    }
  }

  /// Units that no group and no region may join to the one before.
  var borders: Set<Int> { Set(runs.flatMap { [$0.units.lowerBound, $0.units.upperBound] }) }

  /// The run that a unit belongs to.
  func run(_ number: Int) -> Run? { steps[number]?.run }

  /// Elements of a slice of `node`, of which unit `number` takes one at a time; `nil` where it takes all.
  func slice(of node: Int, in number: Int) -> Int? { steps[number]?.slices[node] }

  /// The shape in which unit `number` sees a node that it reads or makes.
  func shape(of node: Int, _ shape: Shape, in number: Int, _ graph: Graph<S>) -> Shape {
    guard steps[number]?.slices[graph.source(of: node)] != nil else { return shape }
    return Shape([images] + shape.dimensions.dropFirst())
  }

  /// The shapes with those of nodes cut that units of runs make slice by slice.
  func shapesMade(_ shapes: [Int: Shape], _ schedule: Schedule, _ graph: Graph<S>) -> [Int: Shape] {
    var made = shapes
    for number in steps.keys {
      for member in schedule.units[number].members {
        made[member] = shapes[member].map { shape(of: member, $0, in: number, graph) }
      }
    }
    return made
  }
}

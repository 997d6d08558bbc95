/// Places buffers that live from one unit of the schedule to another in one arena.
struct MemoryPlan {
  struct Buffer {
    var count: Int
    var firstUnit: Int
    var lastUnit: Int
  }

  private(set) var buffers: [Buffer] = []
  private(set) var offsets: [Int] = []
  /// The arena's size in elements.
  private(set) var count = 0

  /// Elements are placed at multiples of this, a cache line of doubles or two of floats.
  private static let granularity = 16

  /// A buffer of `count` elements written first in `unit`.
  mutating func add(count: Int, unit: Int) -> Int {
    buffers.append(Buffer(count: count, firstUnit: unit, lastUnit: unit))
    return buffers.count - 1
  }

  /// The buffer is still needed in `unit`.
  mutating func extend(_ buffer: Int, to unit: Int) {
    buffers[buffer].lastUnit = Swift.max(buffers[buffer].lastUnit, unit)
  }

  /// Gives each buffer an offset so that no two share memory while both live: the largest first, each at the lowest place
  /// that is free.
  mutating func place() {
    offsets = [Int](repeating: 0, count: buffers.count)
    var placed: [Int] = []
    let order = buffers.indices.sorted { (buffers[$1].count, $0) < (buffers[$0].count, $1) }
    for index in order {
      let buffer = buffers[index]
      let size = Self.rounded(buffer.count)
      let conflicts = placed.filter {
        buffers[$0].firstUnit <= buffer.lastUnit && buffer.firstUnit <= buffers[$0].lastUnit
      }.map { (start: offsets[$0], end: offsets[$0] + Self.rounded(buffers[$0].count)) }.sorted { $0.start < $1.start }
      var offset = 0
      for conflict in conflicts {
        if offset + size <= conflict.start { break }
        offset = Swift.max(offset, conflict.end)
      }
      offsets[index] = offset
      count = Swift.max(count, offset + size)
      placed.append(index)
    }
  }

  /// The unit during which most memory is held, and the buffers that are held then, the largest first.
  var peak: (unit: Int, buffers: [Int]) {
    let end = buffers.reduce(0) { Swift.max($0, $1.lastUnit) }
    var changes = [Int](repeating: 0, count: end + 2)
    for buffer in buffers {
      changes[buffer.firstUnit] += Self.rounded(buffer.count)
      changes[buffer.lastUnit + 1] -= Self.rounded(buffer.count)
    }
    var (unit, largest, held) = (0, 0, 0)
    for (index, change) in changes.enumerated() {
      held += change
      if held > largest { (unit, largest) = (index, held) }
    }
    let alive = buffers.indices.filter { buffers[$0].firstUnit <= unit && unit <= buffers[$0].lastUnit }
    return (unit, alive.sorted { (buffers[$1].count, $0) < (buffers[$0].count, $1) })
  }

  /// The elements that a buffer of `count` takes.
  static func rounded(_ count: Int) -> Int {
    (Swift.max(count, 1) + granularity - 1) / granularity * granularity
  }
}

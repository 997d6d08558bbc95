public import BLAS

/// Lays parts end to end in every row: rows of operands, and zeros between them. It concatenates, and it pads.
public struct Concatenation<S: Scalar>: PlannedKernel {
  /// A part of every row of the result.
  public enum Part: Hashable, Sendable {
    /// The rows of an operand, counted from 0, each of `width` elements.
    case operand(Int, width: Int)
    /// So many zeros.
    case zeros(width: Int)

    var width: Int {
      switch self {
      case .operand(_, let width), .zeros(let width): width
      }
    }
  }

  /// The number of tasks in each phase.
  public let phases: [Int]
  private let parts: [Part], width: Int, partition: WorkPartition

  /// A task writes a range of the result, which may begin and end within a row.
  public var resultRanges: [Range<Int>]? { partition.ranges(of: 1) }

  /// Plans a result of `rows` rows that are as wide as the parts together.
  public init(rows: Int, parts: [Part]) {
    self.parts = parts
    width = parts.reduce(0) { $0 + $1.width }
    partition = WorkPartition(count: rows * width, grain: elementsPerTask)
    phases = [partition.taskCount]
  }

  /// Runs one task of one phase; `operands` are the first elements of what the parts name.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(phase: Int, task: Int, operands: [UnsafePointer<S>], output: UnsafeMutablePointer<S>) {
    let range = partition.range(task)
    if range.isEmpty { return }
    for row in range.lowerBound / width...(range.upperBound - 1) / width {
      var start = row * width
      for part in parts {
        let (lower, upper) = (max(start, range.lowerBound), min(start + part.width, range.upperBound))
        if lower < upper {
          switch part {
          case .operand(let index, let partWidth):
            (output + lower).update(from: operands[index] + row * partWidth + (lower - start), count: upper - lower)
          case .zeros:
            (output + lower).update(repeating: 0, count: upper - lower)
          }
        }
        start += part.width
      }
    }
  }
}

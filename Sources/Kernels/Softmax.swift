public import BLAS

/// The softmax of each row: `output[r, c] = exp(input[r, c]) / Σ exp(input[r, ·])`, shifted so that nothing overflows.
public struct Softmax<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let columns: Int, partition: WorkPartition

  /// Plans the softmax of `rows` contiguous rows of `columns` elements.
  public init(rows: Int, columns: Int) {
    self.columns = columns
    partition = WorkPartition(count: rows, grain: rowsPerTask(columns))
    phases = [partition.taskCount]
  }

  /// Runs one task of one phase. `output` may be `input`.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(phase: Int, task: Int, input: UnsafePointer<S>, output: UnsafeMutablePointer<S>) {
    run(rows: partition.range(task), input: input, output: output)
  }

  /// Computes some of the rows.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(rows: Range<Int>, input: UnsafePointer<S>, output: UnsafeMutablePointer<S>) {
    let start = rows.lowerBound * columns
    S.softmaxRows(rows: rows.count, columns: columns, input + start, output + start)
  }
}

/// The logarithm of the softmax of each row: `output[r, c] = input[r, c] - log Σ exp(input[r, ·])`.
public struct LogSoftmax<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let columns: Int, partition: WorkPartition

  /// Plans the log-softmax of `rows` contiguous rows of `columns` elements.
  public init(rows: Int, columns: Int) {
    self.columns = columns
    partition = WorkPartition(count: rows, grain: rowsPerTask(columns))
    phases = [partition.taskCount]
  }

  /// Runs one task of one phase. `output` may be `input`.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(phase: Int, task: Int, input: UnsafePointer<S>, output: UnsafeMutablePointer<S>) {
    let range = partition.range(task)
    let start = range.lowerBound * columns
    S.logSoftmaxRows(rows: range.count, columns: columns, input + start, output + start)
  }
}

/// The logarithm of each row's sum of exponentials: `output[r] = log Σ exp(input[r, ·])`, shifted so that nothing overflows.
public struct LogSumExp<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let columns: Int, partition: WorkPartition

  /// A sum for each row, and one row for each task.
  public var workspaceCount: Int { partition.count + partition.taskCount * columns }
  /// Each task has rows of its own.
  public var resultRanges: [Range<Int>]? { partition.ranges(of: 1) }

  /// Plans the results of `rows` contiguous rows of `columns` elements.
  public init(rows: Int, columns: Int) {
    self.columns = columns
    partition = WorkPartition(count: rows, grain: rowsPerTask(columns))
    phases = [partition.taskCount]
  }

  /// Runs one task of one phase.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, input: UnsafePointer<S>, output: UnsafeMutablePointer<S>,
    workspace: UnsafeMutablePointer<S>
  ) {
    let range = partition.range(task)
    let (sums, shifted) = (workspace + range.lowerBound, workspace + partition.count + task * columns)
    let (from, to) = (input + range.lowerBound * columns, output + range.lowerBound)
    S.maxRows(rows: range.count, columns: columns, from, stride: columns, to)
    for row in 0..<range.count {
      // A row of -∞ alone, or one with +∞, has that as its result; subtracting it from itself would make NaN.
      let largest = to[row].isFinite ? to[row] : 0
      S.elementwise(.affine, columns, from + row * columns, nil, nil, shifted, 1, -largest)
      S.elementwise(.exp, columns, shifted, nil, nil, shifted, 0, 0)
      S.sumRows(rows: 1, columns: columns, shifted, stride: columns, sums + row)
    }
    S.elementwise(.log, range.count, sums, nil, nil, sums, 0, 0)
    S.elementwise(.add, range.count, sums, to, nil, to, 0, 0)
  }
}

/// The cross-entropy of each row's softmax against a class: `losses[r] = -log softmax(logits[r, ·])[labels[r]]`.
///
/// Labels are whole numbers held as scalars; one that is not in `0..<columns` gives a NaN.
public struct SoftmaxCrossEntropy<S: Scalar>: PlannedKernel {
  /// The number of tasks in each phase.
  public let phases: [Int]
  private let columns: Int, partition: WorkPartition

  /// Plans the losses of `rows` rows of `columns` logits.
  public init(rows: Int, columns: Int) {
    self.columns = columns
    partition = WorkPartition(count: rows, grain: rowsPerTask(columns))
    phases = [partition.taskCount]
  }

  /// Runs one task of one phase.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, logits: UnsafePointer<S>, labels: UnsafePointer<S>, losses: UnsafeMutablePointer<S>
  ) {
    run(rows: partition.range(task), logits: logits, labels: labels, losses: losses)
  }

  /// Computes the losses of some of the rows.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    rows: Range<Int>, logits: UnsafePointer<S>, labels: UnsafePointer<S>, losses: UnsafeMutablePointer<S>
  ) {
    S.softmaxCrossEntropyRows(
      rows: rows.count, columns: columns, logits + rows.lowerBound * columns, labels + rows.lowerBound,
      losses + rows.lowerBound)
  }
}

/// Rows that make a task: an exponential costs several plain operations.
private func rowsPerTask(_ columns: Int) -> Int { elementsPerTask / 4 / max(1, columns) }

public import Tensors

/// A finite, numbered collection of examples, each an input and a target.
///
/// Examples are read at random and from several threads at once, and `copyExample(_:into:target:)` gives the same numbers for
/// the same index every time: what changes from use to use (order, renewal) belongs to ``BatchLoader``.
public protocol Dataset: Sendable {
  /// The number of examples; indices run over `0..<count`.
  var count: Int { get }

  /// The shape of one input, without a batch axis; images are `[height, width, channels]`.
  var exampleShape: Shape { get }

  /// The shape of one target; `[]` is a single number, which for a classification set is the class index.
  var targetShape: Shape { get }

  /// The names of the classes in the order of their indices; empty where targets are not classes.
  var classNames: [String] { get }

  /// Writes example `index`: its input, row-major over ``exampleShape``, and its target, row-major over ``targetShape``.
  ///
  /// - Parameters:
  ///   - index: Which example, in `0..<count`.
  ///   - input: Room for exactly `exampleShape.count` numbers; need not be initialised to anything meaningful.
  ///   - target: Room for exactly `targetShape.count` numbers.
  /// - Throws: ``DatasetError``, or the set's own error when an example cannot be produced.
  func copyExample(
    _ index: Int, into input: UnsafeMutableBufferPointer<Float>, target: UnsafeMutableBufferPointer<Float>
  ) throws

  /// The class of example `index`. The default copies the example to learn it; sets that know it more cheaply say so.
  /// - Throws: ``DatasetError/notClassification`` unless targets are class indices.
  func classIndex(of index: Int) throws -> Int

  /// The examples of training epoch `epoch`, as many as here. The default is the same set for every epoch; a generated set
  /// may answer with fresh examples.
  func examples(forEpoch epoch: Int) -> Self

  /// How many threads batches are best prepared with. The default is 1; a set whose examples are costly, as those that are
  /// decoded from files, asks for more.
  var preferredWorkers: Int { get }
}

extension Dataset {
  /// Copies the example and reads its target as a class index.
  public func classIndex(of index: Int) throws -> Int {
    guard isClassification else { throw DatasetError.notClassification }
    return try withUnsafeTemporaryAllocation(of: Float.self, capacity: exampleShape.count + 1) { buffer in
      buffer.initialize(repeating: 0)
      let input = UnsafeMutableBufferPointer(rebasing: buffer[..<exampleShape.count])
      let target = UnsafeMutableBufferPointer(rebasing: buffer[exampleShape.count...])
      try copyExample(index, into: input, target: target)
      return try checkedClass(target[0], of: index)
    }
  }

  /// The same set for every epoch.
  public func examples(forEpoch epoch: Int) -> Self { self }

  /// One thread.
  public var preferredWorkers: Int { 1 }

  /// Whether targets are class indices: single numbers, with named classes.
  public var isClassification: Bool { targetShape.rank == 0 && !classNames.isEmpty }

  /// Throws unless `index` is an example and both buffers have exactly the set's sizes: the first line of an
  /// implementation of ``copyExample(_:into:target:)``.
  /// - Throws: ``DatasetError/indexOutOfRange(index:count:)`` or ``DatasetError/bufferMismatch(expected:found:)``.
  public func checkAccess(
    _ index: Int, input: UnsafeMutableBufferPointer<Float>, target: UnsafeMutableBufferPointer<Float>
  ) throws {
    try checkIndex(index)
    guard input.count == exampleShape.count, target.count == targetShape.count else {
      throw DatasetError.bufferMismatch(
        expected: [exampleShape.count, targetShape.count], found: [input.count, target.count])
    }
  }

  /// Throws unless `index` is in `0..<count`.
  func checkIndex(_ index: Int) throws {
    guard index >= 0, index < count else { throw DatasetError.indexOutOfRange(index: index, count: count) }
  }

  /// `value` as the class of example `index`, if it is one.
  func checkedClass(_ value: Float, of index: Int) throws -> Int {
    guard let classIndex = Int(exactly: value), classNames.indices.contains(classIndex) else {
      throw DatasetError.invalidClass(index: index, value: value, classCount: classNames.count)
    }
    return classIndex
  }
}

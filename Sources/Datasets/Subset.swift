public import Tensors

/// Some examples of a set, in a given order, with their classes renumbered where only some classes were kept.
///
/// A subset is fixed: it shows the base set's examples of its first epoch in every epoch.
public struct Subset: Dataset {
  /// The set the examples come from.
  public let base: any Dataset
  /// Which examples of `base` these are.
  public let indices: [Int]
  /// The names of the classes, in the order of the renumbered indices.
  public let classNames: [String]
  /// The new index of every class of `base`, -1 where the class is left out; nil where classes stay as they are.
  private let newClasses: [Int]?

  /// The number of examples.
  public var count: Int { indices.count }
  /// The shape of one input: the base set's.
  public var exampleShape: Shape { base.exampleShape }
  /// The shape of one target: the base set's.
  public var targetShape: Shape { base.targetShape }

  /// How many threads prepare batches of it: as many as the base set asks for.
  public var preferredWorkers: Int { base.preferredWorkers }

  /// Takes the examples of `base` at `indices`, repetitions allowed.
  /// - Throws: ``DatasetError/indexOutOfRange(index:count:)``.
  public init(of base: any Dataset, indices: [Int]) throws {
    for index in indices { try base.checkIndex(index) }
    self.init(of: base, checked: indices)
  }

  init(of base: any Dataset, checked indices: [Int]) {
    self.base = base
    self.indices = indices
    classNames = base.classNames
    newClasses = nil
  }

  init(of base: any Dataset, keeping classes: [Int]) throws {
    let classCount = base.classNames.count
    guard base.isClassification else { throw DatasetError.notClassification }
    guard !classes.isEmpty, Set(classes).count == classes.count, classes.allSatisfy((0..<classCount).contains) else {
      throw DatasetError.invalidClassSelection(classes, classCount: classCount)
    }
    var newClasses = [Int](repeating: -1, count: classCount)
    for (new, old) in classes.enumerated() { newClasses[old] = new }
    self.base = base
    indices = try (0..<base.count).filter { newClasses[try base.classIndex(of: $0)] >= 0 }
    classNames = classes.map { base.classNames[$0] }
    self.newClasses = newClasses
  }

  /// Writes the base set's example, its class renumbered.
  public func copyExample(
    _ index: Int, into input: UnsafeMutableBufferPointer<Float>, target: UnsafeMutableBufferPointer<Float>
  ) throws {
    try checkAccess(index, input: input, target: target)
    try base.copyExample(indices[index], into: input, target: target)
    if let newClasses { target[0] = Float(newClasses[try base.checkedClass(target[0], of: indices[index])]) }
  }

  /// The class of example `index`, renumbered.
  public func classIndex(of index: Int) throws -> Int {
    try checkIndex(index)
    let old = try base.classIndex(of: indices[index])
    return newClasses?[old] ?? old
  }
}

extension Dataset {
  /// The first `length` examples, or all of them where there are fewer.
  public func prefix(_ length: Int) -> Subset {
    Subset(of: self, checked: Array(0..<max(0, min(length, count))))
  }

  /// The examples of the given classes in their old order; class `classes[k]` becomes class k.
  /// - Throws: ``DatasetError/notClassification`` or ``DatasetError/invalidClassSelection(_:classCount:)``.
  public func filtered(classes: [Int]) throws -> Subset { try Subset(of: self, keeping: classes) }
}

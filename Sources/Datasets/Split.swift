import Tensors

extension Dataset {
  /// Sets a random part aside for validation.
  ///
  /// Both parts keep the examples' old order. The draw depends on `seed`, `fraction`, the number of examples and, where
  /// stratified, their classes.
  ///
  /// - Parameters:
  ///   - fraction: The share set aside, rounded to whole examples (stratified: in each class); strictly between 0 and 1.
  ///   - seed: Seeds the draw.
  ///   - stratified: Whether each class gives the same share; needs class indices as targets.
  /// - Throws: ``DatasetError/invalidFraction(_:count:)`` also when rounding leaves a part empty, or
  ///   ``DatasetError/notClassification``.
  public func split(fraction: Double, seed: UInt64, stratified: Bool = false) throws -> (
    training: Subset, validation: Subset
  ) {
    guard fraction > 0, fraction < 1 else { throw DatasetError.invalidFraction(fraction, count: count) }
    if stratified, !isClassification { throw DatasetError.notClassification }

    var groups = [[Int]](repeating: [], count: stratified ? classNames.count : 1)
    for index in 0..<count { groups[stratified ? try classIndex(of: index) : 0].append(index) }

    var isValidation = [Bool](repeating: false, count: count)
    for (number, group) in groups.enumerated() {
      let taken = Int((fraction * Double(group.count)).rounded())
      var generator = RandomGenerator(seed: seed, stream: "validation split \(number)")
      for position in generator.permutation(group.count).prefix(taken) {
        isValidation[group[position]] = true
      }
    }
    let validation = (0..<count).filter { isValidation[$0] }
    let training = (0..<count).filter { !isValidation[$0] }
    guard !validation.isEmpty, !training.isEmpty else { throw DatasetError.invalidFraction(fraction, count: count) }
    return (Subset(of: self, checked: training), Subset(of: self, checked: validation))
  }
}

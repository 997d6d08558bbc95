import Autodiff
public import Datasets
import Foundation
import NeuralNetworks
import Tensors

extension Trainer {
  /// Classifies every example of `data`.
  ///
  /// Where an example has a further first axis, as that of ``TenCropImages``, it holds views of one thing: the answer is then that of
  /// the mean of the views' softmax outputs (Krizhevsky et al. 2012, section 4.1).
  ///
  /// - Parameters:
  ///   - data: Class indices, with named classes.
  ///   - batch: Examples, or views, a batch; 256 unless told, or fewer where these would take more than 256 MB.
  ///   - shouldStop: asked after each batch; `true` ends with what was counted so far.
  /// - Throws: ``TrainingError`` for data that do not fit; `DatasetError` where an example cannot be read.
  public func classify(
    _ data: any Dataset, batch: Int? = nil, shouldStop: () -> Bool = { false }
  ) throws -> Classification {
    let batch = try batch ?? inferenceBatch()
    guard batch > 0 else { throw TrainingError.batchSize(batch) }
    let isOfViews = data.exampleShape.rank == inputShape.rank + 1
    let views = isOfViews ? data.exampleShape[0] : 1
    guard views > 0, Array(data.exampleShape.dimensions.dropFirst(isOfViews ? 1 : 0)) == inputShape.dimensions else {
      throw TrainingError.inputShape(expected: inputShape, found: data.exampleShape)
    }
    guard data.count > 0 else { throw TrainingError.noExamples }
    guard loss.target == .classIndex, data.isClassification else {
      throw TrainingError.targetShape(expected: "a class index an example", found: data.targetShape)
    }
    guard data.classNames.count <= outputCount else {
      throw TrainingError.tooManyClasses(classes: data.classNames.count, outputs: outputCount)
    }
    var result = Classification(classNames: data.classNames, outputs: outputCount)
    let batches = try BatchLoader(data, batch: max(1, batch / views)).batches()
    var hasMore = true
    while hasMore, !shouldStop() {
      hasMore = try batches.next { inputs, targets, count in
        try classify(inputs, targets, count: count, views: views, into: &result)
      }
    }
    return result
  }

  private func classify(
    _ inputs: UnsafeBufferPointer<Float>, _ targets: UnsafeBufferPointer<Float>, count: Int, views: Int,
    into result: inout Classification
  ) throws {
    for label in targets where !(label < Float(result.classNames.count)) {
      throw TrainingError.label(label, outputs: result.classNames.count)
    }
    let repeated = targets.flatMap { [Float](repeating: $0, count: views) }
    try repeated.withUnsafeBufferPointer { repeated in
      result.add(loss: try infer(inputs, repeated, count * views).loss * Double(count))
    }
    let plan = try inference.plan(batch: count * views)
    try plan.withValue(of: inference.output) { outputs in
      var sums = [Double](repeating: 0, count: outputCount)
      for example in 0..<count {
        for index in sums.indices { sums[index] = 0 }
        for view in 0..<views {
          let start = (example * views + view) * outputCount
          let row = Array(outputs[start..<(start + outputCount)])
          let terms = views == 1 ? scores(of: row) : probabilities(of: row)
          for (index, term) in terms.enumerated() { sums[index] += term }
        }
        sums.withUnsafeBufferPointer { result.add(scores: $0, label: Int(targets[example])) }
      }
    }
  }

  /// The softmax of one example's outputs, or of their negatives where the smallest is the answer.
  public func probabilities(of outputs: [Float]) -> [Double] {
    let scores = scores(of: outputs)
    let largest = scores.max() ?? 0
    let powers = scores.map { exp($0 - largest) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
  }

  /// Numbers of which the largest is the answer.
  private func scores(of outputs: [Float]) -> [Double] {
    outputs.map { loss.answersWithSmallest ? -Double($0) : Double($0) }
  }
}

import Autodiff
public import BLAS
public import Datasets
import NeuralNetworks
public import Tensors

/// Evaluating a network and predicting with it.
extension Trainer {
  /// The mean loss and the fraction of wrong answers on `data`.
  ///
  /// - Parameter batch: examples at a time; 256 unless told, or fewer where these would take more than 256 MB.
  /// - Throws: ``TrainingError`` for data that do not fit; `DatasetError` where an example cannot be read.
  public func evaluate(_ data: any Dataset, batch: Int? = nil) throws -> Evaluation {
    let batch = try batch ?? inferenceBatch()
    guard batch > 0 else { throw TrainingError.batchSize(batch) }
    try check(data)
    let batches = try BatchLoader(data, batch: batch, order: .sequential).batches()
    var (total, wrong, count) = (0.0, 0, 0)
    var countsErrors = true
    while true {
      let hasMore = try batches.next { inputs, targets, size in
        let (loss, errors) = try infer(inputs, targets, size)
        total += loss * Double(size)
        if let errors { wrong += errors } else { countsErrors = false }
        count += size
      }
      if !hasMore { break }
    }
    return Evaluation(
      loss: total / Double(count), error: countsErrors ? Double(wrong) / Double(count) : nil, count: count)
  }

  /// The network's outputs for `inputs` [n] + the input shape: [n, outputs].
  ///
  /// - Parameter batch: examples at a time; 256 unless told, or fewer where these would take more than 256 MB.
  /// - Throws: ``TrainingError/inputShape(expected:found:)``.
  public func predict(_ inputs: Tensor<Float>, batch: Int? = nil) throws -> Tensor<Float> {
    let batch = try batch ?? inferenceBatch()
    guard inputs.shape.rank == inputShape.rank + 1, Array(inputs.shape.dimensions.dropFirst()) == inputShape.dimensions
    else { throw TrainingError.inputShape(expected: inputShape, found: inputs.shape) }
    guard batch > 0 else { throw TrainingError.batchSize(batch) }
    let (count, size) = (inputs.shape[0], inputShape.count)
    var outputs: [Float] = []
    outputs.reserveCapacity(count * outputCount)
    for start in stride(from: 0, to: count, by: batch) {
      let length = min(batch, count - start)
      let plan = try inference.plan(batch: length)
      try inputs.withUnsafeBufferPointer { source in
        let slice = UnsafeBufferPointer(rebasing: source[(start * size)..<((start + length) * size)])
        try plan.withInput(inference.input) { _ = $0.update(from: slice) }
      }
      plan.run()
      try plan.withValue(of: inference.output) { outputs.append(contentsOf: $0) }
    }
    return Tensor([count, outputCount], outputs)
  }

  /// The class of each row of `outputs` [n, classes]: the largest output, or the smallest distance.
  public func classes(of outputs: Tensor<Float>) -> [Int] {
    outputs.withUnsafeBufferPointer { buffer in
      (0..<outputs.shape[0]).map {
        answer(UnsafeBufferPointer(rebasing: buffer[($0 * outputCount)..<(($0 + 1) * outputCount)]))
      }
    }
  }

  func answer(_ row: UnsafeBufferPointer<Float>) -> Int {
    var best = 0
    for index in row.indices where loss.answersWithSmallest ? row[index] < row[best] : row[index] > row[best] {
      best = index
    }
    return best
  }

  /// How many rows answer another class than the target, or `nil` where targets are not classes.
  func wrongAnswers(_ outputs: UnsafeBufferPointer<Float>, _ targets: UnsafeBufferPointer<Float>) -> Int? {
    if loss.target == .classIndex {
      return targets.indices.reduce(0) { wrong, row in
        let answer = answer(UnsafeBufferPointer(rebasing: outputs[(row * outputCount)..<((row + 1) * outputCount)]))
        return wrong + (Float(answer) == targets[row] ? 0 : 1)
      }
    }
    guard loss.kind == .sigmoidCrossEntropy, outputCount == 1 else { return nil }
    return targets.indices.reduce(0) { $0 + ((outputs[$1] > 0) == (targets[$1] > 0.5) ? 0 : 1) }
  }
}

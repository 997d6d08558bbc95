public import BLAS
public import Datasets
public import Tensors
public import Training

/// How the outputs of a layer become a row of features.
public enum FeaturePooling: String, Sendable, Hashable, Codable, CaseIterable {
  /// All numbers in the order in which they lie: maps [rows, columns, maps] become rows · columns · maps numbers.
  case flattened
  /// The mean of every map: maps [rows, columns, maps] become as many numbers as maps; rows of units stay as they are.
  case mean
}

extension Trainer {
  /// The features of `inputs` [n] + the input shape at a named layer: [n, d].
  ///
  /// ```swift
  /// let features = try trainer.features(at: "fc7", of: images)
  /// ```
  ///
  /// - Parameters:
  ///   - layer: a full name, as `Sequential.layerNames` lists them.
  ///   - pooling: what becomes of feature maps.
  ///   - batch: examples at a time; as many as suit the memory where not given.
  /// - Throws: `TrainingError` for a layer that the network does not have and inputs that do not fit.
  public func features(
    at layer: String, of inputs: Tensor<Float>, pooling: FeaturePooling = .flattened, batch: Int? = nil
  ) throws -> Tensor<Float> {
    let batch = try batch ?? inferenceBatch()
    guard batch > 0 else { throw TrainingError.batchSize(batch) }
    guard inputs.shape.rank == inputShape.rank + 1, Array(inputs.shape.dimensions.dropFirst()) == inputShape.dimensions
    else { throw TrainingError.inputShape(expected: inputShape, found: inputs.shape) }
    let reader = try LayerReader(self, layer: layer)
    let (count, size) = (inputs.shape[0], inputShape.count)
    guard count > 0 else { throw TrainingError.noExamples }
    var rows: [Float] = []
    for start in stride(from: 0, to: count, by: batch) {
      let length = min(batch, count - start)
      let outputs = try inputs.withUnsafeBufferPointer {
        try reader.outputs(
          for: UnsafeBufferPointer(rebasing: $0[start * size..<(start + length) * size]), count: length)
      }
      rows.append(contentsOf: pooling.rows(outputs).elements)
    }
    return Tensor([count, rows.count / count], rows)
  }

  /// Calls `body` with the features and the targets of `data`, batch after batch in its order: nothing but a batch is held.
  ///
  /// - Parameters:
  ///   - layer: a full name, as `Sequential.layerNames` lists them.
  ///   - data: the examples; a folder of images is read by its own threads meanwhile.
  ///   - pooling: what becomes of feature maps.
  ///   - batch: examples at a time; as many as suit the memory where not given.
  ///   - body: is given features [batch, d] and the targets of the same examples.
  /// - Throws: as ``features(at:of:pooling:batch:)``, and `DatasetError` where an example cannot be read.
  public func streamFeatures(
    at layer: String, of data: any Dataset, pooling: FeaturePooling = .flattened, batch: Int? = nil,
    _ body: (_ features: Tensor<Float>, _ targets: [Float]) throws -> Void
  ) throws {
    let batch = try batch ?? inferenceBatch()
    guard batch > 0 else { throw TrainingError.batchSize(batch) }
    guard data.count > 0 else { throw TrainingError.noExamples }
    guard data.exampleShape == inputShape else {
      throw TrainingError.inputShape(expected: inputShape, found: data.exampleShape)
    }
    let reader = try LayerReader(self, layer: layer)
    let batches = try BatchLoader(data, batch: batch, order: .sequential).batches()
    var hasMore = true
    while hasMore {
      hasMore = try batches.next { inputs, targets, count in
        try body(pooling.rows(reader.outputs(for: inputs, count: count)), Array(targets))
      }
    }
  }

  /// The features and targets of all of `data`: [n, d] and n numbers (or n times the target's size).
  ///
  /// - Throws: as ``streamFeatures(at:of:pooling:batch:_:)``.
  public func features(
    at layer: String, of data: any Dataset, pooling: FeaturePooling = .flattened, batch: Int? = nil
  ) throws -> (features: Tensor<Float>, targets: [Float]) {
    var (rows, targets): ([Float], [Float]) = ([], [])
    try streamFeatures(at: layer, of: data, pooling: pooling, batch: batch) { features, labels in
      rows.append(contentsOf: features.elements)
      targets.append(contentsOf: labels)
    }
    return (Tensor([data.count, rows.count / data.count], rows), targets)
  }
}

extension FeaturePooling {
  /// A layer's outputs [n, …] as rows [n, d].
  func rows(_ outputs: Tensor<Float>) -> Tensor<Float> {
    let count = outputs.shape[0]
    let size = count > 0 ? outputs.count / count : 0
    guard self == .mean, outputs.rank == 4 else { return outputs.reshaped(to: [count, size]) }
    let maps = outputs.shape[3]
    let places = size / maps
    var means = [Float](repeating: 0, count: count * maps)
    outputs.withUnsafeBufferPointer { source in
      means.withUnsafeMutableBufferPointer { means in
        for example in 0..<count {
          Float.sumColumns(
            rows: places, columns: maps, source.baseAddress! + example * size, stride: maps,
            means.baseAddress! + example * maps, accumulate: false)
        }
      }
    }
    return Tensor([count, maps], means.map { $0 / Float(places) })
  }
}

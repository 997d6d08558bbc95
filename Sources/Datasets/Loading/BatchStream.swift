import Foundation
import Tensors

/// One pass over a set, batch by batch, prepared ahead on a thread of its own.
///
/// A stream has one consumer. Dropping it, finished or not, stops its thread before the memory is given back.
public final class BatchStream {
  private let ring: BatchRing
  private let dataset: any Dataset
  private let exampleSize: Int
  private let targetSize: Int

  init(_ loader: BatchLoader, epoch: Int, firstBatch: Int) {
    dataset = loader.dataset
    exampleSize = loader.dataset.exampleShape.count
    targetSize = loader.dataset.targetShape.count
    let ring = BatchRing(
      depth: min(loader.depth, loader.batchCount), inputCount: loader.batchSize * exampleSize,
      targetCount: loader.batchSize * targetSize)
    self.ring = ring
    let producer = BatchProducer(loader: loader, epoch: epoch, firstBatch: firstBatch, ring: ring)
    let thread = Thread { producer.run() }
    thread.name = "batches"
    thread.start()
  }

  deinit { ring.cancel() }

  /// Shows the next batch in place: its inputs (`count * exampleShape.count` numbers), its targets
  /// (`count * targetShape.count` numbers) and its number of examples. The memory is valid during the call only.
  ///
  /// - Returns: false, without calling `body`, after the last batch.
  /// - Throws: ``DatasetError/exampleFailed(index:epoch:underlying:)`` where an example of the batch could not be produced,
  ///   again on every later call; whatever `body` throws, after which the stream goes on with the batch that follows.
  public func next(
    _ body: (_ inputs: UnsafeBufferPointer<Float>, _ targets: UnsafeBufferPointer<Float>, _ count: Int) throws -> Void
  ) throws -> Bool {
    guard let slot = try ring.takeFilled() else { return false }
    defer { ring.giveBack() }
    try body(
      UnsafeBufferPointer(rebasing: slot.inputs[..<(slot.count * exampleSize)]),
      UnsafeBufferPointer(rebasing: slot.targets[..<(slot.count * targetSize)]), slot.count)
    return true
  }

  /// The next batch as tensors of its own, or nil after the last one.
  /// - Throws: ``DatasetError/exampleFailed(index:epoch:underlying:)``, again on every later call.
  public func next() throws -> Batch? {
    var batch: Batch?
    _ = try next { inputs, targets, count in
      batch = Batch(count: count, of: dataset, inputs: Array(inputs), targets: Array(targets))
    }
    return batch
  }
}

/// The work of the thread behind a stream: fills slot after slot until the epoch ends, an example fails or nobody wants more.
private struct BatchProducer: Sendable {
  let loader: BatchLoader
  let epoch: Int
  let firstBatch: Int
  let ring: BatchRing

  func run() {
    let dataset = loader.dataset.examples(forEpoch: epoch)
    let order = loader.permutation(epoch: epoch)
    let inputSize = dataset.exampleShape.count
    let targetSize = dataset.targetShape.count
    var failure: DatasetError?
    let (start, isBeyond) = firstBatch.multipliedReportingOverflow(by: loader.batchSize)
    var position = isBeyond ? loader.exampleCount : start
    while position < loader.exampleCount, failure == nil, let slot = ring.takeFree() {
      let count = min(loader.batchSize, loader.exampleCount - position)
      for row in 0..<count where failure == nil {
        let index = order?[position + row] ?? position + row
        do {
          try dataset.copyExample(
            index,
            into: UnsafeMutableBufferPointer(rebasing: slot.inputs[row * inputSize..<(row + 1) * inputSize]),
            target: UnsafeMutableBufferPointer(rebasing: slot.targets[row * targetSize..<(row + 1) * targetSize]))
        } catch {
          failure = .exampleFailed(index: index, epoch: epoch, underlying: error)
        }
        // A slow set must not hold up a consumer that has gone.
        if row % 16 == 15, ring.isCancelled { break }
      }
      if failure == nil { ring.publish(count: count) }
      position += count
    }
    ring.finish(failure)
  }
}

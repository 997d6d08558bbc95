import Foundation
import Tensors

/// One pass over a set, batch by batch, prepared ahead on threads of its own.
///
/// A stream has one consumer. Dropping it, finished or not, stops its threads before the memory is given back.
public final class BatchStream {
  private let ring: BatchRing
  private let dataset: any Dataset
  private let exampleSize: Int
  private let targetSize: Int

  init(_ loader: BatchLoader, epoch: Int, firstBatch: Int) {
    dataset = loader.dataset
    exampleSize = loader.dataset.exampleShape.count
    targetSize = loader.dataset.targetShape.count
    ring = BatchRing(loader, firstBatch: firstBatch)
    let order = SharedOrder(loader, epoch: epoch)
    for number in 0..<loader.workers {
      let producer = BatchProducer(loader: loader, epoch: epoch, order: order, ring: ring)
      let thread = Thread { producer.run() }
      thread.name = loader.workers > 1 ? "batches \(number)" : "batches"
      thread.start()
    }
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

/// The order of an epoch, drawn by whichever producer is first: the thread that asked for the pass does not wait for it.
///
/// `@unchecked Sendable`: the order is made and read with `lock` locked.
private final class SharedOrder: @unchecked Sendable {
  private let loader: BatchLoader
  private let epoch: Int
  private let lock = NSLock()
  private var order: [Int]??

  init(_ loader: BatchLoader, epoch: Int) {
    self.loader = loader
    self.epoch = epoch
  }

  /// The order, or nil for `0..<count`.
  var value: [Int]? {
    lock.withLock {
      if let order { return order }
      let drawn = loader.permutation(epoch: epoch)
      order = .some(drawn)
      return drawn
    }
  }
}

/// The work of a thread behind a stream: fills share after share until the epoch ends, an example fails or nobody wants more.
private struct BatchProducer: Sendable {
  let loader: BatchLoader
  let epoch: Int
  let order: SharedOrder
  let ring: BatchRing

  func run() {
    defer { ring.leave() }
    let dataset = loader.dataset.examples(forEpoch: epoch)
    let order = order.value
    let inputSize = dataset.exampleShape.count
    let targetSize = dataset.targetShape.count
    while let share = ring.takeShare() {
      for row in share.rows {
        let position = share.batch * loader.batchSize + row
        let index = order?[position] ?? position
        do {
          try dataset.copyExample(
            index,
            into: UnsafeMutableBufferPointer(rebasing: share.slot.inputs[row * inputSize..<(row + 1) * inputSize]),
            target: UnsafeMutableBufferPointer(rebasing: share.slot.targets[row * targetSize..<(row + 1) * targetSize]))
        } catch {
          return ring.fail(at: position, .exampleFailed(index: index, epoch: epoch, underlying: error))
        }
      }
      ring.finish(share)
    }
  }
}

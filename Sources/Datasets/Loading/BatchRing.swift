import Foundation
import Tensors

/// A bounded ring of reused buffers between the threads that fill them and the one that empties them.
///
/// Batches are filled in order, each in shares that the producers take in turn; a batch is handed over when all its shares are there
/// and all batches before it were handed over.
///
/// `@unchecked Sendable`: every variable is read and written with `condition` locked, and the rows of a slot's memory belong to the
/// producer that has taken them until it says that they are done, and to the consumer between `takeFilled` and `giveBack`.
final class BatchRing: @unchecked Sendable {
  /// Room for one batch and the number of examples in it.
  struct Slot {
    let inputs: UnsafeMutableBufferPointer<Float>
    let targets: UnsafeMutableBufferPointer<Float>
    var count = 0
    /// How many of its examples are still to be written.
    var missing = 0
  }

  /// Some rows of a batch, for one producer to fill.
  struct Share {
    let slot: Slot
    let batch: Int
    let rows: Range<Int>
  }

  private let condition = NSCondition()
  private var slots: [Slot]
  private let batchSize: Int
  private let exampleCount: Int
  private let batchCount: Int
  private let shareSize: Int
  /// Whether a sleeping producer is woken for every slot that becomes free. Waking a thread costs more than filling a small batch, so
  /// a single producer is woken when half the ring is empty.
  private let wakesAtOnce: Bool
  // The batch whose rows are being taken, and how many of them are; all before it are taken.
  private var takenBatches: Int
  private var takenRows = 0
  // How many batches of the pass have been filled and emptied; their difference is what lies ready.
  private var filled: Int
  private var emptied: Int
  private var producers: Int
  private var waitingProducers = 0
  private var consumerWaits = false
  private var cancelled = false
  private var failure: (position: Int, error: DatasetError)?

  /// Makes the slots for one pass of a loader, each aligned to a cache line.
  ///
  /// - Parameter firstBatch: the batch to begin with.
  init(_ loader: BatchLoader, firstBatch: Int) {
    func buffer(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
      let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
      let buffer = raw.bindMemory(to: Float.self)
      buffer.initialize(repeating: 0)
      return buffer
    }
    batchSize = loader.batchSize
    exampleCount = loader.exampleCount
    batchCount = loader.batchCount
    let first = min(firstBatch, loader.batchCount)
    (takenBatches, filled, emptied) = (first, first, first)
    producers = loader.workers
    wakesAtOnce = loader.workers > 1
    // Small enough that the threads end a batch together; the last rows of one are not waited for before the next is begun.
    shareSize = loader.workers > 1 ? max(1, min(16, batchSize / (4 * loader.workers))) : 16
    slots = (0..<min(loader.depth, loader.batchCount)).map { _ in
      Slot(
        inputs: buffer(loader.batchSize * loader.dataset.exampleShape.count),
        targets: buffer(loader.batchSize * loader.dataset.targetShape.count))
    }
  }

  deinit {
    for slot in slots {
      UnsafeMutableRawBufferPointer(slot.inputs).deallocate()
      UnsafeMutableRawBufferPointer(slot.targets).deallocate()
    }
  }

  // MARK: The producers

  /// The next rows to fill, waiting for an empty slot; nil when all are taken, one has failed or the consumer has gone.
  func takeShare() -> Share? {
    condition.lock()
    defer { condition.unlock() }
    while !isOver, takenBatches - emptied == slots.count {
      waitingProducers += 1
      condition.wait()
      waitingProducers -= 1
    }
    if isOver { return nil }
    let (batch, place) = (takenBatches, takenBatches % slots.count)
    let count = min(batchSize, exampleCount - batch * batchSize)
    if takenRows == 0 { (slots[place].count, slots[place].missing) = (count, count) }
    let rows = takenRows..<min(takenRows + shareSize, count)
    takenRows = rows.upperBound
    if takenRows == count { (takenBatches, takenRows) = (takenBatches + 1, 0) }
    return Share(slot: slots[place], batch: batch, rows: rows)
  }

  private var isOver: Bool { cancelled || failure != nil || takenBatches == batchCount }

  /// Says that the rows of a share are written.
  func finish(_ share: Share) {
    condition.lock()
    slots[share.batch % slots.count].missing -= share.rows.count
    let before = filled
    while filled < takenBatches, slots[filled % slots.count].missing == 0 { filled += 1 }
    wake(consumer: consumerWaits && filled > before, producers: false)
  }

  /// Says that the example at a position of the pass could not be produced. No further rows are given out; of several that failed the
  /// first is told.
  func fail(at position: Int, _ error: DatasetError) {
    condition.lock()
    if failure.map({ position < $0.position }) ?? true { failure = (position, error) }
    wake(consumer: false, producers: true)
  }

  /// Says that a producer has ended, and touches no slot any more.
  func leave() {
    condition.lock()
    producers -= 1
    wake(consumer: producers == 0, producers: true)
  }

  // MARK: The consumer

  /// Waits for a filled slot; nil after the last one.
  /// - Throws: What an example failed with.
  func takeFilled() throws -> Slot? {
    condition.lock()
    defer { condition.unlock() }
    while filled == emptied, producers > 0 {
      consumerWaits = true
      condition.wait()
    }
    consumerWaits = false
    if filled > emptied { return slots[emptied % slots.count] }
    if let failure { throw failure.error }
    return nil
  }

  /// Returns the slot last taken to the producers.
  func giveBack() {
    condition.lock()
    emptied += 1
    wake(consumer: false, producers: wakesAtOnce || (takenBatches - emptied) * 2 <= slots.count)
  }

  /// Tells the producers to stop and waits until they have.
  func cancel() {
    condition.lock()
    cancelled = true
    condition.broadcast()
    while producers > 0 { condition.wait() }
    condition.unlock()
  }

  /// Unlocks, and wakes who waits of those that are to be woken.
  private func wake(consumer: Bool, producers: Bool) {
    // One condition serves both sides: a single signal is sure to reach its side only where nobody else can wait. Of several
    // producers another may begin to between the unlocking and the signal.
    let sleepers = waitingProducers + (consumerWaits || cancelled ? 1 : 0)
    let mayMissItsSide = wakesAtOnce || sleepers > 1
    let isWanted = consumer || (producers && waitingProducers > 0) || cancelled
    condition.unlock()
    guard isWanted else { return }
    if mayMissItsSide { condition.broadcast() } else { condition.signal() }
  }
}

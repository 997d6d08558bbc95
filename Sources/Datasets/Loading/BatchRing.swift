import Foundation

/// A bounded ring of reused buffers between one thread that fills them and one that empties them.
///
/// `@unchecked Sendable`: every variable is read and written with `condition` locked, and a slot's memory belongs to the
/// producer between `takeFree` and `publish` and to the consumer between `takeFilled` and `giveBack`.
final class BatchRing: @unchecked Sendable {
  /// Room for one batch and the number of examples in it.
  struct Slot {
    let inputs: UnsafeMutableBufferPointer<Float>
    let targets: UnsafeMutableBufferPointer<Float>
    var count = 0
  }

  private let condition = NSCondition()
  private var slots: [Slot]
  // How many batches have been filled and emptied since the start; their difference is what lies ready.
  private var filled = 0
  private var emptied = 0
  private var producerWaits = false
  private var consumerWaits = false
  private var isFinished = false
  private var cancelled = false
  private var failure: DatasetError?

  /// Makes `depth` slots of the given sizes, each aligned to a cache line.
  init(depth: Int, inputCount: Int, targetCount: Int) {
    func buffer(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
      let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
      let buffer = raw.bindMemory(to: Float.self)
      buffer.initialize(repeating: 0)
      return buffer
    }
    slots = (0..<depth).map { _ in Slot(inputs: buffer(inputCount), targets: buffer(targetCount)) }
  }

  deinit {
    for slot in slots {
      UnsafeMutableRawBufferPointer(slot.inputs).deallocate()
      UnsafeMutableRawBufferPointer(slot.targets).deallocate()
    }
  }

  // MARK: The producer

  /// Waits for an empty slot; nil when the consumer has gone.
  func takeFree() -> Slot? {
    condition.lock()
    defer { condition.unlock() }
    while filled - emptied == slots.count, !cancelled {
      producerWaits = true
      condition.wait()
    }
    producerWaits = false
    return cancelled ? nil : slots[filled % slots.count]
  }

  /// Hands the slot last taken to the consumer.
  func publish(count: Int) {
    condition.lock()
    slots[filled % slots.count].count = count
    filled += 1
    let wake = consumerWaits
    condition.unlock()
    if wake { condition.signal() }
  }

  /// Says that no more batches follow, and why if something went wrong. The producer touches no slot afterwards.
  func finish(_ failure: DatasetError?) {
    condition.lock()
    self.failure = failure
    isFinished = true
    condition.broadcast()
    condition.unlock()
  }

  var isCancelled: Bool {
    condition.lock()
    defer { condition.unlock() }
    return cancelled
  }

  // MARK: The consumer

  /// Waits for a filled slot; nil after the last one.
  /// - Throws: What the producer finished with.
  func takeFilled() throws -> Slot? {
    condition.lock()
    defer { condition.unlock() }
    while filled == emptied, !isFinished {
      consumerWaits = true
      condition.wait()
    }
    consumerWaits = false
    if filled > emptied { return slots[emptied % slots.count] }
    if let failure { throw failure }
    return nil
  }

  /// Returns the slot last taken to the producer.
  func giveBack() {
    condition.lock()
    emptied += 1
    // Waking a thread costs more than filling a small batch: a sleeping producer is woken when half the ring is empty.
    let wake = producerWaits && (filled - emptied) * 2 <= slots.count
    condition.unlock()
    if wake { condition.signal() }
  }

  /// Tells the producer to stop and waits until it has.
  func cancel() {
    condition.lock()
    cancelled = true
    condition.broadcast()
    while !isFinished { condition.wait() }
    condition.unlock()
  }
}

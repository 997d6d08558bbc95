import Datasets
import Foundation
import Tensors
import Testing

@Suite struct BatchLoaderTests {
  /// The examples of every batch of an epoch, by their numbers.
  private func epoch(_ loader: BatchLoader, _ epoch: Int = 0) throws -> [[Int]] {
    let batches = loader.batches(epoch: epoch)
    var result: [[Int]] = []
    while let batch = try batches.next() {
      #expect(batch.targets.elements == batch.inputs.elements.map { -$0 })
      #expect(batch.inputs.shape == [batch.count, 1])
      result.append(batch.inputs.elements.map { Int($0) })
    }
    #expect(try batches.next() == nil, "the end stays the end")
    return result
  }

  @Test func goesInSequence() throws {
    let loader = try BatchLoader(ObservedDataset(count: 10), batch: 4)
    #expect(loader.batchCount == 3)
    #expect(loader.exampleCount == 10)
    #expect(try epoch(loader) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
    #expect(try epoch(loader) == epoch(loader, 5))
  }

  @Test func dropsTheRemainder() throws {
    let loader = try BatchLoader(ObservedDataset(count: 10), batch: 4, dropsRemainder: true)
    #expect(loader.batchCount == 2)
    #expect(loader.exampleCount == 8)
    #expect(try epoch(loader) == [[0, 1, 2, 3], [4, 5, 6, 7]])
    let even = try BatchLoader(ObservedDataset(count: 8), batch: 4, dropsRemainder: true)
    #expect(try epoch(even).count == 2)
  }

  @Test func orderDependsOnSeedAndEpochOnly() throws {
    let set = ObservedDataset(count: 100)
    let loader = try BatchLoader(set, batch: 7, order: .shuffled(seed: 3))
    let first = try epoch(loader, 0)
    let third = try epoch(loader, 2)
    #expect(first.joined().sorted() == Array(0..<100))
    #expect(third.joined().sorted() == Array(0..<100))
    #expect(first != third)
    #expect(Array(first.joined()) != Array(0..<100))
    let wider = try BatchLoader(set, batch: 33, order: .shuffled(seed: 3), prefetch: 1)
    #expect(try Array(epoch(wider, 2).joined()) == Array(third.joined()), "the batch size does not change the order")
    let other = try BatchLoader(set, batch: 7, order: .shuffled(seed: 4))
    #expect(try epoch(other, 0) != first)
  }

  @Test func agreesWithBatchesMadeByHand() throws {
    let set = Shapeset(seed: 2, count: 25)
    let batches = try BatchLoader(set, batch: 10).batches(epoch: 4)
    let fresh = set.examples(forEpoch: 4)
    for range in [0..<10, 10..<20, 20..<25] {
      #expect(try batches.next() == fresh.batch(range))
    }
    #expect(try batches.next() == nil)
  }

  @Test func makesOneSmallerBatchOfASmallSet() throws {
    let loader = try BatchLoader(ObservedDataset(count: 3), batch: 1000)
    #expect(loader.batchSize == 3)
    #expect(try epoch(loader) == [[0, 1, 2]])
  }

  @Test func refusesImpossibleBatches() throws {
    let set = ObservedDataset(count: 3)
    for size in [0, -1] {
      #expect(throws: DatasetError.self) { try BatchLoader(set, batch: size) }
    }
    #expect(throws: DatasetError.self) { try BatchLoader(ObservedDataset(count: 0), batch: 1) }
    #expect(throws: DatasetError.self) { try BatchLoader(set, batch: 4, dropsRemainder: true) }
    #expect(throws: DatasetError.self) { try BatchLoader(set, batch: 2, prefetch: 0) }
    #expect(throws: DatasetError.self) { try BatchLoader(set, batch: 2, prefetch: .max) }
    let endless = Shapeset(seed: 1, count: .max)
    #expect(throws: DatasetError.self) { try BatchLoader(endless, batch: .max) }
    #expect(throws: DatasetError.self) { try BatchLoader(endless, batch: 10, order: .shuffled(seed: 1)) }
    #expect(throws: Never.self) { try BatchLoader(endless, batch: 10) }
  }

  @Test func drawsFromAnEndlessSet() throws {
    let endless = Shapeset(seed: 1, count: .max)
    let batches = try BatchLoader(endless, batch: 10).batches()
    _ = try batches.next()
    #expect(try batches.next() == endless.batch(10..<20))
  }

  @Test func reusesItsMemory() throws {
    let loader = try BatchLoader(ObservedDataset(count: 1000), batch: 10, prefetch: 3)
    #expect(loader.depth == 4)
    let batches = loader.batches()
    var addresses: Set<UnsafeRawPointer> = []
    var count = 0
    while try batches.next({ inputs, targets, size in
      #expect(inputs.count == 10 && targets.count == 10 && size == 10)
      #expect(inputs[3] == Float(count * 10 + 3))
      addresses.insert(UnsafeRawPointer(inputs.baseAddress!))
      count += 1
    }) {}
    #expect(count == 100)
    #expect(addresses.count == 4)
  }

  @Test func namesTheExampleThatFails() throws {
    let set = ObservedDataset(count: 20, failing: 13)
    let batches = try BatchLoader(set, batch: 5).batches(epoch: 6)
    // What was ready before the failure is still handed out, even when the failure came long ago.
    set.waitForCopies(13)
    Thread.sleep(forTimeInterval: 0.02)
    #expect(try batches.next()?.count == 5)
    #expect(try batches.next()?.count == 5)
    for _ in 0..<2 {
      let error = try #require(throws: DatasetError.self) { try batches.next() as Batch? }
      guard case .exampleFailed(13, 6, let underlying) = error else {
        Issue.record("found \(error)")
        return
      }
      #expect(underlying is ObservedDataset.Failure)
    }
  }

  @Test func goesOnAfterTheConsumersError() throws {
    struct Mine: Error {}
    let batches = try BatchLoader(ObservedDataset(count: 4), batch: 2).batches()
    #expect(throws: Mine.self) { try batches.next { _, _, _ in throw Mine() } }
    #expect(try batches.next()?.inputs.elements == [2, 3])
  }

  @Test func stopsWhenDropped() throws {
    let set = ObservedDataset(count: 1_000_000)
    var batches: BatchStream? = try BatchLoader(set, batch: 10, prefetch: 4).batches()
    _ = try batches?.next()
    batches = nil
    let copies = set.copies
    #expect(copies < 1000)
    Thread.sleep(forTimeInterval: 0.05)
    #expect(set.copies == copies, "nothing may be copied once the stream is gone")
  }

  @Test func stopsInTheMiddleOfALargeBatch() throws {
    let set = ObservedDataset(count: 10_000, delay: 0.001)
    let start = ContinuousClock.now
    var batches: BatchStream? = try BatchLoader(set, batch: 10_000).batches()
    set.waitForCopies(1)
    #expect(batches != nil)
    batches = nil
    let copies = set.copies
    Thread.sleep(forTimeInterval: 0.05)
    #expect(set.copies == copies, "nothing may be copied once the stream is gone")
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test func copesWithSlowProducersAndConsumers() throws {
    let slow = try BatchLoader(ObservedDataset(count: 40, delay: 0.001), batch: 2, prefetch: 1)
    #expect(try epoch(slow).joined().map { $0 } == Array(0..<40))
    let batches = try BatchLoader(ObservedDataset(count: 40), batch: 2, prefetch: 3).batches()
    var next = 0
    while let batch = try batches.next() {
      #expect(batch.inputs.elements[0] == Float(next))
      next += 2
      Thread.sleep(forTimeInterval: 0.001)
    }
    #expect(next == 40)
  }

  @Test func servesManyStreamsAtOnce() async throws {
    let set = ObservedDataset(count: 500)
    let loader = try BatchLoader(set, batch: 3, order: .shuffled(seed: 1))
    let sums = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<8 {
        group.addTask {
          let batches = loader.batches(epoch: number)
          var sum = 0
          while try batches.next({ inputs, _, _ in sum += Int(inputs.reduce(0, +)) }) {}
          return sum
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(sums == Array(repeating: 124_750, count: 8))
  }

  @Test(arguments: [2, 5])
  func threadsDoNotChangeTheBatches(_ workers: Int) throws {
    for (batch, prefetch) in [(1, 1), (3, 2), (7, 1), (64, 3), (200, 1)] {
      let one = try BatchLoader(ObservedDataset(count: 200), batch: batch, order: .shuffled(seed: 1))
      let many = try BatchLoader(
        ObservedDataset(count: 200), batch: batch, order: .shuffled(seed: 1), prefetch: prefetch, workers: workers)
      #expect(try epoch(many) == epoch(one))
    }
  }

  @Test(arguments: [1, 4])
  func theFirstFailureIsTold(_ workers: Int) throws {
    for _ in 0..<20 {
      let set = ObservedDataset(count: 100, failing: 37)
      let batches = try BatchLoader(set, batch: 10, workers: workers).batches()
      for _ in 0..<3 { #expect(try batches.next()?.count == 10) }
      for _ in 0..<2 {
        let error = #expect(throws: DatasetError.self) { try batches.next() }
        guard case .exampleFailed(37, 0, _)? = error else {
          Issue.record("\(String(describing: error))")
          return
        }
      }
    }
  }

  @Test func manyThreadsStopWithTheirStream() throws {
    let set = ObservedDataset(count: 10_000, delay: 0.0002)
    do {
      let batches = try BatchLoader(set, batch: 100, prefetch: 1, workers: 8).batches()
      _ = try batches.next()
    }
    let copies = set.copies
    Thread.sleep(forTimeInterval: 0.02)
    #expect(set.copies == copies && copies < 10_000)
    #expect(throws: DatasetError.self) { try BatchLoader(set, batch: 1, workers: 0) }
  }

  @Test(arguments: [1, 3])
  func aPassCanBeginWithinAnEpoch(_ workers: Int) throws {
    let loader = try BatchLoader(ObservedDataset(count: 50), batch: 8, order: .shuffled(seed: 1), workers: workers)
    let whole = try epoch(loader, 2)
    for first in [0, 1, 5, 6, 7, 100] {
      let batches = loader.batches(epoch: 2, from: first)
      var rest: [[Int]] = []
      while let batch = try batches.next() { rest.append(batch.inputs.elements.map { Int($0) }) }
      #expect(rest == Array(whole.dropFirst(first)))
    }
  }
}

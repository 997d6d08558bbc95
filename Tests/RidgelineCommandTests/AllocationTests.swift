import Testing

/// What `Tests/AllocationProbe` prints of its own process.
@Suite("Allocation in a process of its own")
struct ProcessAllocationTests {
  @Test("no thread asks for heap memory in a step after the first, and the counter counts a worker's requests")
  func steps() throws {
    let outcome = try Program.run(program: .allocationProbe, [])
    try #require(!outcome.wasSignalled && outcome.status == 0, "\(outcome)")
    var counts: [String: Int] = [:]
    for line in outcome.output.split(separator: "\n") {
      let words = line.split(separator: " ")
      try #require(words.count == 3, "\(outcome)")
      counts["\(words[0]) \(words[1])"] = Int(words[2])
    }
    // Under sanitizers, which bring allocators of their own, and elsewhere than on Linux nothing is counted.
    if counts["uncounted 0"] != nil { return }
    let wanted = try #require(counts["wanted 2"])
    #expect(wanted >= 100 && counts["counted 2"] == wanted, "\(outcome)")
    for network in ["lenet5", "original", "mixed"] {
      for threads in [1, 2, 4] {
        let most = try #require(counts["\(network) \(threads)"], "\(outcome)")
        #if DEBUG
          // Iterators of generic code that is not optimized live on the heap.
          #expect((0..<1_000).contains(most), "\(outcome)")
        #else
          #expect(most == 0, "\(outcome)")
        #endif
      }
    }
  }
}

import Testing

@testable import Tensors

struct RandomGeneratorTests {
  /// Random123's known answers for philox4x32-10 (`tests/kat_vectors`).
  @Test func philoxKnownAnswers() {
    #expect(Philox.block((0, 0, 0, 0), key: (0, 0)) == (0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    let ones = UInt32.max
    #expect(
      Philox.block((ones, ones, ones, ones), key: (ones, ones))
        == (0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    #expect(
      Philox.block((0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344), key: (0xA409_3822, 0x299F_31D0))
        == (0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  /// The words of `Fixtures/philox_reference.py`.
  @Test func streamsAreTheSameEverywhere() {
    let rootWords: [UInt64] = [
      0xE50A_0EBC_E3E8_0670, 0xB615_AA27_95F2_22C0, 0xDFC5_CCBE_AC08_141B,
      0xA7F6_6093_79C0_7A47, 0x8E76_CC9D_3F55_B3F0,
    ]
    let namedWords: [UInt64] = [
      0xFE26_9840_BD36_50FD, 0xD8E1_7C5B_4270_8F00, 0x4F5C_C75E_EE8F_94D5,
      0x9FF1_EF7A_56B0_3921, 0xB66E_9B3B_BA26_EFC9,
    ]
    var root = RandomGenerator(seed: 1)
    #expect(root.key == 1)
    #expect((0..<5).map { _ in root.next() } == rootWords)
    var named = RandomGenerator(seed: 1, stream: "conv1/kernel")
    #expect(named.key == 0x4465_3A9B_0AF9_D7C4)
    #expect((0..<5).map { _ in named.next() } == namedWords)
    var shuffling = RandomGenerator(seed: 7)
    #expect(shuffling.permutation(10) == [2, 3, 5, 1, 4, 8, 9, 6, 0, 7])
  }

  @Test func streamsDependOnNamesAlone() {
    let root = RandomGenerator(seed: 5)
    var used = root
    _ = used.next()
    #expect(used.fork("a") == root.fork("a"))
    #expect(root.fork("a") == RandomGenerator(seed: 5, stream: "a"))
    let streams = [
      root, root.fork(""), root.fork("a"), root.fork("b"), root.fork("a").fork("b"), root.fork("ab"), root.fork(0),
      root.fork(1), root.fork(-1),
      root.fork(256), root.fork("1"),
    ]
    #expect(Set(streams.map(\.key)).count == streams.count)
    #expect(RandomGenerator(seed: 6).fork("a").key != root.fork("a").key)
  }

  @Test func positionsResume() {
    var generator = RandomGenerator(seed: 3)
    for _ in 0..<7 { _ = generator.next() }
    var resumed = RandomGenerator(key: generator.key, position: generator.position)
    #expect(resumed.next() == generator.next())
    // Past 2³² blocks the second counter word takes part.
    var far = RandomGenerator(key: 3, position: 1 << 33)
    var near = RandomGenerator(key: 3, position: 0)
    #expect(far.next() != near.next())
  }

  @Test(arguments: [0, 1], [0, 1, 2, 7, 8])
  func fillingIsDrawingOneByOne(_ start: UInt64, _ count: Int) {
    let distributions: [Distribution] = [
      .uniform(-1...3), .normal(mean: 1, standardDeviation: 2),
      .truncatedNormal(mean: 0, standardDeviation: 1, bounds: -1...2),
    ]
    for distribution in distributions {
      var filling = RandomGenerator(key: 11, position: start)
      var drawing = filling
      let filled = [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
        filling.fill(UnsafeMutableBufferPointer(rebasing: buffer[0..<count]), from: distribution)
        initialized = count
      }
      #expect(filled == (0..<count).map { _ in drawing.draw(distribution) })
      #expect(filling == drawing)
    }
  }

  @Test func uniformsStayInTheirRange() {
    #expect(RandomGenerator.unit(0) == 0)
    #expect(RandomGenerator.unit(.max) == 1 - 0x1p-53)
    #expect(RandomGenerator.openUnit(0) == 0x1p-53)
    #expect(RandomGenerator.openUnit(.max) == 1 - 0x1p-53)
    var generator = RandomGenerator(seed: 1)
    for _ in 0..<1000 {
      #expect((2.0..<2.0.nextUp).contains(generator.uniform(in: 2.0..<2.0.nextUp)))
      #expect((-0.1...0.1).contains(generator.uniform(in: -0.1...0.1)))
    }
  }

  @Test func numbersBelowABoundAreUnbiased() {
    // The high half of 3·2⁶² times a word, without rejection, is divisible by 3 in half of all cases instead of a third.
    var generator = RandomGenerator(seed: 2)
    let draws = 30_000
    let divisible = (0..<draws).count { _ in generator.next(upperBound: UInt64(3) << 62).isMultiple(of: 3) }
    let tolerance = 5 * (Double(draws) * 2 / 9).squareRoot()
    #expect((Double(divisible) - Double(draws) / 3).magnitude < tolerance)
    #expect((0..<100).allSatisfy { _ in generator.next(upperBound: 1) == 0 })
  }

  @Test func everyOrderIsAsLikely() {
    var generator = RandomGenerator(seed: 4)
    var counts: [[Int]: Int] = [:]
    let draws = 24_000
    for _ in 0..<draws { counts[generator.permutation(4), default: 0] += 1 }
    let expected = Double(draws) / 24
    let chiSquare = counts.values.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    #expect(counts.count == 24)
    // With 23 degrees of freedom 49.7 is passed once in a thousand times.
    #expect(chiSquare < 49.7)
  }

  @Test func shufflingKeepsTheElements() {
    var generator = RandomGenerator(seed: 4)
    var letters = Array("ridgeline")
    generator.shuffle(&letters)
    #expect(letters != Array("ridgeline") && letters.sorted() == "ridgeline".sorted())
    var none: [Int] = []
    generator.shuffle(&none)
    #expect(none.isEmpty)
  }
}

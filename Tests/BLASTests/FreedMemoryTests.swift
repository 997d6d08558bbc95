import BLAS
import Testing

@Suite struct FreedMemoryTests {
  @Test func givingBackWhatWasFreedKeepsWhatLives() {
    // Below and above the sizes that an allocator takes from the system one by one.
    for count in [1000, 300_000] {
      var arrays = (0..<40).map { [Int](repeating: $0, count: count) }
      for index in arrays.indices where index % 3 != 0 { arrays[index] = [] }
      FreedMemory.giveBack()
      for (index, array) in arrays.enumerated() where index % 3 == 0 {
        #expect(array.count == count && array.allSatisfy { $0 == index })
      }
    }
  }
}

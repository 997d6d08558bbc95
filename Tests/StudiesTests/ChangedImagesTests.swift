import Datasets
import Tensors
import Testing

@testable import Studies

@Suite("Images that look otherwise each time")
struct ChangedImagesTests {
  private static let side = 6

  private static func image(_ seed: UInt64 = 1) -> [Float] {
    var generator = RandomGenerator(seed: seed)
    return (0..<side * side).map { _ in Float(generator.uniform()) }
  }

  private static func turned(_ image: [Float], to position: Int) -> [Float] {
    var result = [Float](repeating: -1, count: image.count)
    result.withUnsafeMutableBufferPointer { ChangedImages.turn(image, side: side, to: position, into: $0) }
    return result
  }

  @Test("the eight positions are the symmetries of a square, a turn four times being none")
  func positions() {
    let image = Self.image()
    let all = (0..<8).map { Self.turned(image, to: $0) }
    #expect(Set(all).count == 8 && all[0] == image)
    // A quarter turn to the left: the last column becomes the first row.
    let lastColumn = (0..<6).map { image[$0 * 6 + 5] }
    #expect(Array(all[1].prefix(6)) == lastColumn)
    var mirrored: [Float] = []
    for row in 0..<6 {
      for column in 0..<6 { mirrored.append(image[row * 6 + 5 - column]) }
    }
    #expect(all[4] == mirrored)
    #expect(Self.turned(all[1], to: 1) == all[2])
    #expect(Self.turned(all[2], to: 1) == all[3])
    #expect(Self.turned(all[3], to: 1) == image)
    #expect(Self.turned(all[4], to: 4) == image)
    for position in 5..<8 {
      let turned = Self.turned(image, to: position - 4)
      #expect(Self.turned(turned, to: 4) == all[position])
    }
  }

  @Test("no movement leaves an image, whole pixels shift it, half ones are means, and what comes from outside is 0")
  func movements() {
    let image = Self.image()
    #expect(Movement(matrix: (1, 0, 0, 1), shift: (0, 0)).applied(to: image, side: 6) == image)
    let shifted = Movement(matrix: (1, 0, 0, 1), shift: (2, -1)).applied(to: image, side: 6)
    let half = Movement(matrix: (1, 0, 0, 1), shift: (0.5, 0)).applied(to: image, side: 6)
    for row in 0..<6 {
      for column in 0..<6 {
        let expected: Float = row >= 1 && column + 2 < 6 ? image[(row - 1) * 6 + column + 2] : 0
        let place = row * 6 + column
        #expect(shifted[place] == expected)
        let next: Float = column < 5 ? image[place + 1] : 0
        let mean = (image[place] + next) / 2
        #expect(abs(half[place] - mean) < 1e-6)
      }
    }
    // Half a turn is the position of two quarters.
    let turned = Movement(matrix: (-1, 0, 0, -1), shift: (0, 0)).applied(to: image, side: 6)
    #expect(turned == Self.turned(image, to: 2))
    var draws = RandomGenerator(seed: 3)
    #expect(Movement(&draws).applied(to: image, side: 6) != image)
  }

  @Test("each position is a class; an epoch's images are its own and the same again; without turns classes stay")
  func classes() throws {
    let images = (0..<40).flatMap { Self.image(UInt64($0)) }
    let base = try Subset(
      of: TensorDataset(
        inputs: Tensor([40, 6, 6, 1], images), targets: Tensor([40], (0..<40).map { Float($0 % 5) }),
        classNames: ["a", "b", "c", "d", "e"]), indices: Array(0..<40))
    func example(_ data: ChangedImages, _ index: Int) throws -> (input: [Float], target: Float) {
      var (input, target) = ([Float](repeating: 0, count: 36), [Float(0)])
      try input.withUnsafeMutableBufferPointer { input in
        try target.withUnsafeMutableBufferPointer { try data.copyExample(index, into: input, target: $0) }
      }
      return (input, target[0])
    }
    let turning = ChangedImages(base, turns: true, seed: 1)
    #expect(turning.classNames.count == 40 && Set(turning.classNames).count == 40)
    var seen: Set<Int> = []
    for epoch in 0..<3 {
      let data = turning.examples(forEpoch: epoch)
      for index in 0..<40 {
        let (first, again) = (try example(data, index), try example(data, index))
        #expect(first.input == again.input && first.target == again.target)
        #expect(Int(first.target) % 5 == index % 5)
        seen.insert(Int(first.target) / 5)
        let later = try example(turning.examples(forEpoch: epoch + 1), index)
        #expect(first.input != later.input)
      }
    }
    #expect(seen == Set(0..<8))
    let moving = ChangedImages(base, turns: false, seed: 1)
    #expect(moving.classNames == base.classNames)
    for index in 0..<40 { #expect(try example(moving, index).target == Float(index % 5)) }
  }
}

import BLAS
import Datasets
import Foundation
import Tensors
import Testing

@Suite struct TransformationTests {
  /// Every sample differs from every other.
  private func image(_ height: Int, _ width: Int, _ channels: Int = 3) -> Image {
    Image(
      height: height, width: width, channels: channels,
      levels: (0..<(height * width * channels)).map { Float($0) * 0.5 })
  }

  private func sample(_ image: Image, _ row: Int, _ column: Int, _ channel: Int) -> Float {
    image.levels[(row * image.width + column) * image.channels + channel]
  }

  @Test(arguments: [(23, 31), (10, 14), (46, 62), (7, 40), (1, 1), (64, 5)])
  func resizingIsPillows(_ height: Int, _ width: Int) throws {
    let source = try ImageFixtures.expected("resize source")
    let bytes = Image(height: 23, width: 31, channels: 3, bytes: source.elements.map { UInt8($0) })
    let size = ImageSize(height: height, width: width)
    for image in [bytes, Image(height: 23, width: 31, channels: 3, levels: source.elements)] {
      let resized = image.resized(to: size)
      #expect(ImageFixtures.distance(resized, try ImageFixtures.expected("resize to \(size)")) <= 2e-4)
      // Pillow rounds bytes twice: after each axis.
      #expect(ImageFixtures.distance(resized, try ImageFixtures.expected("resize bytes to \(size)")) <= 1.01)
    }
  }

  @Test func lumaIsPillows() throws {
    let source = try ImageFixtures.expected("resize source")
    let grey = try Image(height: 23, width: 31, channels: 3, levels: source.elements).converted(channels: 1)
    #expect(ImageFixtures.distance(grey, try ImageFixtures.expected("luma")) <= 0.51)
  }

  @Test func theShorterSideDecides() throws {
    var generator = RandomGenerator(seed: 1)
    for (input, output) in [
      ((375, 500), (256, 341)), ((500, 375), (341, 256)), ((32, 32), (256, 256)), ((1, 300), (256, 76_800)),
    ] {
      let step = ResizeShorterSide(256)
      let expected = ImageSize(height: output.0, width: output.1)
      #expect(step.outputSize(of: ImageSize(height: input.0, width: input.1)) == expected)
      if input.0 > 1 { #expect(try step(image(input.0, input.1, 1), using: &generator).size == expected) }
    }
    #expect(ResizeShorterSide(256).outputSize(of: nil) == nil)
    // A line of pixels must not become a plane of thousands of millions.
    let line = Image(height: 1, width: 1_000_000, channels: 1, bytes: [UInt8](repeating: 1, count: 1_000_000))
    let error = #expect(throws: ImageTransformationError.self) { try ResizeShorterSide(224)(line, using: &generator) }
    #expect(error == .tooLong(found: line.size, becoming: ImageSize(height: 224, width: 224_000_000)))
  }

  @Test func theCentre() throws {
    var generator = RandomGenerator(seed: 1)
    let image = image(9, 6)
    let crop = try CentreCrop(height: 4, width: 3)(image, using: &generator)
    for row in 0..<4 {
      for column in 0..<3 {
        for channel in 0..<3 {
          #expect(sample(crop, row, column, channel) == sample(image, row + 2, column + 1, channel))
        }
      }
    }
    let error = #expect(throws: ImageTransformationError.self) { try CentreCrop(7)(image, using: &generator) }
    #expect(error == .tooSmall(found: image.size, needed: ImageSize(height: 7, width: 7)))
  }

  @Test(arguments: [0, 2])
  func randomCropsAreSomewhereAndEverywhere(_ padding: Int) throws {
    // No sample is that of the border.
    let image = Image(height: 5, width: 6, channels: 3, levels: (1...90).map { Float($0) * 0.5 })
    let step = RandomCrop(height: 4, width: 5, padding: padding)
    var places: Set<[Int]> = []
    for seed in 0..<400 {
      var generator = RandomGenerator(seed: UInt64(seed))
      let crop = try step(image, using: &generator)
      // The first pixel that is not of the border tells where the part lies.
      let first = try #require((0..<20).first { crop.levels[3 * $0] > 0 })
      let pixel = Int(crop.levels[3 * first] * 2) / 3
      let (top, left) = (pixel / 6 - first / 5, pixel % 6 - first % 5)
      for row in 0..<4 {
        for column in 0..<5 {
          let (y, x) = (row + top, column + left)
          let isInside = (0..<5).contains(y) && (0..<6).contains(x)
          for channel in 0..<3 {
            #expect(sample(crop, row, column, channel) == (isInside ? sample(image, y, x, channel) : 0))
          }
        }
      }
      places.insert([top, left])
    }
    #expect(places.count == (2 + 2 * padding) * (2 + 2 * padding))
    var generator = RandomGenerator(seed: 1)
    #expect(throws: ImageTransformationError.self) {
      try RandomCrop(10, padding: padding)(image, using: &generator)
    }
  }

  @Test func randomPartsStayWithinTheImage() throws {
    let flat = Image(height: 20, width: 30, channels: 1, bytes: [UInt8](repeating: 200, count: 600))
    var parts: Set<[Float]> = []
    for seed in 0..<200 {
      var generator = RandomGenerator(seed: UInt64(seed))
      // A border taken along would show in the levels of an image that is 200 all over.
      let part = try RandomResizedCrop(height: 8, width: 8)(flat, using: &generator)
      #expect(part.size == ImageSize(height: 8, width: 8) && part.levels.allSatisfy { abs($0 - 200) < 1e-3 })
      parts.insert(try RandomResizedCrop(height: 8, width: 8)(image(20, 30, 1), using: &generator).levels)
    }
    #expect(parts.count > 190, "the parts differ")
    // Nothing of such proportions fits: the middle is taken, as large as can be.
    var generator = RandomGenerator(seed: 3)
    let strip = image(1, 40, 1)
    let middle = try RandomResizedCrop(height: 1, width: 1, smallestArea: 1)(strip, using: &generator)
    #expect(middle == strip.cropped(top: 0, left: 19, to: ImageSize(height: 1, width: 1)))
  }

  @Test func flips() throws {
    let image = image(3, 5)
    var generator = RandomGenerator(seed: 1)
    let flipped = try HorizontalFlip(probability: 1)(image, using: &generator)
    for row in 0..<3 {
      for column in 0..<5 {
        for channel in 0..<3 {
          #expect(sample(flipped, row, column, channel) == sample(image, row, 4 - column, channel))
        }
      }
    }
    #expect(try HorizontalFlip(probability: 0)(image, using: &generator) == image)
    let halves = try (0..<1000).count { _ in try HorizontalFlip()(image, using: &generator) == flipped }
    #expect(abs(halves - 500) < 80)
  }

  @Test func tenViews() throws {
    let image = image(7, 9, 1)
    let views = try TenCrop(height: 4, width: 5)(image)
    let corners = [(0, 0), (0, 4), (3, 0), (3, 4), (1, 2)].map { sample(image, $0.0, $0.1, 0) }
    #expect(views.prefix(5).map { $0.levels[0] } == corners)
    for (plain, flipped) in zip(views.prefix(5), views.suffix(5)) { #expect(plain.flippedHorizontally() == flipped) }
    #expect(throws: ImageTransformationError.self) { try TenCrop(height: 8, width: 5)(image) }
  }

  @Test func coloursShiftAlongTheComponents() throws {
    let values = [0.1, 0.2, 0.4]
    let vectors = [[1.0, 0, 0], [0, 0.6, 0.8], [0, -0.8, 0.6]]
    let step = PrincipalColours(values: values, vectors: vectors, deviation: 0.1)
    var sums = [0.0, 0, 0]
    for seed in 0..<2000 {
      var generator = RandomGenerator(seed: UInt64(seed), stream: "colours")
      let shifted = try step(image(1, 2), using: &generator)
      let shift = (0..<3).map { Double(sample(shifted, 0, 0, $0) - sample(image(1, 2), 0, 0, $0)) / 255 }
      for channel in 0..<3 {
        #expect(abs(Double(sample(shifted, 0, 1, channel)) - Double(channel + 3) / 2 - 255 * shift[channel]) < 1e-3)
        // Along component k the factor is a_k l_k, whose variance is (0.1 l_k)².
        let along = zip(shift, vectors[channel]).reduce(0) { $0 + $1.0 * $1.1 } / values[channel]
        sums[channel] += along * along
      }
    }
    for sum in sums { #expect(abs(sum / 2000 - 0.01) < 0.0015) }
    var generator = RandomGenerator(seed: 1)
    #expect(throws: ImageTransformationError.self) { try step(image(1, 1, 1), using: &generator) }
  }

  @Test(arguments: [PixelEncoding.Order.rgb, .bgr])
  func encoding(_ order: PixelEncoding.Order) throws {
    let encoding = PixelEncoding(
      channels: 3, order: order, full: 255, mean: [120, 110, 100], deviation: [2, 4, 5])
    let levels: [Float] = [10, 20, 30, 255, 0, 7]
    let pipeline = ImagePipeline([], encoding: encoding)
    let expected: [Float] = [-55, -22.5, -14, 67.5, -27.5, -18.6]
    let swapped = [expected[2], expected[1], expected[0], expected[5], expected[4], expected[3]]
    for image in [
      Image(height: 1, width: 2, channels: 3, levels: levels),
      Image(height: 1, width: 2, channels: 3, bytes: levels.map { UInt8($0) }),
    ] {
      let input = try pipeline.input(image, using: RandomGenerator(seed: 1))
      #expect(input.shape == [1, 2, 3])
      for (found, wanted) in zip(input.elements, order == .rgb ? expected : swapped) {
        #expect(abs(found - wanted) < 1e-4)
      }
    }
    let grey = try pipeline.input(
      Image(height: 1, width: 1, channels: 1, bytes: [100]), using: RandomGenerator(seed: 1))
    #expect(grey.elements == (order == .rgb ? [-10, -2.5, 0] : [0, -2.5, -10]))
  }
}

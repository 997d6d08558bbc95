import BLAS
import Datasets
import Tensors
import Testing

@Suite struct ResizedImagesTests {
  private func images(_ shape: Shape) throws -> TensorDataset {
    var generator = RandomGenerator(seed: 1, stream: "images")
    let inputs = Tensor<Float>([3] + shape, (0..<(3 * shape.count)).map { _ in Float(generator.uniform()) })
    return try TensorDataset(inputs: inputs, targets: Tensor([3], [0, 1, 0]), classNames: ["a", "b"])
  }

  /// The mean over what a pixel covers, from sums over pieces so small that every pixel is made of whole ones.
  private func oracle(_ image: Tensor<Float>, _ height: Int, _ width: Int) -> [Float] {
    let (h, w, c) = (image.shape[0], image.shape[1], image.shape[2])
    var result: [Float] = []
    for row in 0..<height {
      for column in 0..<width {
        for channel in 0..<c {
          var sum = 0.0
          for y in 0..<h {
            for x in 0..<w { sum += Double(image[(row * h + y) / height, (column * w + x) / width, channel]) }
          }
          result.append(Float(sum / Double(h * w)))
        }
      }
    }
    return result
  }

  @Test(
    arguments: [([32, 32, 1], 28, 28), ([5, 7, 3], 3, 4), ([4, 4, 2], 4, 4), ([3, 2, 1], 7, 5), ([6, 6, 1], 1, 2)]
      as [(Shape, Int, Int)])
  func everyPixelIsTheMeanOfWhatItCovers(_ shape: Shape, _ height: Int, _ width: Int) throws {
    let base = try images(shape)
    let resized = try ResizedImages(base, height: height, width: width)
    #expect(
      resized.exampleShape == [height, width, shape[2]] && resized.count == 3 && resized.classNames == ["a", "b"])
    let batch = try resized.batch()
    #expect(try batch.targets == base.batch().targets)
    for example in 0..<3 {
      let old = Tensor(shape, Array(try base.batch([example]).inputs.elements))
      let found = try resized.batch([example]).inputs.elements
      for (new, expected) in zip(found, oracle(old, height, width)) { #expect(abs(new - expected) < 2e-6) }
      let mean = found.reduce(0, +) / Float(found.count)
      #expect(abs(mean - old.elements.reduce(0, +) / Float(old.elements.count)) < 1e-5)
    }
  }

  @Test func renewsWhatItsBaseRenews() throws {
    let set = try ResizedImages(Shapeset(seed: 1, count: 4), height: 28, width: 28)
    #expect(try set.examples(forEpoch: 0).batch() == set.batch())
    #expect(try set.examples(forEpoch: 1).batch() != set.batch())
    #expect(try set.classIndex(of: 2) == Shapeset(seed: 1, count: 4).classIndex(of: 2))
  }

  @Test func refusesWhatHasNoPixels() throws {
    let flat = try TensorDataset(inputs: Tensor([2, 3], repeating: 0), targets: Tensor([2], [0, 0]))
    #expect(throws: DatasetError.self) { try ResizedImages(flat, height: 2, width: 2) }
    #expect(throws: DatasetError.self) { try ResizedImages(self.images([4, 4, 1]), height: 0, width: 2) }
  }
}

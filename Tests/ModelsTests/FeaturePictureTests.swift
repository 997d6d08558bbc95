import Autodiff
import BLAS
import Datasets
import Models
import NeuralNetworks
import Tensors
import Testing
import Training

@Suite("Pictures of filters and maps")
struct FeaturePictureTests {
  /// The value of a pixel's channel.
  private func level(_ image: Image, _ row: Int, _ column: Int, _ channel: Int = 0) -> UInt8 {
    image.bytes[(row * image.width + column) * image.channels + channel]
  }

  @Test("filters: 0 is mid-grey, the largest magnitude black or white, each filter by itself")
  func filters() throws {
    // Two filters of 2x1 grey pixels: (1, -2) and (0.5, 0).
    let image = try FeaturePictures.filters(Tensor([2, 1, 1, 2], [1, 0.5, -2, 0]))
    // A pixel becomes 40x40; two tiles side by side with a line between.
    #expect(image.channels == 1 && image.width == 81 && image.height == 80)
    #expect(level(image, 0, 0) == 191 && level(image, 79, 39) == 0)
    #expect(level(image, 0, 41) == 255 && level(image, 79, 80) == 128)
    #expect(level(image, 10, 40) == 0)
  }

  @Test("filters of three channels are in colour")
  func colour() throws {
    let image = try FeaturePictures.filters(Tensor([1, 1, 3, 1], [1, 0, -1]))
    #expect(image.channels == 3 && image.width == 40 && image.height == 40)
    #expect((0..<3).map { level(image, 20, 20, $0) } == [255, 128, 0])
  }

  @Test("maps: from the smallest number in black to the largest in white")
  func maps() throws {
    // Three maps of 1x2: (0, 4), (-1, 1) and (3, 3), in a square of four tiles of which one is empty.
    let image = try FeaturePictures.maps(Tensor([1, 2, 3], [0, -1, 3, 4, 1, 3]))
    #expect(image.channels == 1 && image.width == 161 && image.height == 81)
    #expect(level(image, 0, 0) == 0 && level(image, 0, 79) == 255)
    #expect(level(image, 0, 81) == 0 && level(image, 0, 160) == 255)
    #expect(level(image, 41, 0) == 0 && level(image, 41, 79) == 0 && level(image, 80, 160) == 0)
  }

  @Test("what cannot be shown is refused")
  func refused() {
    #expect(throws: FeaturePictureError.channels(found: 2)) {
      try FeaturePictures.filters(Tensor([1, 1, 2, 1], [1, 2]))
    }
    #expect(throws: FeaturePictureError.self) { try FeaturePictures.filters(Tensor([2, 1], [1, 2])) }
    #expect(throws: FeaturePictureError.self) { try FeaturePictures.maps(Tensor([4], [1, 2, 3, 4])) }
  }

  @Test("a layer's outputs are those that the network computes with")
  func layerOutputs() throws {
    let network = Sequential {
      Conv2D(4, kernel: 3, activation: .relu, name: "first")
      Flatten()
      Dense(2, name: "last")
    }
    let trainer = try Trainer(network, input: [5, 5, 1], seed: 3)
    let inputs = Tensor<Float>([2, 5, 5, 1], (0..<50).map { Float($0 % 7) - 3 })
    let maps = try trainer.outputs(of: "first", for: inputs)
    #expect(maps.shape == [2, 3, 3, 4] && maps.elements.contains { $0 > 0 } && !maps.elements.contains { $0 < 0 })
    #expect(try trainer.outputs(of: "last", for: inputs) == (try trainer.predict(inputs)))
    #expect(throws: TrainingError.self) { try trainer.outputs(of: "second", for: inputs) }
    #expect(throws: TrainingError.self) {
      try trainer.outputs(of: "first", for: Tensor([1, 4, 4, 1], [Float](repeating: 0, count: 16)))
    }
  }
}

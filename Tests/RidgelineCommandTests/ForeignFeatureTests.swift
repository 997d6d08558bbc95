import Datasets
import Foundation
import Interchange
import Tensors
import Testing

@Suite("ridgeline: features of another library's weights")
struct ForeignFeatureTests {
  private static let fixtures = Bundle.module.url(forResource: "Fixtures", withExtension: nil)!

  /// The images of `Fixtures/make_fixtures.py`, by its formula. Of 256 pixels a side, they are cropped and not resized.
  private static func image(_ number: Int) -> Image {
    var bytes: [UInt8] = []
    for row in 0..<256 {
      for column in 0..<256 {
        for channel in 0..<3 {
          let slope = row * (2 + channel) + column * (5 - 2 * channel)
          bytes.append(UInt8((slope + row * column / (7 + number) + 37 * channel * number) % 256))
        }
      }
    }
    return Image(height: 256, width: 256, channels: 3, bytes: bytes)
  }

  @Test("every feature of torchvision's AlexNet is PyTorch's, at maps and at units")
  func alexNet() throws {
    let expected = try NamedTensors(contentsOf: Self.fixtures.appendingPathComponent("alexnet-features.safetensors"))
    try withTemporaryFolder { folder in
      for (number, name) in ["one", "two"].enumerated() {
        let images = folder.appendingPathComponent("images/\(name)")
        try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
        try Data(Self.image(number).pngBytes()).write(to: images.appendingPathComponent("image.png"))
      }
      for (layer, width) in [("pool5", 9216), ("fc6", 4096), ("fc7", 4096)] {
        let output = folder.path + "/\(layer).safetensors"
        let outcome = try Program.run([
          "features", "--weights", Self.fixtures.path + "/alexnet.pth", "--as", "alexnet-torchvision", "--layer", layer,
          "--images", folder.path + "/images", "--output", output,
        ])
        try #require(outcome.status == 0 && outcome.output.contains("\(width) features of \(layer)"), "\(outcome)")
        let found: Tensor<Float> = try TensorFiles.open(URL(fileURLWithPath: output)).tensor("features")
        let wanted: Tensor<Float> = try expected.tensor(layer)
        try #require(found.shape == wanted.shape && wanted.shape == [2, width])
        let worst = zip(found.elements, wanted.elements).map { abs($0 - $1) / max(abs($0), abs($1), 1) }.max() ?? .nan
        #expect(worst < 1e-5, "\(layer)")
        // Both images have features of their own, most of them above 0.
        #expect(wanted.elements[0..<width] != wanted.elements[width...])
        #expect(wanted.elements.count { $0 > 0.01 } > width)
      }
      // The file is no other network's.
      try Program.expectFailure(
        [
          "features", "--weights", Self.fixtures.path + "/alexnet.pth", "--as", "vgg11", "--layer", "fc7", "--images",
          folder.path + "/images", "--output", folder.path + "/f.npz",
        ], naming: ["features.0.weight"])
    }
  }
}

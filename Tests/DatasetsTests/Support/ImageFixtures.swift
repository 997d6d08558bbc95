import Datasets
import Foundation
import Tensors
import Testing

/// The images in Fixtures, and what Pillow and the PNG specification make of them.
enum ImageFixtures {
  static let names = [
    "grey1.png", "grey2.png", "grey4.png", "grey8.png", "grey16.png", "rgb8.png", "rgb16.png", "rgba8.png",
    "rgba16.png",
    "greyalpha8.png", "palette.png", "palettealpha.png", "rgbkey.png", "interlaced.png", "gamma.png", "one.png",
    "rgb444.jpg", "rgb422.jpg", "rgb420.jpg", "progressive.jpg", "restarts.jpg", "keptrgb.jpg", "grey.jpg", "cmyk.jpg",
    "one.jpg",
  ]

  static func url(_ name: String) throws -> URL {
    try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/\(name)")
  }

  static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: url(name))) }

  static func expected(_ name: String) throws -> Tensor<Float> {
    try NamedTensors(contentsOf: url("expected.safetensors")).tensor(name)
  }

  /// The largest difference of two images' levels; infinite where their sizes differ.
  static func distance(_ image: Image, _ expected: Tensor<Float>) -> Float {
    guard [image.height, image.width, image.channels] == expected.shape.dimensions else { return .infinity }
    return zip(image.levels, expected.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }
}

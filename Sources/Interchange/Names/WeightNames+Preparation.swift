public import Datasets
import Foundation
import Models
import Tensors

extension WeightNames {
  /// How images are prepared for the other library's published weights.
  ///
  /// torchvision's and timm's networks take RGB on 0...1 with ImageNet's mean and deviation, the middle 224 of an image whose
  /// shorter side is 256; Keras' VGGs take BGR on 0...255 minus Caffe's means. Keras' own preparation resizes both sides to
  /// 224, whatever the image's shape; here the shorter side is, and the middle is taken. Caffe's take BGR on 0...255 too, the middle
  /// of an image whose shorter side is 256; for AlexNet it is the mean image's mean that is subtracted.
  public var preparation: ImagePipeline {
    let side = model.inputShape[0]
    switch convention {
    case .torchvision, .timm:
      return ImagePipeline(
        [ResizeShorterSide(side * 256 / 224), CentreCrop(side)],
        encoding: PixelEncoding(channels: 3, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225]))
    case .keras:
      return ImagePipeline(
        [ResizeShorterSide(side), CentreCrop(side)],
        encoding: PixelEncoding(channels: 3, order: .bgr, full: 255, mean: [123.68, 116.779, 103.939]))
    case .caffe:
      let mean = model.architecture == "alexnet" ? [122.679, 116.669, 104.007] : [123.68, 116.779, 103.939]
      return ImagePipeline(
        [ResizeShorterSide(max(side, 256)), CentreCrop(side)],
        encoding: PixelEncoding(channels: 3, order: .bgr, full: 255, mean: mean))
    }
  }

  /// What a weight file of ours says about weights that came from the other library.
  func metadata() throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let preparation = String(decoding: try encoder.encode(preparation), as: UTF8.self)
    return model.metadata.merging(
      ["format": "ridgeline", "preparation": preparation, "source": convention.rawValue]) { _, new in new }
  }
}

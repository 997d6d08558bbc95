/// The last step: from an image's levels to a network's inputs, `(level * full / 255 - mean) / deviation` for each channel.
public struct PixelEncoding: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The order in which a network takes red, green and blue.
  public enum Order: String, Sendable, Hashable, Codable {
    /// Red first, as in PyTorch's models.
    case rgb = "RGB"
    /// Blue first, as in Caffe's.
    case bgr = "BGR"
  }

  /// 1 for grey, 3 for colours.
  public let channels: Int
  /// The order of three channels.
  public let order: Order
  /// What the full level becomes before the mean is subtracted: 1 or 255.
  public let full: Double
  /// What is subtracted, one a channel in the order red, green, blue, on the scale of `full`.
  public let mean: [Double]
  /// What is then divided by, in the same order.
  public let deviation: [Double]

  /// Makes an encoding.
  ///
  /// - Parameters:
  ///   - channels: 1 or 3.
  ///   - mean: One a channel; 0 unless told.
  ///   - deviation: One a channel; 1 unless told.
  /// - Precondition: As many means and deviations as channels.
  public init(
    channels: Int, order: Order = .rgb, full: Double = 1, mean: [Double]? = nil, deviation: [Double]? = nil
  ) {
    self.channels = channels
    self.order = order
    self.full = full
    self.mean = mean ?? [Double](repeating: 0, count: channels)
    self.deviation = deviation ?? [Double](repeating: 1, count: channels)
    precondition(self.mean.count == channels && self.deviation.count == channels, "a mean and a deviation a channel")
  }

  /// Writes an image of as many channels.
  ///
  /// - Precondition: `target` has the image's number of samples.
  func write(_ image: Image, to target: UnsafeMutableBufferPointer<Float>) {
    precondition(image.channels == channels && target.count == image.pixels.count, "an image fills its example")
    for channel in 0..<channels {
      let factor = Float(full / 255 / deviation[channel])
      let offset = Float(-mean[channel] / deviation[channel])
      let place = order == .bgr && channels == 3 ? 2 - channel : channel
      switch image.pixels {
      case .bytes(let bytes):
        bytes.withUnsafeBufferPointer { source in
          for index in stride(from: 0, to: source.count, by: channels) {
            target[index + place] = Float(source[index + channel]) * factor + offset
          }
        }
      case .levels(let levels):
        levels.withUnsafeBufferPointer { source in
          for index in stride(from: 0, to: source.count, by: channels) {
            target[index + place] = source[index + channel] * factor + offset
          }
        }
      }
    }
  }

  /// Throws where the values make no sense, as they may where they come from a file.
  ///
  /// - Throws: ``ImageTransformationError/invalid(_:)``.
  public func validate() throws(ImageTransformationError) {
    guard channels == 1 || channels == 3, mean.count == channels, deviation.count == channels,
      (mean + deviation + [full]).allSatisfy(\.isFinite), deviation.allSatisfy({ $0 > 0 })
    else { throw .invalid("\(self)") }
  }

  /// As in "RGB 0...255, minus (123.7, 116.8, 103.9)".
  public var description: String {
    var text = "\(channels == 1 ? "grey" : order.rawValue) 0...\(full.formatted)"
    if mean.contains(where: { $0 != 0 }) { text += ", minus \(mean.formatted)" }
    if deviation.contains(where: { $0 != 1 }) { text += ", divided by \(deviation.formatted)" }
    return text
  }
}

public import Tensors

/// Shifts all pixels of an image by one random colour along the principal components of the training set's colours.
///
/// Each use of an image adds `P (a_1 l_1, a_2 l_2, a_3 l_3)'` to every pixel, where the columns of P are the eigenvectors and l the
/// eigenvalues of the covariance matrix of the training images' RGB values, and a_i are drawn from N(0, `deviation`²) once
/// a use. Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks", 2012, section 4.1.
///
/// The paper does not say on which scale the values are. The eigenvalues grow with its square: on 0...255 the shifts would be far
/// larger than the range, so it is 0...1 here, as in later implementations.
public struct PrincipalColours: ImageTransformation {
  /// The eigenvalues on the scale 0...1, ascending.
  public let values: [Double]
  /// The eigenvectors, one after the other, in the order of their values: each red, green and blue.
  public let vectors: [[Double]]
  /// The standard deviation of the factors; 0.1 in the paper.
  public let deviation: Double

  /// Makes the step from a covariance's eigenvectors.
  ///
  /// - Precondition: There are three values and three vectors of three, and the deviation is not negative.
  public init(values: [Double], vectors: [[Double]], deviation: Double = 0.1) {
    precondition(values.count == 3 && vectors.count == 3 && vectors.allSatisfy { $0.count == 3 } && deviation >= 0)
    (self.values, self.vectors, self.deviation) = (values, vectors, deviation)
  }

  /// The shifted image, its levels not held within 0...255; draws three numbers.
  ///
  /// - Throws: ``ImageTransformationError/channels(found:expected:)`` unless the image is RGB.
  public func callAsFunction(
    _ image: Image, using generator: inout RandomGenerator
  ) throws(ImageTransformationError) -> Image {
    guard image.channels == 3 else { throw .channels(found: image.channels, expected: 3) }
    var shift = [0.0, 0, 0]
    for (value, vector) in zip(values, vectors) {
      let factor = generator.normal(mean: 0, standardDeviation: deviation) * value
      for channel in 0..<3 { shift[channel] += factor * vector[channel] }
    }
    let (red, green, blue) = (Float(255 * shift[0]), Float(255 * shift[1]), Float(255 * shift[2]))
    var levels = image.levels
    levels.withUnsafeMutableBufferPointer { levels in
      for pixel in 0..<(levels.count / 3) {
        levels[3 * pixel] += red
        levels[3 * pixel + 1] += green
        levels[3 * pixel + 2] += blue
      }
    }
    return Image(height: image.height, width: image.width, channels: 3, levels: levels)
  }

  /// The input's size.
  public func outputSize(of input: ImageSize?) -> ImageSize? { input }

  /// Checks the values.
  public func validate() throws(ImageTransformationError) {
    try require(
      values.count == 3 && vectors.count == 3 && vectors.allSatisfy { $0.count == 3 } && deviation >= 0
        && deviation.isFinite && (values + vectors.joined()).allSatisfy(\.isFinite))
  }

  /// As in "principal colours times N(0, 0.1²)".
  public var description: String { "principal colours times N(0, \(deviation.formatted)²)" }
}

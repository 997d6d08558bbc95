import BLAS

/// The colours of a set of images: mean, deviation and principal components over all pixels, on the scale 0...1.
public struct ImageStatistics: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The mean of each channel.
  public let mean: [Double]
  /// The covariance matrix of the channels, row by row, dividing by the number of pixels.
  public let covariance: [[Double]]
  /// The number of pixels.
  public let pixelCount: Int

  /// Makes statistics.
  public init(mean: [Double], covariance: [[Double]], pixelCount: Int) {
    (self.mean, self.covariance, self.pixelCount) = (mean, covariance, pixelCount)
  }

  /// The standard deviation of each channel.
  public var deviation: [Double] { covariance.indices.map { covariance[$0][$0].squareRoot() } }

  /// AlexNet's shifts of colour.
  ///
  /// - Parameter deviation: the standard deviation of the factors.
  /// - Throws: `LinearAlgebraError` for a covariance that is not finite;
  ///   ``ImageTransformationError/channels(found:expected:)`` unless the images are RGB.
  public func principalColours(deviation: Double = 0.1) throws -> PrincipalColours {
    guard mean.count == 3 else { throw ImageTransformationError.channels(found: mean.count, expected: 3) }
    let eigen = try SymmetricEigen(Matrix<Double>(rows: 3, columns: 3, elements: covariance.flatMap { $0 }))
    let vectors = (0..<3).map { number in
      let vector = (0..<3).map { eigen.vectors[$0, number] }
      // Which of the two directions a library returns is up to it; the draws are to be the same everywhere.
      let largest = vector.max { abs($0) < abs($1) } ?? 1
      return largest < 0 ? vector.map { -$0 } : vector
    }
    return PrincipalColours(values: eigen.values, vectors: vectors, deviation: deviation)
  }

  /// As in "mean (0.4914, 0.4822, 0.4465), deviation (0.2470, 0.2435, 0.2616) of 0...1".
  public var description: String {
    return "mean \(mean.formatted), deviation \(deviation.formatted) of 0...1"
  }
}

/// Sums over pixels, from which statistics come; adding sums in one order gives the same bits whoever made them.
struct ColourSums: Sendable {
  private(set) var count = 0.0
  private var sums: [Double]
  private var products: [Double]

  init(channels: Int) {
    sums = [Double](repeating: 0, count: channels)
    products = [Double](repeating: 0, count: channels * channels)
  }

  /// The sums of one image, exact for bytes.
  init(_ image: Image) {
    self.init(channels: image.channels)
    let channels = image.channels
    func add(_ level: (Int) -> Double) {
      for start in stride(from: 0, to: image.pixels.count, by: channels) {
        for first in 0..<channels {
          let value = level(start + first)
          sums[first] += value
          for second in 0...first { products[first * channels + second] += value * level(start + second) }
        }
      }
    }
    switch image.pixels {
    case .bytes(let bytes): bytes.withUnsafeBufferPointer { bytes in add { Double(bytes[$0]) } }
    case .levels(let levels): levels.withUnsafeBufferPointer { levels in add { Double(levels[$0]) } }
    }
    count = Double(image.height * image.width)
  }

  static func += (left: inout ColourSums, right: ColourSums) {
    left.count += right.count
    for index in left.sums.indices { left.sums[index] += right.sums[index] }
    for index in left.products.indices { left.products[index] += right.products[index] }
  }

  var statistics: ImageStatistics {
    let channels = sums.count
    let mean = sums.map { $0 / count / 255 }
    let covariance = (0..<channels).map { row in
      (0..<channels).map { column in
        products[max(row, column) * channels + min(row, column)] / count / 65_025 - mean[row] * mean[column]
      }
    }
    return ImageStatistics(mean: mean, covariance: covariance, pixelCount: Int(count))
  }
}

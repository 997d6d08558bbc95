public import Tensors

/// How a recipe prepares images: for any size of input and any training set, of which a pipeline is then made.
///
/// ```swift
/// var augmentation = Augmentation.alexNet
/// augmentation.order = .bgr
/// print(augmentation)        // shorter side to 256/224 of the input, random crop, flips, principal colours N(0, 0.1²), ...
/// let pipelines = try augmentation.pipelines(input: [227, 227, 3], statistics: folder.statistics())
/// ```
public struct Augmentation: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Which part of the image training sees; evaluation sees the centre.
  public enum Crop: Sendable, Hashable, Codable {
    /// The centre.
    case centre
    /// A random place, of the image with a black border of so many pixels.
    case random(padding: Int)
    /// A random part of at least this share of the image, resized (``RandomResizedCrop``).
    case resized(smallestArea: Double)

    /// Whether the numbers make sense, which may come from a file.
    fileprivate var isValid: Bool {
      switch self {
      case .centre: true
      case .random(let padding): (0...10_000).contains(padding)
      case .resized(let area): (0...1).contains(area)
      }
    }
  }

  /// A number for each channel.
  public enum Values: Sendable, Hashable, Codable {
    /// The operation is left out.
    case none
    /// The training images' own.
    case computed
    /// These: one for grey; red, green and blue for colours; on the scale of ``Augmentation/full``.
    case given([Double])
  }

  /// What the shorter side of an image is brought to, over the input's side; 1 makes the crop as large as can be.
  public var resizing: Double
  /// Which part training sees.
  public var crop: Crop
  /// Whether every second image is mirrored in training.
  public var flips: Bool
  /// The standard deviation of the factors of ``PrincipalColours`` in training; 0 leaves them out.
  public var principalColours: Double
  /// The order of red, green and blue.
  public var order: PixelEncoding.Order
  /// What the full level becomes before the mean is subtracted: 1 or 255.
  public var full: Double
  /// What is subtracted from each channel.
  public var mean: Values
  /// What each channel is then divided by.
  public var deviation: Values

  /// Describes a preparation; unless told the image is resized and its centre taken, RGB from 0 to 1.
  public init(
    resizing: Double = 1, crop: Crop = .centre, flips: Bool = false, principalColours: Double = 0,
    order: PixelEncoding.Order = .rgb, full: Double = 1, mean: Values = .none, deviation: Values = .none
  ) {
    self.resizing = resizing
    self.crop = crop
    self.flips = flips
    self.principalColours = principalColours
    self.order = order
    self.full = full
    self.mean = mean
    self.deviation = deviation
  }

  /// The same scaling of grey levels for every channel.
  public init(_ scaling: PixelScaling) {
    // scale * level + offset = (level - mean) / deviation.
    let (mean, deviation) = (-scaling.offset / scaling.scale, 1 / scaling.scale)
    self.init(mean: .given([mean, mean, mean]), deviation: .given([deviation, deviation, deviation]))
  }

  /// Resized, the centre taken, RGB from 0 to 1.
  public static let none = Augmentation()

  /// Krizhevsky et al. 2012, section 4.1: random crops of 224 from 256, flips, principal colours, levels 0...255 minus the mean
  /// (of each channel; the paper's is of each pixel).
  public static let alexNet = Augmentation(
    resizing: 256.0 / 224, crop: .random(padding: 0), flips: true, principalColours: 0.1, full: 255, mean: .computed)

  /// Simonyan and Zisserman 2014, section 3.1, at the single scale 256: as ``alexNet``, with the mean of each channel.
  public static let vgg = alexNet

  /// He et al. 2015, section 4.2, for images of 32x32: crops of the image with a border of 4, flips, mean 0 and deviation 1.
  public static let small = Augmentation(
    crop: .random(padding: 4), flips: true, mean: .computed, deviation: .computed)

  /// Whether something is computed from the training images.
  public var needsStatistics: Bool { principalColours > 0 || mean == .computed || deviation == .computed }

  /// The pipelines for training and for evaluation.
  ///
  /// - Parameters:
  ///   - input: The network's, `[height, width, channels]`.
  ///   - statistics: The training images', of as many channels; needed where ``needsStatistics``.
  /// - Throws: ``ImageTransformationError``, or `LinearAlgebraError` for statistics that are not finite.
  public func pipelines(
    input: Shape, statistics: ImageStatistics? = nil
  ) throws -> (training: ImagePipeline, evaluation: ImagePipeline) {
    guard input.rank == 3, input[2] == 1 || input[2] == 3, input[0] > 0, input[1] > 0 else {
      throw ImageTransformationError.input(input)
    }
    let (height, width, channels) = (input[0], input[1], input[2])
    let side = resizing * Double(max(height, width))
    guard resizing >= 1, side <= 10_000, principalColours >= 0, principalColours.isFinite, crop.isValid else {
      throw ImageTransformationError.invalid("\(self)")
    }
    let encoding = PixelEncoding(
      channels: channels, order: order, full: full,
      mean: try values(mean, channels, statistics?.mean.map { full * $0 }),
      // A channel that never changes is left as it is.
      deviation: try values(deviation, channels, statistics?.deviation.map { $0 > 0 ? full * $0 : 1 }))
    try encoding.validate()
    let resize = ResizeShorterSide(Int(side.rounded()))
    var steps: [any ImageTransformation]
    switch crop {
    case .centre: steps = [resize, CentreCrop(height: height, width: width)]
    case .random(let padding): steps = [resize, RandomCrop(height: height, width: width, padding: padding)]
    case .resized(let area): steps = [RandomResizedCrop(height: height, width: width, smallestArea: area)]
    }
    if flips { steps.append(HorizontalFlip()) }
    if principalColours > 0, channels == 3 {
      guard let statistics else { throw ImageTransformationError.missingStatistics }
      steps.append(try statistics.principalColours(deviation: principalColours))
    }
    return (
      ImagePipeline(steps, encoding: encoding),
      ImagePipeline([resize, CentreCrop(height: height, width: width)], encoding: encoding)
    )
  }

  private func values(
    _ values: Values, _ channels: Int, _ computed: [Double]?
  ) throws(ImageTransformationError) -> [Double]? {
    switch values {
    case .none: return nil
    case .computed:
      guard let computed else { throw .missingStatistics }
      guard computed.count == channels else { throw .channels(found: computed.count, expected: channels) }
      return computed
    case .given(let list):
      // One number serves grey images of a recipe for colours where all are the same.
      if channels == 1, Set(list).count == 1, let first = list.first { return [first] }
      guard list.count == channels else { throw .channels(found: list.count, expected: channels) }
      return list
    }
  }

  /// All of it, on one line.
  public var description: String {
    var parts = [
      resizing == 1 ? "shorter side to the input's" : "shorter side to \(Self.ratio(resizing)) of the input's"
    ]
    switch crop {
    case .centre: parts.append("centre")
    case .random(let padding): parts.append("random crops" + (padding > 0 ? " with a border of \(padding)" : ""))
    case .resized(let area): parts = ["random parts of \((100 * area).formatted) % or more, resized"]
    }
    if flips { parts.append("flips") }
    if principalColours > 0 { parts.append("principal colours N(0, \(principalColours.formatted)²)") }
    parts.append("\(order.rawValue) 0...\(full.formatted)")
    func describe(_ values: Values, _ what: String) {
      switch values {
      case .none: break
      case .computed: parts.append("\(what) the training images' \(what == "minus" ? "mean" : "deviation")")
      case .given(let list): parts.append("\(what) (" + list.map(\.formatted).joined(separator: ", ") + ")")
      }
    }
    describe(mean, "minus")
    describe(deviation, "divided by")
    return parts.joined(separator: ", ")
  }

  private static func ratio(_ value: Double) -> String {
    value == 256.0 / 224 ? "256/224" : value.formatted
  }
}

public import Tensors

/// Shapeset-3x2, generated: 32x32 grey images of one or two figures out of three kinds; the class is which kinds are there.
///
/// Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010, section
/// 2.1: images of one or two objects of the categories triangle, parallelogram and ellipse, "placed with random shape
/// parameters (relative lengths and/or angles), scaling, rotation, translation and grey-scale", where the second object
/// does not overlap the first "by more than fifty percent of its area"; nine classes, the three single categories and the
/// six pairs with repetition, whichever of the two lies in front.
///
/// The paper leaves the distributions open. Chosen here:
///
/// - Area: its square root is uniform over 7...13 pixels for every category, so size says nothing about the class.
/// - Triangle: base 1, height uniform over 0.6...1.1, apex uniform over ±0.4 from the base's middle.
/// - Parallelogram: side ratio uniform over 0.5...1, angle uniform over 50...130 degrees.
/// - Ellipse: axis ratio uniform over 0.4...1.
/// - Rotation uniform over the circle; place uniform over all that keep the figure inside the frame, a pixel from its edge.
/// - Grey levels uniform over 0...1, where two levels that meet (background, first, second) differ by at least 0.2.
/// - "Its area" may mean either figure's: the overlap is at most half of the smaller one, which keeps both readings.
/// - Each of the nine classes with the same probability; which of two different kinds lies in front, one half each.
/// - Edges are smoothed: a pixel shows the mean of what it covers, exact along four lines through it.
///
/// Example i depends on the seed, the stream and i alone, so the set has no end: ``count`` says how many make an epoch, and
/// in the training stream every epoch brings the next `count` examples (``examples(forEpoch:)``).
public struct Shapeset: Dataset {
  /// The categories of figures.
  public enum Kind: Int, Sendable, CaseIterable {
    /// Three corners, no angle below 30 degrees.
    case triangle
    /// Four corners, opposite sides parallel.
    case parallelogram
    /// An ellipse, up to a circle.
    case ellipse
  }

  /// Independent series of examples under one seed.
  public enum Stream: String, Sendable, CaseIterable {
    /// For training: fresh examples every epoch.
    case training
    /// For choosing hyperparameters: the same examples every epoch.
    case validation
    /// For the final error: the same examples every epoch.
    case test
  }

  /// Height and width of an image in pixels.
  public static let size = 32
  /// The mean and the standard deviation of the levels over all pixels. The mean is exact, because a level and its
  /// complement are equally likely; the deviation was measured on the first 1,000,000 training examples of seed 1.
  public static let statistics = PixelStatistics(mean: 0.5, deviation: 0.2879)

  static let sideRange: ClosedRange<Float> = 7...13
  static let margin: Float = 1
  static let minimumContrast: Float = 0.2
  static let maximumOverlap: Float = 0.5

  /// The kinds of every class; `second` repeats `first` where `count` is 1.
  static let kinds: [(first: Kind, second: Kind, count: Int)] =
    Kind.allCases.map { ($0, $0, 1) }
    + Kind.allCases.flatMap { one in Kind.allCases.filter { $0.rawValue >= one.rawValue }.map { (one, $0, 2) } }

  /// The seed.
  public let seed: UInt64
  /// Which series of examples.
  public let stream: Stream
  /// The number of examples an epoch.
  public let count: Int
  /// How levels from 0 to 1 become inputs.
  public let scaling: PixelScaling
  /// `[32, 32, 1]`.
  public let exampleShape: Shape = [Shapeset.size, Shapeset.size, 1]
  /// `[]`: the class index.
  public let targetShape: Shape = []
  /// The kinds that are present, such as `triangle + ellipse`.
  public let classNames: [String] = Shapeset.kinds.map { kinds in
    kinds.count == 1 ? "\(kinds.first)" : "\(kinds.first) + \(kinds.second)"
  }

  private let key: UInt64
  private let start: UInt64

  /// Describes a set; nothing is generated before it is asked for.
  ///
  /// - Parameters:
  ///   - seed: Seeds everything.
  ///   - count: The number of examples an epoch; a negative number counts as 0.
  ///   - stream: Which of the independent series.
  ///   - scaling: How levels from 0 to 1 become inputs; ``PixelScaling/shapeset(deviation:)`` gives mean 0.
  public init(seed: UInt64, count: Int = 20_000, stream: Stream = .training, scaling: PixelScaling = .unit) {
    self.init(seed: seed, count: max(0, count), stream: stream, scaling: scaling, start: 0)
  }

  private init(seed: UInt64, count: Int, stream: Stream, scaling: PixelScaling, start: UInt64) {
    self.seed = seed
    self.count = count
    self.stream = stream
    self.scaling = scaling
    self.start = start
    key = RandomGenerator(seed: seed, stream: "Shapeset \(stream.rawValue)").key
  }

  /// Generates example `index` and its class.
  public func copyExample(
    _ index: Int, into input: UnsafeMutableBufferPointer<Float>, target: UnsafeMutableBufferPointer<Float>
  ) throws {
    try checkAccess(index, input: input, target: target)
    let scene = scene(index)
    scene.draw(into: input)
    target[0] = Float(scene.classIndex)
    let scale = Float(scaling.scale)
    let offset = Float(scaling.offset)
    for pixel in input.indices { input[pixel] = min(max(input[pixel], 0), 1) * scale + offset }
  }

  /// The class of example `index`, without drawing it.
  public func classIndex(of index: Int) throws -> Int {
    try checkIndex(index)
    var generator = generator(for: index)
    return ShapesetScene.classIndex(generator: &generator)
  }

  /// Fresh examples in the training stream, the same ones in the others.
  public func examples(forEpoch epoch: Int) -> Shapeset {
    guard stream == .training else { return self }
    let start = UInt64(bitPattern: Int64(epoch)) &* UInt64(count)
    return Shapeset(seed: seed, count: count, stream: stream, scaling: scaling, start: start)
  }

  /// What example `index` shows.
  func scene(_ index: Int) -> ShapesetScene {
    var generator = generator(for: index)
    return ShapesetScene(generator: &generator)
  }

  private func generator(for index: Int) -> RandomGenerator {
    // Every example has 2^16 words of the stream to itself; it takes about twenty, and some more for each redrawn figure.
    let example = start &+ UInt64(index)
    return RandomGenerator(key: key, position: example << 16)
  }
}

extension PixelScaling {
  /// Shapeset's levels with mean 0 and the given standard deviation over all pixels, by ``Shapeset/statistics``.
  public static func shapeset(deviation: Double = 1) -> PixelScaling {
    standardised(Shapeset.statistics, to: deviation)
  }
}

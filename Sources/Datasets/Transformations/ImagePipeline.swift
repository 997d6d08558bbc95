public import BLAS
public import Tensors

/// All that happens to an image between its file and a network: steps in order, then the encoding.
///
/// ```swift
/// let training = ImagePipeline(
///   [ResizeShorterSide(256), RandomCrop(224), HorizontalFlip()],
///   encoding: PixelEncoding(channels: 3, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225]))
/// ```
///
/// The image first gets as many channels as the encoding has. Step `k` draws from stream `k` of the generator, so that a step
/// that is added does not change what the others draw.
public struct ImagePipeline: Sendable, CustomStringConvertible {
  /// The steps, in order.
  public var steps: [any ImageTransformation]
  /// From levels to inputs.
  public var encoding: PixelEncoding

  /// Makes a pipeline.
  public init(_ steps: [any ImageTransformation], encoding: PixelEncoding) {
    self.steps = steps
    self.encoding = encoding
  }

  /// The image after all steps, not encoded yet.
  ///
  /// - Throws: ``ImageTransformationError``.
  public func callAsFunction(
    _ image: Image, using generator: RandomGenerator
  ) throws(ImageTransformationError) -> Image {
    var image = try image.converted(channels: encoding.channels)
    for (number, step) in steps.enumerated() {
      var own = generator.fork(number)
      image = try step(image, using: &own)
    }
    return image
  }

  /// Writes the network's input.
  ///
  /// - Parameters:
  ///   - size: What the image must come to.
  ///   - target: Room for `size` times the encoding's channels.
  /// - Throws: ``ImageTransformationError``.
  func write(
    _ image: Image, size: ImageSize, using generator: RandomGenerator, to target: UnsafeMutableBufferPointer<Float>
  ) throws(ImageTransformationError) {
    let image = try self(image, using: generator)
    guard image.size == size else { throw .size(found: image.size, expected: size) }
    encoding.write(image, to: target)
  }

  /// The network's input `[height, width, channels]` for one image.
  ///
  /// - Throws: ``ImageTransformationError``.
  public func input(_ image: Image, using generator: RandomGenerator) throws(ImageTransformationError) -> Tensor<Float>
  {
    let image = try self(image, using: generator)
    return Tensor([image.height, image.width, encoding.channels]) { encoding.write(image, to: $0) }
  }

  /// The size of every image that comes out, or nil where it varies.
  ///
  /// - Parameter input: the size of every image that goes in, or nil where it varies.
  public func outputSize(of input: ImageSize? = nil) -> ImageSize? {
    steps.reduce(input) { $1.outputSize(of: $0) }
  }

  /// The pipeline without its last step and the ten views that take its place, where that step is a ``CentreCrop``.
  public var tenCrop: (pipeline: ImagePipeline, views: TenCrop)? {
    guard let last = steps.last as? CentreCrop else { return nil }
    return (
      ImagePipeline(Array(steps.dropLast()), encoding: encoding),
      TenCrop(height: last.size.height, width: last.size.width)
    )
  }

  /// The steps and the encoding, as in "shorter side to 256, centre 224x224, RGB 0...1".
  public var description: String { (steps.map { "\($0)" } + ["\(encoding)"]).joined(separator: ", ") }
}

extension ImagePipeline: Hashable {
  /// Whether steps and encoding are the same.
  public static func == (left: ImagePipeline, right: ImagePipeline) -> Bool {
    left.encoding == right.encoding && left.steps.count == right.steps.count
      && zip(left.steps, right.steps).allSatisfy { erased($0) == erased($1) }
  }

  /// Hashes steps and encoding.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(encoding)
    for step in steps { hasher.combine(Self.erased(step)) }
  }

  private static func erased(_ step: any ImageTransformation) -> AnyHashable {
    func wrap<Step: ImageTransformation>(_ step: Step) -> AnyHashable { AnyHashable(step) }
    return wrap(step)
  }
}

import BLAS
public import Tensors

/// Images as a network takes them: each is decoded and prepared when it is asked for, so the set never lies in memory.
///
/// ```swift
/// let folder = try ImageFolder(url.appending(path: "train"))
/// let pipelines = try Augmentation.small.pipelines(input: [32, 32, 3], statistics: folder.statistics())
/// try trainer.fit(PreparedImages(folder, by: pipelines.training, seed: 1), epochs: 10)
/// ```
///
/// What is random in the pipeline depends on the seed, the epoch and the image's number, and on nothing else.
public struct PreparedImages: Dataset {
  /// The images.
  public let source: any ImageSource
  /// What is done to them.
  public let pipeline: ImagePipeline
  /// The seed of what is random in the pipeline.
  public let seed: UInt64
  /// `[height, width, channels]`.
  public let exampleShape: Shape
  /// How many threads prepare batches of it (``BatchLoader``).
  public let preferredWorkers: Int

  /// The number of images.
  public var count: Int { source.count }
  /// `[]`: the class index.
  public var targetShape: Shape { [] }
  /// The names of the classes.
  public var classNames: [String] { source.classNames }

  private let size: ImageSize
  /// The stream of the epoch, which has one of its own for each image.
  private var generator: RandomGenerator

  /// Prepares images.
  ///
  /// - Parameters:
  ///   - source: The images.
  ///   - pipeline: What is done to each.
  ///   - seed: The seed of what is random in it.
  ///   - workers: How many threads prepare batches; unless told as many as the system grants, up to 8.
  /// - Throws: ``ImageTransformationError/varyingSize`` where no step brings all images to one size; then the first image's size
  ///   is not asked for.
  public init(
    _ source: any ImageSource, by pipeline: ImagePipeline, seed: UInt64 = 0, workers: Int? = nil
  ) throws(ImageTransformationError) {
    guard let size = pipeline.outputSize() else { throw .varyingSize }
    self.init(source, by: pipeline, size: size, seed: seed, workers: workers)
  }

  /// Prepares images that all come to one size, though no step makes them so; an image that does not is an error when its turn
  /// comes.
  ///
  /// - Precondition: `size` has pixels.
  public init(
    _ source: any ImageSource, by pipeline: ImagePipeline, size: ImageSize, seed: UInt64 = 0, workers: Int? = nil
  ) {
    self.source = source
    self.pipeline = pipeline
    self.size = size
    self.seed = seed
    exampleShape = [size.height, size.width, pipeline.encoding.channels]
    preferredWorkers = max(1, workers ?? min(8, ThreadPool.defaultThreadCount))
    generator = Self.generator(seed, epoch: 0)
  }

  private static func generator(_ seed: UInt64, epoch: Int) -> RandomGenerator {
    RandomGenerator(seed: seed, stream: "augmentation").fork(epoch)
  }

  /// Decodes image `index`, prepares it and writes it with its class.
  ///
  /// - Throws: ``DatasetError``, the source's own error, or ``ImageFolderError/preparation(_:_:)``.
  public func copyExample(
    _ index: Int, into input: UnsafeMutableBufferPointer<Float>, target: UnsafeMutableBufferPointer<Float>
  ) throws {
    try checkAccess(index, input: input, target: target)
    let image = try source.image(index)
    do throws(ImageTransformationError) {
      try pipeline.write(image, size: size, using: generator.fork(index), to: input)
    } catch {
      throw ImageFolderError.preparation(source.name(of: index), error)
    }
    target[0] = Float(source.classIndex(of: index))
  }

  /// The class of image `index`; nothing is decoded.
  public func classIndex(of index: Int) throws -> Int {
    try checkIndex(index)
    return source.classIndex(of: index)
  }

  /// The same images with that epoch's draws.
  public func examples(forEpoch epoch: Int) -> PreparedImages {
    var other = self
    other.generator = Self.generator(seed, epoch: epoch)
    return other
  }
}

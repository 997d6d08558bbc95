public import Tensors

/// Images as ten views each: an example is `[10, height, width, channels]`, whose ten answers are averaged (``TenCrop``).
public struct TenCropImages: Dataset {
  /// The images.
  public let source: any ImageSource
  /// What is done to each before its views are cut out.
  public let pipeline: ImagePipeline
  /// The views.
  public let views: TenCrop
  /// `[10, height, width, channels]`.
  public let exampleShape: Shape
  /// How many threads prepare batches of it.
  public let preferredWorkers: Int

  /// The number of images.
  public var count: Int { source.count }
  /// `[]`: the class index.
  public var targetShape: Shape { [] }
  /// The names of the classes.
  public var classNames: [String] { source.classNames }

  /// Takes ten views in the place of a prepared set's centre.
  ///
  /// - Throws: ``ImageTransformationError/invalid(_:)`` unless the pipeline's last step is a ``CentreCrop``.
  public init(_ images: PreparedImages) throws(ImageTransformationError) {
    guard let (pipeline, views) = images.pipeline.tenCrop else {
      throw .invalid("ten views in the place of a centre, of: \(images.pipeline)")
    }
    (source, self.pipeline, self.views) = (images.source, pipeline, views)
    exampleShape = [TenCrop.count] + images.exampleShape
    preferredWorkers = images.preferredWorkers
  }

  /// Decodes image `index` and writes its views with its class.
  ///
  /// - Throws: ``DatasetError``, the source's own error, or ``ImageFolderError/preparation(_:_:)``.
  public func copyExample(
    _ index: Int, into input: UnsafeMutableBufferPointer<Float>, target: UnsafeMutableBufferPointer<Float>
  ) throws {
    try checkAccess(index, input: input, target: target)
    let image = try source.image(index)
    do throws(ImageTransformationError) {
      let prepared = try pipeline(image, using: RandomGenerator(seed: 0, stream: "views"))
      let length = input.count / TenCrop.count
      for (number, view) in try views(prepared).enumerated() {
        pipeline.encoding.write(
          view, to: UnsafeMutableBufferPointer(rebasing: input[(number * length)..<((number + 1) * length)]))
      }
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
}

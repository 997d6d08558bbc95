public import Foundation

/// CIFAR-10: 50,000 training and 10,000 test photographs of 32x32 pixels in ten classes, from its binary files.
///
/// ```swift
/// let cifar = try CIFAR10(directory: url)                   // the folder cifar-10-batches-bin
/// let pipelines = try Augmentation.small.pipelines(input: [32, 32, 3], statistics: cifar.train.statistics())
/// let training = try PreparedImages(cifar.train, by: pipelines.training, seed: 1)
/// ```
///
/// Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
public struct CIFAR10: Sendable {
  /// The images of `data_batch_1.bin` to `data_batch_5.bin`.
  public let train: CIFARImages
  /// The images of `test_batch.bin`.
  public let test: CIFARImages

  /// The names of the classes.
  public static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  /// Reads the six files.
  ///
  /// - Throws: ``CIFARError``.
  public init(directory: URL) throws(CIFARError) {
    train = try CIFARImages((1...5).map { directory.appendingPathComponent("data_batch_\($0).bin") })
    test = try CIFARImages([directory.appendingPathComponent("test_batch.bin")])
  }
}

public import Foundation
public import Tensors

/// The MNIST database of handwritten digits, or a set of its family: images of 28x28 bytes as pairs of IDX files.
///
/// ```swift
/// let mnist = try MNIST(directory: url)                                              // [28, 28, 1], pixels 0 to 1
/// let lenet = try MNIST(directory: url, scaling: .lecun1998, padding: 2)             // [32, 32, 1], as in 1998
/// ```
///
/// The digits: 60,000 training and 10,000 test images, white on black. LeCun, Bottou, Bengio and Haffner, "Gradient-based
/// learning applied to document recognition", 1998, section III.A.
public struct MNIST: Sendable {
  /// The mean and the standard deviation of the digits' 60,000 training images as `byte / 255`.
  public static let trainingStatistics = PixelStatistics(mean: 0.1306604762738429, deviation: 0.3081078038564622)

  /// The training images.
  public let train: LabelledImages
  /// The test images.
  public let test: LabelledImages

  /// Reads the four files of a set.
  ///
  /// Of each file the first name that exists is taken: `train-images-idx3-ubyte`, the same with `.gz`,
  /// `train-images.idx3-ubyte`, the same with `.gz`, and so on for the other three.
  ///
  /// - Parameters:
  ///   - directory: The folder that holds the files.
  ///   - family: Which set this is: names of files and classes.
  ///   - scaling: How bytes become inputs.
  ///   - padding: Rows and columns of background to add on every side; 2 gives the 32x32 fields of LeNet-5.
  ///   - exampleShape: The shape that examples must have, padding included; unless told, the test images may have any and
  ///     the training images must have the same.
  /// - Throws: ``IDXError`` or ``MNISTError``.
  public init(
    directory: URL, family: Family = .digits, scaling: PixelScaling = .unit, padding: Int = 0,
    exampleShape: Shape? = nil
  ) throws {
    func load(_ prefix: String, _ expected: Shape?) throws -> LabelledImages {
      let images = try Self.locate("\(prefix)-images", rank: 3, in: directory)
      let set = try LabelledImages(
        images: images, labels: Self.locate("\(prefix)-labels", rank: 1, in: directory),
        classNames: family.classNames, firstLabel: family.firstLabel, transposed: family.isTransposed,
        scaling: scaling, padding: padding)
      if let expected, set.exampleShape != expected {
        throw MNISTError.imageSize(
          file: images.path, expected: expected, found: set.exampleShape, padding: padding)
      }
      return set
    }
    test = try load(family.testPrefix, exampleShape)
    train = try load(family.trainPrefix, test.exampleShape)
  }

  /// The first of a file's usual names that exists in `directory`.
  private static func locate(_ stem: String, rank: Int, in directory: URL) throws -> URL {
    let names = ["-", "."].flatMap { separator in
      ["", ".gz"].map { "\(stem)\(separator)idx\(rank)-ubyte\($0)" }
    }
    for name in names {
      let url = directory.appendingPathComponent(name)
      if FileManager.default.fileExists(atPath: url.path) { return url }
    }
    throw MNISTError.missingFile(directory: directory.path, names: names)
  }
}

extension PixelScaling {
  /// MNIST's digits with the training mean subtracted.
  public static let mnistMeanZero = PixelScaling.meanZero(mean: MNIST.trainingStatistics.mean)

  /// MNIST's digits with mean 0 and standard deviation 1 over the training images.
  public static let mnistStandardised = PixelScaling.standardised(MNIST.trainingStatistics)
}

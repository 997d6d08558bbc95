import Foundation
import Ridgeline

/// The examples that saved weights are tried on.
struct TestExamples {
  let examples: any Dataset

  /// Prepares the test set of the data that the arguments name, as the file of weights says.
  ///
  /// - Parameter takesOtherClasses: whether a folder may have other classes than the weights, whose own it then gives.
  init(
    _ name: DataOptions.Name, data: DataOptions, weights: (path: String, contents: WeightsFile.Contents), seed: UInt64,
    takesOtherClasses: Bool = false
  ) throws {
    guard name == .images else {
      guard let test = try data.load(name, for: weights.contents.model, seed: seed).test else {
        throw CommandError("\(name.rawValue) has no test examples")
      }
      examples = test
      return
    }
    guard let classNames = weights.contents.classNames ?? (takesOtherClasses ? [] : nil) else {
      throw CommandError(
        "\(weights.path) does not say the names of its classes (metadata key 'class_names'), which folders go by")
    }
    guard let folder = try data.folder.openForEvaluation(classNames: classNames, takesOtherClasses: takesOtherClasses)
    else {
      throw CommandError("a folder of images is needed: give --images")
    }
    examples = try PreparedImages(folder, by: weights.contents.preparation())
  }

  /// Ten views of each image.
  func tenCrop() throws -> any Dataset {
    guard let images = examples as? PreparedImages else {
      throw CommandError("ten views are taken of image files, found other examples")
    }
    return try TenCropImages(images)
  }
}

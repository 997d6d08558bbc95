import ArgumentParser
import Foundation
import Ridgeline
import Terminal

/// A folder of images, and what happens with those that cannot be read.
struct ImageFolderOptions: ParsableArguments {
  enum Corrupt: String, ExpressibleByArgument, CaseIterable {
    case refuse
    case skip
  }

  @Option(
    help: """
      A folder of PNG and JPEG files: train/CLASS/*.png and test/CLASS/*.png (or val/...), or CLASS/*.png alone.
      """)
  var images: String?
  @Option(help: "Images that cannot be read: refuse, naming them, or skip, naming and counting them.")
  var corruptImages = Corrupt.refuse
  @Option(help: "The most pixels that an image may have.")
  var maximumPixels = ImageDecoding().maximumPixels

  mutating func validate() throws {
    try requirePath(images, "--images")
    if maximumPixels < 1 { throw ValidationError("--maximum-pixels is 1 or more, found \(maximumPixels)") }
  }

  /// How files become images.
  var decoding: ImageDecoding { ImageDecoding(maximumPixels: maximumPixels) }

  /// The training and the test set, every image decoded once to see that it can be; nil where there is no `--images`.
  func open() throws -> ImageData? {
    guard let directory else { return nil }
    let (train, test) = try ImageFolder.split(directory, decoding: decoding)
    return ImageData(train: try checked(train), test: try test.map { try checked($0) })
  }

  /// The set to evaluate weights on: the test set, or the whole folder where there is none.
  ///
  /// - Parameter takesOtherClasses: whether a folder whose subfolders have other names keeps them as its classes.
  func openForEvaluation(classNames: [String], takesOtherClasses: Bool = false) throws -> ImageFolder? {
    guard let directory else { return nil }
    let folder: ImageFolder
    do throws(ImageFolderError) {
      folder = try ImageFolder.forEvaluation(directory, classNames: classNames, decoding: decoding)
    } catch .unknownClass where takesOtherClasses {
      folder = try ImageFolder.forEvaluation(directory, classNames: nil, decoding: decoding)
    }
    return try checked(folder)
  }

  private var directory: URL? { images.map { URL(fileURLWithPath: $0, isDirectory: true) } }

  private func checked(_ folder: ImageFolder) throws -> ImageFolder {
    let line = StatusLine()
    line.draw { _ in "looking through \(folder.count) images" }
    defer { line.clear() }
    switch corruptImages {
    case .refuse:
      do {
        try folder.refuseCorrupt()
      } catch {
        throw CommandError("\(error)\n--corrupt-images skip leaves them out")
      }
      return folder
    case .skip:
      let sound = try folder.skippingCorrupt()
      if !sound.skipped.isEmpty {
        line.print("\(sound.skipped.count) of \(folder.count) images are left out:\n\(ImageFolder.list(sound.skipped))")
      }
      return sound
    }
  }
}

/// Images as they are found in a folder, before a model says how it takes them.
struct ImageData {
  let train: ImageFolder
  let test: ImageFolder?

  /// How a model's recipe prepares them; the training set's statistics are computed where it asks for them.
  ///
  /// - Parameter augmentation: in the place of the recipe's.
  func pipelines(
    for model: Model, augmentation: Augmentation? = nil
  ) throws -> (training: ImagePipeline, evaluation: ImagePipeline) {
    let augmentation = augmentation ?? model.augmentation
    let channels = model.inputShape.dimensions.last ?? 3
    let statistics = augmentation.needsStatistics ? try train.statistics(channels: channels) : nil
    return try augmentation.pipelines(input: model.inputShape, statistics: statistics)
  }

  /// The sets, prepared as a model's recipe says.
  func prepared(for model: Model, augmentation: Augmentation? = nil, seed: UInt64) throws -> PreparedData {
    let (training, evaluation) = try pipelines(for: model, augmentation: augmentation)
    return try PreparedData(self, training: training, evaluation: evaluation, seed: seed)
  }
}

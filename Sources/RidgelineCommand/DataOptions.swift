import ArgumentParser
import Foundation
import Ridgeline
import Terminal

/// Which data a command works on.
struct DataOptions: ParsableArguments {
  enum Name: String, ExpressibleByArgument, CaseIterable {
    case shapeset
    case mnist
    case images
  }

  @Option(
    help: """
      The data: shapeset (generated, nothing is downloaded), mnist (IDX files, plain or .gz) or images (a folder of PNG or JPEG \
      files). Unless told mnist where --data-directory is given, images where --images is; else what the weights were trained \
      on, and for new weights shapeset.
      """)
  var dataset: Name?

  @Option(help: "The folder of MNIST's four files.")
  var dataDirectory: String?

  @OptionGroup var folder: ImageFolderOptions

  // Mistakes in the arguments are found here and not in `run()`: only then does the message end with the usage of the
  // subcommand and not with that of `ridgeline`.
  mutating func validate() throws {
    try requirePath(dataDirectory, "--data-directory")
    if dataDirectory != nil, folder.images != nil {
      throw ValidationError("--data-directory is MNIST's folder and --images one of image files: give one of them")
    }
    if let dataset, dataset != .images, folder.images != nil {
      throw ValidationError("--dataset \(dataset.rawValue) is not read from --images; leave one of them out")
    }
    if dataset == .images, folder.images == nil {
      throw ValidationError("--dataset images needs --images with the folder of images")
    }
    if dataset == .mnist, dataDirectory == nil {
      throw ValidationError(
        "--dataset mnist needs --data-directory with the four IDX files; scripts/fetch-mnist downloads them")
    }
    if dataset == .shapeset, dataDirectory != nil {
      throw ValidationError("--dataset shapeset is generated; leave out --data-directory, or take --dataset mnist")
    }
  }

  /// The data that new weights are trained on.
  var nameForTraining: Name { given ?? .shapeset }

  /// The data that the arguments name, if they do.
  private var given: Name? {
    if let dataset { return dataset }
    if folder.images != nil { return .images }
    return dataDirectory == nil ? nil : .mnist
  }

  /// The data for weights that a file holds.
  ///
  /// - Parameter recorded: the data that the file says they were trained on.
  func name(for file: String, trainedOn recorded: String?) throws(CommandError) -> Name {
    if let given {
      if let recorded, recorded != given.rawValue {
        StatusLine().print("note: the weights were trained on \(recorded), and are used on \(given.rawValue)")
      }
      return given
    }
    guard let recorded else {
      throw CommandError(
        "\(file) does not say which data its weights were trained on: give --dataset shapeset, --data-directory or --images"
      )
    }
    switch Name(rawValue: recorded) {
    case .shapeset: return .shapeset
    case .mnist: throw CommandError("the weights in \(file) were trained on mnist: give its folder by --data-directory")
    case .images: throw CommandError("the weights in \(file) were trained on images: give a folder of them by --images")
    case nil:
      throw CommandError(
        "the weights in \(file) were trained on '\(recorded)': give --dataset, --data-directory or --images")
    }
  }

  /// Both halves of a dataset that comes in a network's own size, prepared for a model.
  func load(_ name: Name, for model: Model, seed: UInt64) throws -> PreparedData {
    guard model.inputShape[2] == 1 else {
      throw CommandError(
        "\(model.architecture) takes images in colour, which \(name.rawValue) has not: give a folder of them by --images"
      )
    }
    switch name {
    case .mnist: return try PreparedData(mnist: URL(fileURLWithPath: dataDirectory ?? ""), for: model)
    case .shapeset: return try PreparedData(shapesetFor: model, seed: seed)
    case .images: preconditionFailure("a folder of images is opened before its model is made")
    }
  }
}

/// Training and test examples as a model takes them.
struct PreparedData {
  let name: DataOptions.Name
  /// What the examples are, in a few words.
  let description: String
  let train: any Dataset
  /// Nil where a folder of images has no test set.
  let test: (any Dataset)?
  /// What a weight file says about the data.
  let metadata: [String: String]

  init(mnist directory: URL, for model: Model) throws {
    let mnist = try MNIST(
      directory: directory, scaling: model.preprocessing.scaling, padding: model.preprocessing.padding,
      exampleShape: model.inputShape)
    (name, train, test) = (.mnist, mnist.train, mnist.test)
    metadata = try WeightsFile.metadata(.mnist, classNames: mnist.train.classNames)
    description = "mnist, \(mnist.train.count) training and \(mnist.test.count) test images"
  }

  /// Shapeset with mean 0 and deviation 1, at the size that the model takes.
  ///
  /// The model's own scaling is made for dark images with bright strokes, whose mean it brings to about 0; Shapeset's mean
  /// is a half.
  init(shapesetFor model: Model, seed: UInt64) throws {
    let (height, width) = (model.inputShape[0], model.inputShape[1])
    func images(_ set: Shapeset) throws -> any Dataset {
      set.exampleShape == model.inputShape ? set : try ResizedImages(set, height: height, width: width)
    }
    name = .shapeset
    train = try images(Shapeset(seed: seed, scaling: .shapeset()))
    let test = try images(Shapeset(seed: seed, count: 5_000, stream: .test, scaling: .shapeset()))
    self.test = test
    metadata = try WeightsFile.metadata(.shapeset, classNames: train.classNames)
    let size = Shapeset.size == height && Shapeset.size == width ? "" : ", brought to \(height)x\(width)"
    description =
      "shapeset, \(train.count) generated images a pass, new ones each, and \(test.count) test images of "
      + "\(Shapeset.size)x\(Shapeset.size)\(size); \(train.classNames.count) classes"
  }

  /// A folder of images, prepared by a recipe.
  init(_ images: ImageData, training: ImagePipeline, evaluation: ImagePipeline, seed: UInt64) throws {
    name = .images
    train = try PreparedImages(images.train, by: training, seed: seed)
    test = try images.test.map { try PreparedImages($0, by: evaluation) }
    metadata = try WeightsFile.metadata(.images, classNames: train.classNames, preparation: evaluation)
    description =
      "\(images.train.count) training and \(images.test?.count ?? 0) test images of \(train.classNames.count) classes, "
      + "prepared by: \(training)"
  }
}

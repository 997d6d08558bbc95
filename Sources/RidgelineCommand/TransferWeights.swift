import ArgumentParser
import Foundation
import Ridgeline

struct TransferWeights: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfer", abstract: "Train saved weights further on the classes of a folder of images.",
    discussion: """
      The head, the last dense layer, is drawn anew for the folder's classes; all other layers are taken over. \
      --freeze-through leaves the layers up to the named one as they are; without it all are trained, at rates that fall by \
      --rate-decay a layer from the head down.
      """)

  @Option(help: "The weights to begin from (safetensors); the file says which network they are for.")
  var weights: String
  @OptionGroup var folder: ImageFolderOptions
  @Option(help: "The last layer that stays as it is.")
  var freezeThrough: String?
  @Option(help: "The factor by which learning rates fall a layer, above 0 and at most 1; 1 unless told.")
  var rateDecay: Double?
  @Option(help: "Passes over the training images.")
  var epochs = 10
  @Option(help: "Images a step.")
  var batch = 32
  @Option(help: "The learning rate of the head.")
  var learningRate = 0.01
  @Option(help: "The weights to write (safetensors).")
  var output: String
  @Option(help: "Seed of the head and of the order of the images.")
  var seed: UInt64 = 1
  @OptionGroup var threads: ThreadOptions

  mutating func validate() throws {
    try requirePath(weights, "--weights")
    try requirePath(output, "--output")
    if folder.images == nil { throw ValidationError("--images is needed: a folder of images, a subfolder a class") }
    if epochs < 1 { throw ValidationError("--epochs is 1 or more, found \(epochs)") }
    if batch < 1 { throw ValidationError("--batch is 1 or more, found \(batch)") }
    if let rateDecay {
      guard rateDecay > 0, rateDecay <= 1 else {
        throw ValidationError("--rate-decay is above 0 and at most 1, found \(rateDecay)")
      }
      if freezeThrough != nil {
        throw ValidationError("--rate-decay is for training all layers: leave it out, or --freeze-through")
      }
    }
    if !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate is a finite number above 0, found \(learningRate)")
    }
  }

  func run() throws {
    let url = URL(fileURLWithPath: output)
    try WeightsFile.checkWritable(url)
    let pool = threads.pool()
    let source = try WeightsFile.read(URL(fileURLWithPath: weights), pool: pool)
    guard let images = try folder.open() else { return }
    let classes = images.train.classNames.count
    let model = try Model(
      named: source.model.architecture, variant: source.model.variant, input: source.model.inputShape[0],
      classes: classes)
    let preparation = try source.preparation()
    let data = try PreparedData(images, training: preparation, evaluation: preparation, seed: seed)
    let method: TransferMethod = freezeThrough.map { .frozen(through: $0) } ?? .fineTuned(decay: rateDecay ?? 1)
    let trainer = try Transfer(source.model.network, weights: source.trainer.weights)
      .trainer(
        method, classes: classes, input: model.inputShape, loss: model.recipe.loss,
        optimizer: SGD(learningRate: learningRate, momentum: 0.9), seed: seed, pool: pool)
    try trainer.fit(data.train, epochs: epochs, batch: batch)
    try WeightsFile.write(trainer, model: model, trainedOn: data, to: url)
    let examples = data.test ?? data.train
    let error = try trainer.classify(examples).top1Error
    try Output.line(
      String(
        format: "%d classes, \(data.test == nil ? "training" : "test") error %.2f %% on %d images", classes,
        100 * error,
        examples.count) + "; the weights are in \(output)")
  }
}

import ArgumentParser
import Foundation
import Ridgeline

/// Refuses an empty path, which would mean the working folder: it comes of a shell's variable that is not set.
func requirePath(_ path: String?, _ option: String) throws {
  if let path, path.isEmpty { throw ValidationError("\(option) names a file or a folder, found an empty text") }
}

/// Which data a command works on.
struct DataOptions: ParsableArguments {
  enum Name: String, ExpressibleByArgument, CaseIterable {
    case mnist
    case shapeset
  }

  @Option(help: "The data: mnist (IDX files, plain or .gz) or shapeset (generated).")
  var dataset: Name = .mnist

  @Option(help: "The folder of the dataset's files.")
  var dataDirectory: String?

  // Mistakes in the arguments are found here and not in `run()`: only then does the message end with the usage of the
  // subcommand and not with that of `ridgeline`.
  mutating func validate() throws {
    try requirePath(dataDirectory, "--data-directory")
    if dataset == .mnist, dataDirectory == nil {
      throw ValidationError(
        "--dataset mnist needs --data-directory with the four IDX files; scripts/fetch-mnist downloads them")
    }
  }

  /// The two halves of a dataset, prepared for a model.
  func load(for model: Model, seed: UInt64) throws -> (train: any Dataset, test: any Dataset) {
    switch dataset {
    case .mnist:
      let mnist = try MNIST(
        directory: URL(fileURLWithPath: dataDirectory ?? ""), scaling: model.preprocessing.scaling,
        padding: model.preprocessing.padding, exampleShape: model.inputShape)
      return (mnist.train, mnist.test)
    case .shapeset:
      guard model.inputShape == [Shapeset.size, Shapeset.size, 1] else {
        throw CommandError(
          "shapeset has images of \(Shapeset.size)x\(Shapeset.size), \(model.architecture) \(model.variant) takes "
            + "\(model.inputShape)")
      }
      return (
        Shapeset(seed: seed, scaling: model.preprocessing.scaling),
        Shapeset(seed: seed, count: 5_000, stream: .test, scaling: model.preprocessing.scaling)
      )
    }
  }
}

/// Which network a command works on.
struct ModelOptions: ParsableArguments {
  @Argument(help: "The architecture: lenet5.")
  var architecture: String

  @Option(help: "The variant: modern or original.")
  var variant: String?

  mutating func validate() throws {
    do {
      _ = try model()
    } catch {
      throw ValidationError(error.description)
    }
  }

  func model() throws(ModelError) -> Model { try Model(named: architecture, variant: variant) }
}

/// How many threads a command works with.
struct ThreadOptions: ParsableArguments {
  @Option(
    help: "Threads, 1 to 64; unless told RIDGELINE_THREADS, or as many as the system grants. Results are the same.")
  var threads: Int?

  mutating func validate() throws {
    if let threads, !(1...ThreadPool.maximumThreadCount).contains(threads) {
      throw ValidationError("--threads is 1 to \(ThreadPool.maximumThreadCount), found \(threads)")
    }
    do {
      try ThreadPool.checkEnvironment()
    } catch {
      throw ValidationError(error.description)
    }
  }

  func pool() -> ThreadPool { threads.map { ThreadPool(threads: $0) } ?? .shared }

  /// Gives the shared pool this many threads, as long as nobody has used it: it asks the environment when it is made.
  func setSharedPool() {
    if let threads { setenv("RIDGELINE_THREADS", "\(threads)", 1) }
  }
}

import ArgumentParser
import Foundation
import Ridgeline

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

  /// The two halves of a dataset, prepared for a model.
  func load(for model: Model, seed: UInt64) throws -> (train: any Dataset, test: any Dataset) {
    switch dataset {
    case .mnist:
      guard let dataDirectory else {
        throw ValidationError(
          "--dataset mnist needs --data-directory with the four IDX files; scripts/fetch-mnist downloads them")
      }
      let mnist = try MNIST(
        directory: URL(fileURLWithPath: dataDirectory), scaling: model.preprocessing.scaling,
        padding: model.preprocessing.padding)
      return (mnist.train, mnist.test)
    case .shapeset:
      guard model.inputShape == [Shapeset.size, Shapeset.size, 1] else {
        throw ValidationError(
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

  func model() throws -> Model {
    do {
      return try Model(named: architecture, variant: variant)
    } catch {
      throw ValidationError(error.description)
    }
  }
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
  }

  func pool() -> ThreadPool { threads.map { ThreadPool(threads: $0) } ?? .shared }
}

extension Recipe {
  /// Another rate at the start, where the schedule does not name rates of its own.
  mutating func setLearningRate(_ rate: Double) throws {
    if case .fixed(.table) = annealing {
      throw ValidationError("--learning-rate cannot be given: this recipe's schedule is a table of rates")
    }
    optimizer.learningRate = rate
  }
}

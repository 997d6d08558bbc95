import ArgumentParser
import Foundation
import Ridgeline

/// Refuses an empty path, which would mean the working folder: it comes of a shell's variable that is not set.
func requirePath(_ path: String?, _ option: String) throws {
  if let path, path.isEmpty { throw ValidationError("\(option) names a file or a folder, found an empty text") }
}

/// Refuses the name of a network that does not exist.
func requireNetwork(_ name: String?) throws {
  guard let name else { return }
  do {
    _ = try Model(named: name)
  } catch {
    throw ValidationError("--as: \(error)")
  }
}

/// Which network a command works on.
struct ModelOptions: ParsableArguments {
  @Argument(
    help: """
      The network: \(Model.catalogue.filter(\.isDefault).map(\.name).joined(separator: ", ")), or one of these with a \
      hyphen and a variant, such as alexnet-caffe or vgg16-bn.
      """)
  var architecture: String

  @Option(
    help: """
      The variant, where the name does not say it: \
      \(Model.known.map { "\($0.variants.joined(separator: ", ")) (\($0.architecture))" }.joined(separator: "; ")).
      """)
  var variant: String?

  mutating func validate() throws {
    do {
      _ = try model()
    } catch {
      throw ValidationError(error.description)
    }
  }

  /// The network, of the published size unless another is given.
  func model(input: Int? = nil, classes: Int? = nil) throws(ModelError) -> Model {
    try Model(named: architecture, variant: variant, input: input, classes: classes)
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

import ArgumentParser
import Ridgeline
import Terminal

@main
struct RidgelineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ridgeline",
    abstract: "Trains, evaluates and explains historical networks and penalised regressions on OpenBLAS.",
    version: Version.description,
    subcommands: [
      Train.self, Evaluate.self, Predict.self, Summary.self, Show.self, Features.self, Cluster.self,
      TransferWeights.self,
      Inspect.self, Convert.self, Regress.self, Study.self, Benchmark.self,
    ])

  static func main() { runAsMain() }
}

/// What `--version` prints: the program, the BLAS library with its kernel, and the instruction set of our own loops.
enum Version {
  static let number = "0.1.0"

  static var description: String {
    """
    ridgeline \(number)
    BLAS: \(BLASInformation.current.description)
    SIMD level: \(VectorLevel.current)
    threads: \(ThreadPool.defaultThreadCount)\(remark)
    """
  }

  /// What there is to say about a number of threads that was asked for and is not used.
  private static var remark: String {
    do throws(ThreadCountError) {
      try ThreadPool.checkEnvironment()
      return ""
    } catch {
      return " (\(error); ignored)"
    }
  }
}

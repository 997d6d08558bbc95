import ArgumentParser
import BLAS
import Foundation
import LinearModels

@main
struct RegressionTiming: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "regression-timing",
    abstract: "Times the lasso's path and cross-validation and ridge's leave-one-out on a binary problem file.",
    discussion:
      "Each prints a line of JSON for each repetition. Standardisation and Gram matrices are inside the time.",
    subcommands: [Path.self, CrossValidate.self, LeaveOneOut.self, Fit.self])
}

/// What the three have in common.
struct TimingOptions: ParsableArguments {
  @Argument(help: "The problem, as Benchmarks/Peers/regression_problems.py writes it.")
  var file: String
  @Option(help: "How many lambdas (100).")
  var count = 100
  @Option(help: "The last lambda divided by the first.")
  var ratio = 0.01
  @Option(help: "The relative duality gap.")
  var tolerance = 1e-6
  @Option(help: "How often the work is timed.")
  var repetitions = 1

  /// Times the work and prints what it took.
  func time(_ problem: ProblemFile, _ work: () throws -> [String: Any]) throws {
    for _ in 0..<repetitions {
      let start = ContinuousClock.now
      var result = try work()
      let elapsed = start.duration(to: .now)
      result["seconds"] =
        result["seconds"] ?? Double(elapsed.components.seconds) + 1e-18 * Double(elapsed.components.attoseconds)
      result["input_bytes"] = problem.bytes
      result["peak_bytes"] = ProcessMemory.peakResidentBytes ?? 0
      result["threads"] = ThreadPool.shared.threadCount
      let data = try JSONSerialization.data(withJSONObject: result, options: .sortedKeys)
      print(String(decoding: data, as: UTF8.self))
    }
  }
}

struct Path: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "The lasso along a grid of lambdas.")
  @OptionGroup var options: TimingOptions
  @Option(help: "A file for the coefficients, for the judge.")
  var output: String?
  @Flag(help: "Print the support, the iterations and the gap of every lambda to standard error.")
  var verbose = false

  func run() throws {
    let problem = try ProblemFile(options.file)
    try options.time(problem) {
      let lasso = Lasso(lambda: 1, settings: RegressionSettings(tolerance: options.tolerance))
      let start = ContinuousClock.now
      let path = try lasso.path(
        problem.x, problem.y, grid: .automatic(count: options.count, ratio: options.ratio))
      let elapsed = start.duration(to: .now).components
      if let output { try writeCoefficients(path.fits, to: output) }
      if verbose {
        for fit in path.fits {
          let line = "\(fit.l1) \(fit.coefficients.support.count) \(fit.certificate.iterations) \(fit.dualityGap)\n"
          FileHandle.standardError.write(Data(line.utf8))
        }
      }
      // The coefficients once on each scale: a column and a value.
      let stored = path.fits.reduce(0) { $0 + 32 * $1.coefficients.support.count }
      return [
        "seconds": Double(elapsed.seconds) + 1e-18 * Double(elapsed.attoseconds),
        "gap": path.fits.map(\.dualityGap).max() ?? 0, "certified": path.isCertified,
        "largest_support": path.fits.map(\.coefficients.support.count).max() ?? 0, "coefficient_bytes": stored,
        "iterations": path.fits.reduce(0) { $0 + $1.certificate.iterations },
      ]
    }
  }
}

struct CrossValidate: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "K-fold cross-validation of the lasso.")
  @OptionGroup var options: TimingOptions
  @Option(help: "The number of folds.")
  var folds = 10

  func run() throws {
    let problem = try ProblemFile(options.file)
    try options.time(problem) {
      let lasso = Lasso(lambda: 1, settings: RegressionSettings(tolerance: options.tolerance))
      let result = try lasso.crossValidate(
        problem.x, problem.y, grid: .automatic(count: options.count, ratio: options.ratio),
        folds: .predefined((0..<problem.y.count).map { $0 * folds / problem.y.count }))
      return [
        "certified": result.isCertified, "lambda": result.lambdas[result.minimum].value,
        "mean_error": result.meanError[result.minimum], "errors": result.meanError,
      ]
    }
  }
}

struct LeaveOneOut: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "leave-one-out", abstract: "Ridge's leave-one-out errors for a geometric grid of lambdas.")
  @OptionGroup var options: TimingOptions
  @Option(help: "The largest lambda.")
  var largest = 1e6

  func run() throws {
    let problem = try ProblemFile(options.file)
    try options.time(problem) {
      let step = log(options.ratio) / Double(options.count - 1)
      let lambdas = (0..<options.count).map { Lambda(largest * exp(step * Double($0))) }
      let analysis = try RidgeAnalysis(problem.x, problem.y)
      let validation = try analysis.validate(lambdas)
      let best = validation.leaveOneOutMinimum ?? 0
      return ["lambda": lambdas[best].value, "error": validation.leaveOneOut[best], "errors": validation.leaveOneOut]
    }
  }
}

struct Fit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fits the regressions of some files, a line of JSON each, for the comparison of results.")
  @Argument(help: "Files as Benchmarks/Peers/regression_agreement.py writes them.")
  var files: [String]
  @Option(help: "The relative duality gap.")
  var tolerance = 1e-12

  func run() throws {
    for file in files {
      let result = try FitFile(URL(fileURLWithPath: file), tolerance: tolerance).fit()
      // An objective that is unbounded below has no number in JSON.
      let written = result.mapValues { value in (value as? Double).map { $0.isFinite ? $0 : -1e300 } ?? value }
      let data = try JSONSerialization.data(withJSONObject: written, options: .sortedKeys)
      print(String(decoding: data, as: UTF8.self))
    }
  }
}

import ArgumentParser
import Ridgeline

/// What is said about a fit besides the fit: how sure its selection, its coefficients and its predictions are.
struct UncertaintyOptions: ParsableArguments {
  @Option(help: "The share of subsamples from which on --stability calls a column stable (0.75).")
  var threshold: Double?
  @Option(
    help: "The most columns that a subsample of --stability may select; it stops down the grid before there are more.")
  var mostSelected: Int?
  @Option(help: "Intervals of the coefficients from so many resamples (pairs bootstrap).")
  var bootstrap: Int?
  @Option(help: "Prediction intervals from so many folds (CV+), saved with the model and printed by --model.")
  var conformal: Int?
  @Option(help: "The level of intervals (0.95).")
  var level: Double?

  static let defaultThreshold = 0.75
  static let defaultLevel = 0.95

  var chosenThreshold: Double { threshold ?? Self.defaultThreshold }
  var chosenLevel: Double { level ?? Self.defaultLevel }

  /// The flags that a saved model has behind it.
  var fitFlags: [String] {
    let given: [(Bool, String)] = [
      (threshold != nil, "--threshold"), (mostSelected != nil, "--most-selected"), (bootstrap != nil, "--bootstrap"),
      (conformal != nil, "--conformal"),
    ]
    return given.filter(\.0).map(\.1)
  }

  mutating func validate() throws {
    if let threshold, !(threshold > 0.5 && threshold <= 1) {
      throw ValidationError("--threshold is above 0.5 and at most 1, found \(threshold)")
    }
    if let mostSelected, mostSelected < 1 {
      throw ValidationError("--most-selected is at least 1, found \(mostSelected)")
    }
    if let bootstrap, !(2...1_000_000).contains(bootstrap) {
      throw ValidationError("--bootstrap is 2 to 1,000,000 resamples, found \(bootstrap)")
    }
    if let conformal, !(2...1_000_000).contains(conformal) {
      throw ValidationError("--conformal is 2 to 1,000,000 folds, found \(conformal)")
    }
    // Intervals of predictions take two ranks that must be in order.
    if let level, !(level > 0.5 && level < 1) {
      throw ValidationError("--level is above 0.5 and below 1, found \(level)")
    }
  }

  /// What does not go with the fit that is asked for.
  func check(_ options: RegressionOptions) throws {
    if options.stability == nil,
      let flag = [(threshold != nil, "--threshold"), (mostSelected != nil, "--most-selected")]
        .first(where: \.0)?.1
    {
      throw ValidationError("\(flag) is for --stability")
    }
    let single = [(bootstrap != nil, "--bootstrap"), (conformal != nil, "--conformal")].filter(\.0).map(\.1)
    if options.path || options.stability != nil, let flag = single.first {
      throw ValidationError("\(flag) needs one fit: give --lambda, --cross-validate or --penalty none")
    }
    if conformal != nil, options.family != .squared { throw ValidationError("--conformal is for --family squared") }
    if level != nil, single.isEmpty { throw ValidationError("--level is for --bootstrap, --conformal and --model") }
  }
}

/// The fit's own answers to them.
struct RegressionUncertainty {
  let bootstrap: Bootstrap?
  let conformal: ConformalIntervals?
  let level: Double

  var isCertified: Bool { bootstrap?.isCertified != false && conformal?.isCertified != false }

  /// - Parameter fit: The fit that is reported, whose strength all others have.
  init(_ fit: RegressionFit?, _ data: RegressionData, _ options: RegressionOptions, _ asked: UncertaintyOptions) throws
  {
    level = asked.chosenLevel
    guard let fit, asked.bootstrap != nil || asked.conformal != nil else {
      (bootstrap, conformal) = (nil, nil)
      return
    }
    let total = fit.l1 + fit.l2
    let model = GeneralizedLinearModel(
      fit.family, penalty: total > 0 ? .elasticNet(.rss(total), mixing: fit.l1 / total) : .none,
      settings: options.settings)
    bootstrap = try asked.bootstrap.map {
      try model.bootstrap(
        data.x, data.y, weights: data.weights, offsets: data.offsets, resamples: $0,
        random: RandomGenerator(seed: options.seed, stream: "bootstrap"))
    }
    conformal = try asked.conformal.map {
      try model.conformalIntervals(
        data.x, data.y, weights: data.weights, offsets: data.offsets, folds: .random(count: $0, seed: options.seed))
    }
  }
}

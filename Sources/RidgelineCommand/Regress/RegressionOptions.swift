import ArgumentParser
import Ridgeline

/// Which penalised regression is fitted.
struct RegressionOptions: ParsableArguments {
  enum Penalty: String, ExpressibleByArgument, CaseIterable {
    case leastSquares = "none"
    case ridge
    case lasso
    case elasticNet = "elastic-net"
  }

  enum Loss: String, ExpressibleByArgument, CaseIterable {
    case squared
    case logistic
    case poisson

    var family: Family {
      switch self {
      case .squared: .gaussian
      case .logistic: .binomial
      case .poisson: .poisson
      }
    }
  }

  enum Choice: String, ExpressibleByArgument, CaseIterable {
    case minimum
    case oneStandardError = "one-standard-error"
  }

  enum Scale: String, ExpressibleByArgument, CaseIterable {
    case rss
    case sklearn
    case glmnet
    case lars

    var lambda: LambdaScale {
      switch self {
      case .rss: .rss
      case .sklearn: .sklearn
      case .glmnet: .glmnet
      case .lars: .lars
      }
    }
  }

  enum Standardising: String, ExpressibleByArgument, CaseIterable {
    case population
    case sample
    case unitNorm = "unit-norm"
    case none

    var standardisation: Standardisation {
      switch self {
      case .population: .population
      case .sample: .sample
      case .unitNorm: .unitNorm
      case .none: .none
      }
    }
  }

  @Option(help: "none (least squares), ridge, lasso or elastic-net.")
  var penalty: Penalty?
  @Option(
    help: ArgumentHelp(
      "squared, logistic (a target of two categories, or from 0 to 1) or poisson (counts): with the last two, a deviance "
        + "takes the place of RSS."))
  var family: Loss = .squared
  @Option(
    help: "The share of the L1 norm in an elastic net, from 0 to 1 (0.5): scikit-learn's l1_ratio, glmnet's alpha.")
  var mixing: Double?
  // Whatever follows is its value, so that a negative one is called what it is.
  @Option(parsing: .unconditional, help: "The strength of the penalty.")
  var lambda: Double?
  @Option(help: "The units of lambda: rss (RSS + lambda * penalty), sklearn, glmnet or lars.")
  var lambdaScale: Scale = .rss
  @Flag(help: "Fit a whole grid of lambdas, from the first that leaves every coefficient at 0.")
  var path = false
  @Option(help: "Choose lambda on that grid by so many folds.")
  var crossValidate: Int?
  @Option(help: "Count how often each column is selected along that grid, on so many random halves of the rows.")
  var stability: Int?
  @Option(help: "Which fit of --cross-validate is reported and saved: minimum or one-standard-error.")
  var choose: Choice?
  @Option(help: "The number of lambdas of the grid (100).")
  var lambdas: Int?
  @Option(help: "The last lambda of the grid divided by the first (1e-4 with more rows than columns, 1e-2 otherwise).")
  var lambdaRatio: Double?
  @Option(
    help: "What columns are divided by: population (1/n deviation), sample (1/(n - 1)), unit-norm or none.")
  var standardize: Standardising = .population
  @Flag(help: "Leave the intercept out.")
  var noIntercept = false
  @Option(help: "The relative duality gap at which a fit counts as converged.")
  var tolerance = 1e-8
  @Option(help: "Seed of the folds, halves and resamples.")
  var seed: UInt64 = 1

  /// The flags that speak of a fit, which a model that is read has behind it.
  var fitFlags: [String] {
    let given: [(Bool, String)] = [
      (penalty != nil, "--penalty"), (mixing != nil, "--mixing"), (lambda != nil, "--lambda"), (path, "--path"),
      (crossValidate != nil, "--cross-validate"), (stability != nil, "--stability"), (choose != nil, "--choose"),
      (lambdas != nil, "--lambdas"),
      (lambdaRatio != nil, "--lambda-ratio"), (noIntercept, "--no-intercept"),
      (family != .squared, "--family"),
    ]
    return given.filter(\.0).map(\.1)
  }

  mutating func validate() throws {
    if let mixing {
      guard penalty == .elasticNet else { throw ValidationError("--mixing is for --penalty elastic-net") }
      guard mixing >= 0, mixing <= 1 else { throw ValidationError("--mixing is 0 to 1, found \(mixing)") }
    }
    if let lambda, !(lambda >= 0 && lambda.isFinite) {
      throw ValidationError("--lambda is finite and not negative, found \(lambda)")
    }
    guard tolerance > 0, tolerance.isFinite else {
      throw ValidationError("--tolerance is finite and above 0, found \(tolerance)")
    }
    let ways = [
      (lambda != nil, "--lambda"), (path, "--path"), (crossValidate != nil, "--cross-validate"),
      (stability != nil, "--stability"),
    ]
    let given = ways.filter(\.0).map(\.1)
    if given.count > 1 {
      throw ValidationError("\(given.joined(separator: " and ")) exclude each other")
    }
    switch penalty {
    case .leastSquares:
      if let flag = given.first { throw ValidationError("\(flag) needs a penalty; --penalty none has no lambda") }
    case .some:
      if given.isEmpty { throw ValidationError("give one of --lambda, --path, --cross-validate and --stability") }
    case nil: break
    }
    if let crossValidate, !(2...1_000_000).contains(crossValidate) {
      throw ValidationError("--cross-validate is 2 to 1,000,000 folds, found \(crossValidate)")
    }
    if let stability {
      guard (1...1_000_000).contains(stability) else {
        throw ValidationError("--stability is 1 to 1,000,000 halves, found \(stability)")
      }
      guard share > 0 else { throw ValidationError("--stability needs a penalty that selects: lasso or elastic-net") }
    }
    if let lambdas {
      guard isGrid else { throw ValidationError("--lambdas is for --path, --cross-validate and --stability") }
      guard (1...100_000).contains(lambdas) else {
        throw ValidationError("--lambdas is 1 to 100,000, found \(lambdas)")
      }
    }
    if let lambdaRatio {
      guard isGrid else { throw ValidationError("--lambda-ratio is for --path, --cross-validate and --stability") }
      guard lambdaRatio > 0, lambdaRatio < 1 else {
        throw ValidationError("--lambda-ratio is above 0 and below 1, found \(lambdaRatio)")
      }
    }
    if choose != nil, crossValidate == nil { throw ValidationError("--choose is for --cross-validate") }
  }

  /// Whether there is a grid of lambdas.
  var isGrid: Bool { path || crossValidate != nil || stability != nil }

  /// The share of the L1 norm.
  var share: Double {
    switch penalty {
    case .leastSquares, .ridge, nil: 0
    case .lasso: 1
    case .elasticNet: mixing ?? 0.5
    }
  }

  /// The penalty of a family's model at a lambda.
  func regressionPenalty(_ lambda: Lambda) -> RegressionPenalty {
    switch penalty {
    case .leastSquares, nil: .none
    case .ridge: .ridge(lambda)
    case .lasso: .lasso(lambda)
    case .elasticNet: .elasticNet(lambda, mixing: share)
    }
  }

  var settings: RegressionSettings {
    RegressionSettings(
      standardisation: standardize.standardisation, intercept: !noIntercept, tolerance: tolerance)
  }

  static let gridCount = 100

  var grid: LambdaGrid { .automatic(count: lambdas ?? Self.gridCount, ratio: lambdaRatio) }
}

import Foundation
import Ridgeline

/// A fit of one lambda.
struct PenalisedFit {
  /// In the units that were asked for.
  let lambda: Lambda
  let fit: RegressionFit
  /// Without the intercept; nil where it would take longer than the fit.
  let degreesOfFreedom: Double?
}

/// What a regression gives.
struct RegressionResult {
  enum Kind {
    case leastSquares(LeastSquaresFit)
    case single(PenalisedFit)
    case path([PenalisedFit])
    case crossValidation(CrossValidation, [PenalisedFit], chosen: Int)
  }

  let kind: Kind
  /// What conversions of lambda depend on; nil for least squares, which has none.
  let context: LambdaContext?
  /// The time of the fit, standardising included, reading not.
  let seconds: Double

  init(_ data: RegressionData, _ options: RegressionOptions) throws {
    let start = ContinuousClock.now
    if options.family != .squared {
      let fitted = try Self.generalized(data, options)
      kind = fitted.kind
      context = fitted.context
      seconds = start.duration(to: .now) / .seconds(1)
      return
    }
    if options.penalty == .leastSquares {
      let model = LeastSquares(
        intercept: !options.noIntercept, tolerance: options.tolerance,
        standardisation: options.standardize.standardisation)
      kind = .leastSquares(try model.fit(data.x, data.y, weights: data.weights, offsets: data.offsets))
      context = nil
      seconds = start.duration(to: .now) / .seconds(1)
      return
    }
    let model = ElasticNet(lambda: 0, mixing: options.share, settings: options.settings)
    let scale = options.lambdaScale.lambda
    let grid = try options.lambda.map { .values([Lambda($0, scale: scale)]) } ?? Self.grid(model, data, options)
    let (path, validation): (RegularizationPath, CrossValidation?)
    if let folds = options.crossValidate {
      let result = try model.crossValidate(
        data.x, data.y, weights: data.weights, offsets: data.offsets, grid: grid,
        folds: .random(count: folds, seed: options.seed))
      (path, validation) = (result.path, result)
    } else {
      path = try model.path(data.x, data.y, weights: data.weights, offsets: data.offsets, grid: grid)
      validation = nil
    }
    seconds = start.duration(to: .now) / .seconds(1)
    context = path.lambdaContext
    let degrees = try Self.degreesOfFreedom(path, data, options)
    var fits: [PenalisedFit] = []
    for (index, fit) in path.fits.enumerated() {
      // An elastic net's lambda is on its scale already.
      let term: PenaltyTerm = options.share == 0 ? .l2 : .l1
      let lambda = try path.lambdas[index].converted(to: scale, term: term, in: path.lambdaContext)
      fits.append(PenalisedFit(lambda: lambda, fit: RegressionFit(fit), degreesOfFreedom: degrees?[index]))
    }
    if let validation {
      kind = .crossValidation(
        validation, fits,
        chosen: options.choose == .oneStandardError ? validation.oneStandardError : validation.minimum)
    } else if options.path {
      kind = .path(fits)
    } else {
      kind = .single(fits[0])
    }
  }

  /// The lambdas of a path.
  ///
  /// An elastic net's two parts have units of their own on other scales, so that no one number there is a lambda of `.rss`
  /// with the same mixing: its grid is laid on the scale that is asked for.
  private static func grid(
    _ model: ElasticNet, _ data: RegressionData, _ options: RegressionOptions
  ) throws -> LambdaGrid {
    guard options.share > 0, options.share < 1, options.lambdaScale != .rss else { return options.grid }
    let first = try model.path(
      data.x, data.y, weights: data.weights, offsets: data.offsets, grid: .automatic(count: 1))
    let largest = try first.lambdas[0].converted(
      to: options.lambdaScale.lambda, term: .l1, in: first.lambdaContext)
    let ratio = options.lambdaRatio ?? (data.x.rows > data.x.columns ? 1e-4 : 1e-2)
    let steps = Double(max((options.lambdas ?? RegressionOptions.gridCount) - 1, 1))
    return .values(
      (0..<(options.lambdas ?? RegressionOptions.gridCount)).map {
        Lambda(largest.value * pow(ratio, Double($0) / steps), scale: largest.scale)
      })
  }

  /// The largest system that is worth decomposing for the degrees of freedom alone.
  private static let largestSystem = 2_000

  private static func degreesOfFreedom(
    _ path: RegularizationPath, _ data: RegressionData, _ options: RegressionOptions
  ) throws -> [Double]? {
    if options.share == 1 { return path.degreesOfFreedom }
    if options.share == 0 {
      guard min(data.x.rows, data.x.columns) <= largestSystem else { return nil }
      let analysis = try RidgeAnalysis(
        data.x, data.y, weights: data.weights, offsets: data.offsets, settings: options.settings)
      return try path.lambdas.map { try analysis.degreesOfFreedom($0) }
    }
    let most = path.fits.map(\.coefficients.support.count).max() ?? 0
    return most <= largestSystem ? path.degreesOfFreedom : nil
  }

  /// A fit of another family, which has one lambda, or none.
  private static func generalized(
    _ data: RegressionData, _ options: RegressionOptions
  ) throws -> (kind: Kind, context: LambdaContext) {
    let lambda = Lambda(options.lambda ?? 0, scale: options.lambdaScale.lambda)
    let model = GeneralizedLinearModel(
      options.family.family, penalty: options.regressionPenalty(lambda), settings: options.settings)
    let fit = try model.fit(data.x, data.y, weights: data.weights, offsets: data.offsets)
    let context = LambdaContext(
      observations: data.weights?.reduce(0, +) ?? Double(data.y.count), targetDeviation: 1,
      standardisation: options.standardize.standardisation, family: options.family.family)
    let count = fit.l2 == 0 ? Double(fit.coefficients.support.count) : nil
    return (.single(PenalisedFit(lambda: lambda, fit: RegressionFit(fit), degreesOfFreedom: count)), context)
  }

  /// The fit that is reported and saved; nil for a path, which has many.
  var fit: RegressionFit? {
    switch kind {
    case .leastSquares(let fit): RegressionFit(fit.fit)
    case .single(let fit): fit.fit
    case .path: nil
    case .crossValidation(_, let fits, let chosen): fits[chosen].fit
    }
  }

  /// Whether everything has converged, the fits of all lambdas and folds included.
  var isCertified: Bool {
    switch kind {
    case .leastSquares(let fit): fit.fit.isCertified
    case .single(let fit): fit.fit.isCertified
    case .path(let fits): fits.allSatisfy(\.fit.isCertified)
    case .crossValidation(let validation, _, _): validation.isCertified
    }
  }
}

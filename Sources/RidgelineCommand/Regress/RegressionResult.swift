import Foundation
import Ridgeline

/// A fit of one lambda.
struct PenalisedFit {
  /// Prices of degrees of freedom beside the likelihood; see ``InformationCriterion``.
  struct Criteria {
    let akaike: Double
    let bayes: Double
    let extendedBayes: Double
  }

  /// In the units that were asked for.
  let lambda: Lambda
  let fit: RegressionFit
  /// Without the intercept; nil where it would take longer than the fit.
  let degreesOfFreedom: Double?
  /// Nil without degrees of freedom.
  let criteria: Criteria?
}

/// What a regression gives.
struct RegressionResult {
  enum Kind {
    case leastSquares(LeastSquaresFit)
    case single(PenalisedFit)
    case path([PenalisedFit])
    case crossValidation(any LambdaValidation, [PenalisedFit], chosen: Int)
  }

  let kind: Kind
  /// What conversions of lambda depend on; nil for least squares, which has none.
  let context: LambdaContext?
  /// The time of the fit, standardising included, reading not.
  let seconds: Double

  init(_ data: RegressionData, _ options: RegressionOptions) throws {
    let start = ContinuousClock.now
    if options.penalty == .leastSquares, options.family == .squared {
      let model = LeastSquares(
        intercept: !options.noIntercept, tolerance: options.tolerance,
        standardisation: options.standardize.standardisation)
      kind = .leastSquares(try model.fit(data.x, data.y, weights: data.weights, offsets: data.offsets))
      context = nil
      seconds = start.duration(to: .now) / .seconds(1)
      return
    }
    if options.penalty == .leastSquares {
      (kind, context) = try Self.likelihood(data, options)
      seconds = start.duration(to: .now) / .seconds(1)
      return
    }
    let scale = options.lambdaScale.lambda
    let model = RegressionModel(data, options)
    let isGrid = options.path || options.crossValidate != nil
    let grid = isGrid ? try Self.grid(model, options) : .values([Lambda(options.lambda ?? 0, scale: scale)])
    let (path, validation) = try model.fits(
      grid, folds: options.crossValidate.map { .random(count: $0, seed: options.seed) })
    seconds = start.duration(to: .now) / .seconds(1)
    context = path.context
    let degrees = try model.degreesOfFreedom(path)
    let criteria = try degrees.map { try model.criteria(path, $0) }
    var fits: [PenalisedFit] = []
    for (index, fit) in path.fits.enumerated() {
      // An elastic net's lambda is on its scale already.
      let term: PenaltyTerm = options.share == 0 ? .l2 : .l1
      let lambda = try path.lambdas[index].converted(to: scale, term: term, in: path.context)
      fits.append(
        PenalisedFit(lambda: lambda, fit: fit, degreesOfFreedom: degrees?[index], criteria: criteria?[index]))
    }
    if let validation {
      kind = .crossValidation(
        validation, fits,
        chosen: options.choose == .oneStandardError ? validation.oneStandardError : validation.minimum)
    } else {
      kind = options.path ? .path(fits) : .single(fits[0])
    }
  }

  /// The lambdas of a path.
  ///
  /// An elastic net's two parts have units of their own on other scales, so that no one number there is a lambda of `.rss`
  /// with the same mixing: its grid is laid on the scale that is asked for.
  private static func grid(_ model: RegressionModel, _ options: RegressionOptions) throws -> LambdaGrid {
    guard options.share > 0, options.share < 1, options.lambdaScale != .rss else { return options.grid }
    let first = try model.fits(.automatic(count: 1), folds: nil).path
    let largest = try first.lambdas[0].converted(to: options.lambdaScale.lambda, term: .l1, in: first.context)
    let ratio = options.lambdaRatio ?? (model.data.x.rows > model.data.x.columns ? 1e-4 : 1e-2)
    let count = options.lambdas ?? RegressionOptions.gridCount
    let steps = Double(max(count - 1, 1))
    return .values(
      (0..<count).map { Lambda(largest.value * pow(ratio, Double($0) / steps), scale: largest.scale) })
  }

  /// A fit of another family without a penalty.
  private static func likelihood(
    _ data: RegressionData, _ options: RegressionOptions
  ) throws -> (kind: Kind, context: LambdaContext) {
    let model = GeneralizedLinearModel(options.family.family, settings: options.settings)
    let fit = try model.fit(data.x, data.y, weights: data.weights, offsets: data.offsets)
    let context = LambdaContext(
      observations: data.weights?.reduce(0, +) ?? Double(data.y.count), targetDeviation: 1,
      standardisation: options.standardize.standardisation, family: options.family.family)
    let count = Double(fit.coefficients.support.count)
    return (
      .single(PenalisedFit(lambda: 0, fit: RegressionFit(fit), degreesOfFreedom: count, criteria: nil)), context
    )
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

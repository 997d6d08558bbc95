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
    case likelihood(MaximumLikelihoodFit)
    case single(PenalisedFit)
    case path([PenalisedFit])
    case crossValidation(any LambdaValidation, [PenalisedFit], chosen: Int)
    /// With the lambdas in the units that were asked for.
    case stability(StabilitySelection, [Lambda])
  }

  let kind: Kind
  /// What conversions of lambda depend on; nil without a penalty.
  let context: LambdaContext?
  /// The time of the fit, standardising included, reading not.
  let seconds: Double
  let uncertainty: RegressionUncertainty

  init(_ data: RegressionData, _ options: RegressionOptions, _ asked: UncertaintyOptions) throws {
    (kind, context, seconds) = try Self.fitted(data, options, asked)
    uncertainty = try RegressionUncertainty(Self.fit(of: kind), data, options, asked)
  }

  private static func fitted(
    _ data: RegressionData, _ options: RegressionOptions, _ asked: UncertaintyOptions
  ) throws -> (kind: Kind, context: LambdaContext?, seconds: Double) {
    let start = ContinuousClock.now
    var seconds: Double { start.duration(to: .now) / .seconds(1) }
    if options.penalty == .leastSquares, options.family == .squared {
      let model = LeastSquares(
        intercept: !options.noIntercept, tolerance: options.tolerance,
        standardisation: options.standardize.standardisation)
      let fit = try model.fit(data.x, data.y, weights: data.weights, offsets: data.offsets)
      return (.leastSquares(fit), nil, seconds)
    }
    if options.penalty == .leastSquares {
      let model = MaximumLikelihood(
        options.family.family, intercept: !options.noIntercept, tolerance: options.tolerance,
        standardisation: options.standardize.standardisation, analysesDeviance: data.x.columns <= mostAnalysed)
      let fit = try model.fit(data.x, data.y, weights: data.weights, offsets: data.offsets)
      return (.likelihood(fit), nil, seconds)
    }
    let scale = options.lambdaScale.lambda
    // An elastic net's lambda is on its scale already.
    let term: PenaltyTerm = options.share == 0 ? .l2 : .l1
    let model = RegressionModel(data, options)
    let grid = options.isGrid ? try Self.grid(model, options) : .values([Lambda(options.lambda ?? 0, scale: scale)])
    if let halves = options.stability {
      let found = try model.general.stabilitySelection(
        data.x, data.y, weights: data.weights, offsets: data.offsets, grid: grid, sampling: .independent(halves),
        maximumSelected: asked.mostSelected, random: RandomGenerator(seed: options.seed, stream: "stability"))
      let context = found.lambdaContext
      let lambdas = try found.lambdas.map { try $0.converted(to: scale, term: term, in: context) }
      return (.stability(found, lambdas), context, seconds)
    }
    let (path, validation) = try model.fits(
      grid, folds: options.crossValidate.map { .random(count: $0, seed: options.seed) })
    let elapsed = seconds
    let degrees = try model.degreesOfFreedom(path)
    let criteria = try degrees.map { try model.criteria(path, $0) }
    var fits: [PenalisedFit] = []
    for (index, fit) in path.fits.enumerated() {
      let lambda = try path.lambdas[index].converted(to: scale, term: term, in: path.context)
      fits.append(
        PenalisedFit(lambda: lambda, fit: fit, degreesOfFreedom: degrees?[index], criteria: criteria?[index]))
    }
    guard let validation else { return (options.path ? .path(fits) : .single(fits[0]), path.context, elapsed) }
    let chosen = options.choose == .oneStandardError ? validation.oneStandardError : validation.minimum
    return (.crossValidation(validation, fits, chosen: chosen), path.context, elapsed)
  }

  /// An analysis of deviance takes a fit for each column.
  private static let mostAnalysed = 100

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

  /// The fit that is reported and saved; nil for a path, which has many.
  var fit: RegressionFit? { Self.fit(of: kind) }

  private static func fit(of kind: Kind) -> RegressionFit? {
    switch kind {
    case .leastSquares(let fit): RegressionFit(fit.fit)
    case .likelihood(let fit): RegressionFit(fit.fit)
    case .single(let fit): fit.fit
    case .path, .stability: nil
    case .crossValidation(_, let fits, let chosen): fits[chosen].fit
    }
  }

  /// Whether everything has converged, the fits of all lambdas and folds included.
  var isCertified: Bool {
    guard uncertainty.isCertified else { return false }
    return switch kind {
    case .leastSquares(let fit): fit.fit.isCertified
    case .likelihood(let fit): fit.fit.isCertified
    case .stability(let stability, _): stability.isCertified
    case .single(let fit): fit.fit.isCertified
    case .path(let fits): fits.allSatisfy(\.fit.isCertified)
    case .crossValidation(let validation, _, _): validation.isCertified
    }
  }
}

import Ridgeline

/// The model that the options describe, of whatever family, with what it is fitted to.
struct RegressionModel {
  /// The fits of a grid.
  struct Path {
    fileprivate enum Source {
      case squared(RegularizationPath)
      case generalized(GeneralizedPath)
    }

    let lambdas: [Lambda]
    let fits: [RegressionFit]
    /// What conversions of lambda depend on.
    let context: LambdaContext
    fileprivate let source: Source

    fileprivate init(_ path: RegularizationPath) {
      (lambdas, fits, context) = (path.lambdas, path.fits.map { RegressionFit($0) }, path.lambdaContext)
      source = .squared(path)
    }

    fileprivate init(_ path: GeneralizedPath) {
      (lambdas, fits, context) = (path.lambdas, path.fits.map { RegressionFit($0) }, path.lambdaContext)
      source = .generalized(path)
    }
  }

  let data: RegressionData
  let options: RegressionOptions

  init(_ data: RegressionData, _ options: RegressionOptions) { (self.data, self.options) = (data, options) }

  /// The model as one of any family.
  var general: GeneralizedLinearModel {
    GeneralizedLinearModel(
      options.family.family, penalty: options.regressionPenalty(0), settings: options.settings)
  }

  /// The fits of all observations, and with folds their errors on what was held out.
  func fits(_ grid: LambdaGrid, folds: Folds?) throws -> (path: Path, validation: (any LambdaValidation)?) {
    if options.family == .squared {
      let model = ElasticNet(lambda: 0, mixing: options.share, settings: options.settings)
      guard let folds else {
        return (
          Path(try model.path(data.x, data.y, weights: data.weights, offsets: data.offsets, grid: grid)), nil
        )
      }
      let validation = try model.crossValidate(
        data.x, data.y, weights: data.weights, offsets: data.offsets, grid: grid, folds: folds)
      return (Path(validation.path), validation)
    }
    let model = general
    guard let folds else {
      return (Path(try model.path(data.x, data.y, weights: data.weights, offsets: data.offsets, grid: grid)), nil)
    }
    let validation = try model.crossValidate(
      data.x, data.y, weights: data.weights, offsets: data.offsets, grid: grid, folds: folds)
    return (Path(validation.path), validation)
  }

  /// The largest system that is worth decomposing for the degrees of freedom alone.
  private static let largestSystem = 2_000

  /// Those of each fit, without the intercept; nil where they would take longer than the fits.
  func degreesOfFreedom(_ path: Path) throws -> [Double]? {
    let most = path.fits.map(\.coefficients.support.count).max() ?? 0
    switch path.source {
    case .squared(let squared):
      if options.share == 1 { return squared.degreesOfFreedom }
      if options.share > 0 { return most <= Self.largestSystem ? squared.degreesOfFreedom : nil }
      guard min(data.x.rows, data.x.columns) <= Self.largestSystem else { return nil }
      let analysis = try RidgeAnalysis(
        data.x, data.y, weights: data.weights, offsets: data.offsets, settings: options.settings)
      return try squared.lambdas.map { try analysis.degreesOfFreedom($0) }
    case .generalized(let generalized):
      let isLight = options.share == 1 || most <= Self.largestSystem
      return isLight ? try generalized.degreesOfFreedom() : nil
    }
  }

  /// AIC, BIC and EBIC (with a gamma of 1) of each fit.
  func criteria(_ path: Path, _ degrees: [Double]) throws -> [PenalisedFit.Criteria] {
    func values(_ criterion: InformationCriterion) throws -> [Double] {
      switch path.source {
      case .squared(let squared): squared.informationCriteria(criterion, degreesOfFreedom: degrees)
      case .generalized(let generalized):
        try generalized.informationCriteria(criterion, degreesOfFreedom: degrees)
      }
    }
    let (akaike, bayes) = (try values(.akaike), try values(.bayes))
    let extended = try values(.extendedBayes(gamma: 1))
    return degrees.indices.map {
      PenalisedFit.Criteria(akaike: akaike[$0], bayes: bayes[$0], extendedBayes: extended[$0])
    }
  }
}

import Ridgeline

/// One fit as JSON; the names are the keys.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct RegressionFitReport: Encodable {
  let lambda: Double?
  let lambdaScale: String?
  let coefficients: [String: Double]
  let standardizedCoefficients: [String: Double]
  let intercept: Double
  let rss: Double?
  let rSquared: Double?
  let deviance: Double?
  let nullDeviance: Double?
  let explainedDeviance: Double?
  let degreesOfFreedom: Double?
  let aic: Double?
  let bic: Double?
  let ebic: Double?
  let dualityGap: Double
  let kktViolation: Double
  let certified: Bool
  let state: String
  let solver: String
  let reciprocalCondition: Double?
  let seconds: Double

  init(_ fit: RegressionFit, _ penalised: PenalisedFit? = nil, names: RegressionReport.Names, seconds: Double) {
    lambda = penalised?.lambda.value
    lambdaScale = penalised?.lambda.scale.rawValue
    coefficients = names.dictionary(fit.coefficients)
    standardizedCoefficients = names.dictionary(fit.standardizedCoefficients)
    intercept = fit.intercept
    let isSquared = fit.family == .gaussian
    (rss, rSquared) = isSquared ? (fit.loss, fit.explained) : (nil, nil)
    (deviance, nullDeviance, explainedDeviance) = isSquared ? (nil, nil, nil) : (fit.loss, fit.nullLoss, fit.explained)
    degreesOfFreedom = penalised?.degreesOfFreedom
    (aic, bic) = (penalised?.criteria?.akaike, penalised?.criteria?.bayes)
    ebic = penalised?.criteria?.extendedBayes
    dualityGap = fit.certificate.dualityGap
    kktViolation = fit.certificate.kktViolation
    certified = fit.isCertified
    state = fit.certificate.state.rawValue
    solver = fit.solver.solver.rawValue
    reciprocalCondition = fit.solver.reciprocalCondition
    self.seconds = seconds
  }
}

/// The result of a regression as one JSON object.
struct RegressionReport: Encodable {
  /// Which coefficients are written.
  enum Names {
    case all
    /// Those that are not 0: there may be hundreds of thousands of columns without names of their own.
    case nonzero

    func dictionary(_ coefficients: Coefficients) -> [String: Double] {
      switch self {
      case .all: Dictionary(uniqueKeysWithValues: zip(coefficients.names, coefficients.values))
      case .nonzero:
        Dictionary(
          uniqueKeysWithValues: zip(coefficients.support.map { coefficients.names[$0] }, coefficients.nonzero))
      }
    }
  }

  private struct Setting: Encodable {
    let family: String
    let target: String
    let targetCategories: [String]?
    let rows: Int
    let columns: Int
    let droppedRows: Int
    let standardization: String
    let baselines: [String: String]
  }

  private struct Path: Encodable {
    let path: [RegressionFitReport]
    let certified: Bool
    let seconds: Double
  }

  private struct Validation: Encodable {
    let lambdas: [Double]
    let meanError: [Double]
    let standardError: [Double]
    let lambdaMinimum: Double
    let lambdaOneStandardError: Double
    /// Instead of the chosen fit's alone: the fits of all lambdas and folds.
    let certified: Bool
  }

  private struct Inference: Encodable {
    let standardErrors: [String: Double]
    let tValues: [String: Double]
    let pValues: [String: Double]
    let confidenceIntervals: [String: [Double]]
    let residualStandardError: Double
    let residualDegreesOfFreedom: Int
    let adjustedRSquared: Double
    let fStatistic: Double?
    let fPValue: Double?

    init(_ fit: LeastSquaresFit) throws {
      func values<Value>(_ value: (LeastSquaresFit.Term) -> Value) -> [String: Value] {
        // A column may be called as the intercept is; the intercept comes first.
        Dictionary(fit.terms.map { ($0.name, value($0)) }, uniquingKeysWith: { first, _ in first })
      }
      standardErrors = values(\.standardError)
      tValues = values(\.tValue)
      pValues = values(\.pValue)
      let intervals = try fit.confidenceIntervals()
      confidenceIntervals = Dictionary(
        zip(fit.terms, intervals).map { ($0.name, [$1.lowerBound, $1.upperBound]) },
        uniquingKeysWith: { first, _ in first })
      residualStandardError = fit.residualStandardError
      residualDegreesOfFreedom = fit.degreesOfFreedom
      adjustedRSquared = fit.adjustedRSquared
      (fStatistic, fPValue) = (fit.fStatistic, fit.fPValue)
    }
  }

  private struct LikelihoodInference: Encodable {
    let standardErrors: [String: Double]
    let zValues: [String: Double]
    let pValues: [String: Double]
    let confidenceIntervals: [String: [Double]]
    let residualDegreesOfFreedom: Int
    let nullDegreesOfFreedom: Int
    let logLikelihood: Double
    let aic: Double
    let bic: Double
    let devianceTable: [DevianceLine]

    struct DevianceLine: Encodable {
      let column: String
      let deviance: Double
      let residualDeviance: Double
      let residualDegreesOfFreedom: Int
      let pValue: Double
    }

    init(_ fit: MaximumLikelihoodFit) throws {
      func values<Value>(_ value: (MaximumLikelihoodFit.Term) -> Value) -> [String: Value] {
        // A column may be called as the intercept is; the intercept comes first.
        Dictionary(fit.terms.map { ($0.name, value($0)) }, uniquingKeysWith: { first, _ in first })
      }
      (standardErrors, zValues, pValues) = (values(\.standardError), values(\.zValue), values(\.pValue))
      let intervals = try fit.confidenceIntervals()
      confidenceIntervals = Dictionary(
        zip(fit.terms, intervals).map { ($0.name, [$1.lowerBound, $1.upperBound]) },
        uniquingKeysWith: { first, _ in first })
      (residualDegreesOfFreedom, nullDegreesOfFreedom) = (fit.degreesOfFreedom, fit.nullDegreesOfFreedom)
      (logLikelihood, aic, bic) = (fit.logLikelihood, fit.akaike, fit.bayes)
      devianceTable = fit.devianceTable.map {
        DevianceLine(
          column: $0.name, deviance: $0.deviance, residualDeviance: $0.residualDeviance,
          residualDegreesOfFreedom: $0.residualDegreesOfFreedom, pValue: $0.pValue)
      }
    }
  }

  private let parts: [any Encodable]

  init(
    _ result: RegressionResult, _ data: RegressionData, _ options: RegressionOptions, _ asked: UncertaintyOptions
  ) throws {
    let names = data.encoding == nil ? Names.nonzero : .all
    func report(_ fit: PenalisedFit) -> RegressionFitReport {
      RegressionFitReport(fit.fit, fit, names: names, seconds: result.seconds)
    }
    let setting = Setting(
      family: options.family.rawValue, target: data.target, targetCategories: data.targetCategories, rows: data.x.rows,
      columns: data.x.columns, droppedRows: data.droppedRows,
      standardization: options.standardize.standardisation.rawValue, baselines: data.baselines)
    let uncertainty = try UncertaintyReport(result.uncertainty, names: names)
    switch result.kind {
    case .leastSquares(let fit):
      parts = [
        setting, RegressionFitReport(RegressionFit(fit.fit), names: names, seconds: result.seconds), try Inference(fit),
        uncertainty,
      ]
    case .likelihood(let fit):
      parts = [
        setting, RegressionFitReport(RegressionFit(fit.fit), names: names, seconds: result.seconds),
        try LikelihoodInference(fit), uncertainty,
      ]
    case .stability(let stability, let lambdas):
      parts = [
        setting,
        try StabilityReport(
          stability, threshold: asked.chosenThreshold, lambdas: lambdas, names: names, seconds: result.seconds),
      ]
    case .single(let fit): parts = [setting, report(fit), uncertainty]
    case .path(let fits):
      parts = [setting, Path(path: fits.map(report), certified: result.isCertified, seconds: result.seconds)]
    case .crossValidation(let validation, let fits, let chosen):
      let lambdas = fits.map(\.lambda.value)
      parts = [
        setting, report(fits[chosen]),
        Validation(
          lambdas: lambdas, meanError: validation.meanError, standardError: validation.standardError,
          lambdaMinimum: lambdas[validation.minimum], lambdaOneStandardError: lambdas[validation.oneStandardError],
          certified: result.isCertified),
        uncertainty,
      ]
    }
  }

  /// The keys of all parts in one object.
  func encode(to encoder: any Encoder) throws {
    for part in parts { try part.encode(to: encoder) }
  }
}

import BLAS

/// The relaxed lasso: φ times the lasso's coefficients plus 1 − φ times those of a fit without penalty on its support
/// (Hastie, Tibshirani and Tibshirani, Statistical Science 35, 2020, after Meinshausen, 2007).
///
/// ```swift
/// let fit = try RelaxedLasso(lambda: 10, blend: 0.5).fit(x, y)
/// fit.coefficients; fit.lasso.certificate; fit.refit.certificate
/// ```
///
/// A blend of 1 is the lasso, 0 the refit; it is `gamma` of R's glmnet. The intercept is blended likewise. The blend
/// minimises nothing by itself: the two fits have the certificates.
public struct RelaxedLasso: LinearModel {
  /// The strength of the penalty.
  public var lambda: Lambda
  /// φ, from 0 (the refit) to 1 (the lasso).
  public var blend: Double
  /// The family; Gaussian by default.
  public var family: Family
  /// Standardisation, intercept, penalty factors, bounds (of both fits), tolerance.
  public var settings: RegressionSettings

  /// Makes a model.
  public init(
    lambda: Lambda, blend: Double = 0, family: Family = .gaussian, settings: RegressionSettings = RegressionSettings()
  ) {
    (self.lambda, self.blend, self.family, self.settings) = (lambda, blend, family, settings)
  }

  /// Fits the lasso and then its support; see ``LinearModel/fit(_:_:weights:offsets:)``.
  public func fit(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?
  ) throws(LinearModelError) -> RelaxedLassoFit {
    try validate(blend)
    let all = Observations(x: x, y: y, weights: weights, offsets: offsets)
    let lasso = try RegressionPenalty.lasso(lambda).fit(family, settings, x, y, weights, offsets)
    return blended(lasso, try refit(lasso.coefficients.support, all), all)
  }

  /// Checks a blend.
  func validate(_ blend: Double) throws(LinearModelError) {
    guard blend >= 0, blend <= 1 else {
      throw .invalidParameter(name: "the blend of the relaxed lasso", expected: "between 0 and 1", found: blend)
    }
  }

  /// The fit without penalty on some columns.
  func refit(_ support: [Int], _ all: Observations) throws(LinearModelError) -> GeneralizedLinearFit {
    var refitSettings = settings
    refitSettings.penaltyFactors = nil
    if let bounds = settings.bounds {
      let (lower, upper) = try bounds.values(all.x.names)
      refitSettings.bounds = .each(lower: support.map { lower[$0] }, upper: support.map { upper[$0] })
    }
    return try RegressionPenalty.none.fit(
      family, refitSettings, all.x.selectingColumns(support), all.y, all.weights, all.offsets)
  }

  /// The blend of a lasso and the refit on its support.
  func blended(_ lasso: GeneralizedLinearFit, _ refit: GeneralizedLinearFit, _ all: Observations) -> RelaxedLassoFit {
    var values = [Double](repeating: 0, count: all.x.columns)
    for (position, column) in lasso.coefficients.support.enumerated() {
      // The ends are the fits themselves.
      let (shrunk, free) = (lasso.coefficients[column], refit.coefficients[position])
      values[column] = blend == 1 ? shrunk : blend * shrunk + (1 - blend) * free
    }
    let coefficients = Coefficients(names: all.x.names, values: values)
    let intercept = blend == 1 ? lasso.intercept : blend * lasso.intercept + (1 - blend) * refit.intercept
    var predictors = [Double](repeating: intercept, count: all.x.rows)
    all.x.addProduct(coefficients, to: &predictors)
    var deviance = 0.0
    for row in predictors.indices {
      let weight = all.weights?[row] ?? 1
      guard weight > 0 else { continue }
      let predictor = predictors[row] + (all.offsets?[row] ?? 0)
      deviance += weight * family.unitDeviance(all.y[row], linearPredictor: predictor)
    }
    return RelaxedLassoFit(
      lasso: lasso, refit: refit, blend: blend, coefficients: coefficients,
      standardizedCoefficients: lasso.statistics.standardisedScale(coefficients), intercept: intercept,
      deviance: deviance)
  }
}

/// A fit of the relaxed lasso.
public struct RelaxedLassoFit: Sendable {
  /// The lasso.
  public let lasso: GeneralizedLinearFit
  /// The fit without penalty on the columns of the lasso's support, which are the only ones it has.
  public let refit: GeneralizedLinearFit
  /// φ.
  public let blend: Double
  /// The blended coefficients on the original scale.
  public let coefficients: Coefficients
  /// The blended coefficients on the standardised scale.
  public let standardizedCoefficients: Coefficients
  /// The blended intercept.
  public let intercept: Double
  /// The deviance of the blend.
  public let deviance: Double

  /// The deviance of the intercept and the offsets alone.
  public var nullDeviance: Double { lasso.nullDeviance }
  /// Whether both fits have converged.
  public var isCertified: Bool { lasso.isCertified && refit.isCertified }

  /// The predictions; see ``GeneralizedLinearFit/predict(_:scale:offsets:)``.
  ///
  /// - Throws: ``LinearModelError/wrongLength(of:expected:found:)``.
  public func predict(
    _ x: DesignMatrix, scale: GeneralizedLinearFit.PredictionScale = .response, offsets: [Double]? = nil
  ) throws(LinearModelError) -> [Double] {
    try lasso.family.predict(x, coefficients, intercept, scale, offsets)
  }
}

extension RelaxedLassoFit: CustomStringConvertible {
  /// A table of the blend beside the two fits, and how they ended.
  public var description: String {
    var lines = [["", "Coefficient", "Lasso", "Refit"]]
    lines.append(["(Intercept)"] + [intercept, lasso.intercept, refit.intercept].map(TextTable.number))
    for (position, column) in lasso.coefficients.support.enumerated() {
      lines.append(
        [coefficients.names[column]]
          + [coefficients[column], lasso.coefficients[column], refit.coefficients[position]].map(TextTable.number))
    }
    var text = TextTable.lines(lines)
    text.append("---")
    text.append("Blend: \(TextTable.number(blend)) of the lasso at l1 \(TextTable.number(lasso.l1))")
    text.append("Deviance: \(TextTable.number(deviance)) of \(TextTable.number(nullDeviance))")
    text.append("Lasso: \(TextTable.summary(lasso.certificate, lasso.solver))")
    text.append("Refit: \(TextTable.summary(refit.certificate, refit.solver))")
    return text.joined(separator: "\n")
  }
}

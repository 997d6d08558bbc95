import RealModule

/// The adaptive lasso: a lasso whose penalty factors are v_j / |b̂_j|^γ with the coefficients b̂ of a pilot fit, so that what
/// the pilot finds large is shrunk little (Zou, Journal of the American Statistical Association 101, 2006).
///
/// ```swift
/// let fit = try AdaptiveLasso(lambda: 10, pilot: .ridge(5)).fit(x, y)
/// fit.fit.coefficients; fit.factors; fit.pilot
/// ```
///
/// b̂ are standardised coefficients, and no smaller than 1e-9 of the largest of them, so that the factors are finite. The
/// penalty factors v of the settings belong to both fits, the bounds to the second alone.
public struct AdaptiveLasso: LinearModel {
  /// Where the factors come from.
  public enum Pilot: Sendable, Hashable {
    /// A fit without penalty; of smallest norm where the columns are dependent and the loss is squared.
    case unpenalised
    /// A ridge fit.
    case ridge(Lambda)
  }

  /// The strength of the penalty.
  public var lambda: Lambda
  /// The pilot fit; without penalty by default.
  public var pilot: Pilot
  /// γ; 1 by default.
  public var exponent: Double
  /// The family; Gaussian by default.
  public var family: Family
  /// Standardisation, intercept, penalty factors, bounds, tolerance.
  public var settings: RegressionSettings

  /// Makes a model.
  public init(
    lambda: Lambda, pilot: Pilot = .unpenalised, exponent: Double = 1, family: Family = .gaussian,
    settings: RegressionSettings = RegressionSettings()
  ) {
    (self.lambda, self.pilot, self.exponent) = (lambda, pilot, exponent)
    (self.family, self.settings) = (family, settings)
  }

  /// Fits the pilot and the model; see ``LinearModel/fit(_:_:weights:offsets:)``.
  public func fit(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?
  ) throws(LinearModelError) -> AdaptiveLassoFit {
    let first = try pilotFit(x, y, weights, offsets)
    let factors = factors(first)
    let model = second(factors)
    return AdaptiveLassoFit(
      pilot: first, factors: factors,
      fit: try model.penalty.fit(family, model.settings, x, y, weights, offsets))
  }

  /// The model of the pilot, without bounds.
  var pilotModel: GeneralizedLinearModel {
    var settings = settings
    settings.bounds = nil
    switch pilot {
    case .unpenalised: return GeneralizedLinearModel(family, penalty: .none, settings: settings)
    case .ridge(let lambda): return GeneralizedLinearModel(family, penalty: .ridge(lambda), settings: settings)
    }
  }

  /// The fit that the factors are made of.
  func pilotFit(
    _ x: DesignMatrix, _ y: [Double], _ weights: [Double]?, _ offsets: [Double]?
  ) throws(LinearModelError) -> GeneralizedLinearFit {
    guard exponent > 0, exponent.isFinite else {
      throw .invalidParameter(
        name: "the exponent of the adaptive lasso", expected: "positive and finite", found: exponent)
    }
    if let factors = settings.penaltyFactors {
      try requireEntries(factors, "the penalty factors", count: x.columns, negative: false)
    }
    let model = pilotModel
    return try model.penalty.fit(family, model.settings, x, y, weights, offsets)
  }

  /// v_j / |b̂_j|^γ of a pilot's fit.
  func factors(_ pilot: GeneralizedLinearFit) -> [Double] {
    let sizes = pilot.standardizedCoefficients.values.map(\.magnitude)
    let largest = sizes.max() ?? 0
    let floor = 1e-9 * (largest > 0 ? largest : 1)
    return sizes.enumerated().map { column, size in
      (settings.penaltyFactors?[column] ?? 1) / Double.pow(max(size, floor), exponent)
    }
  }

  /// The lasso with such factors.
  func second(_ factors: [Double]) -> GeneralizedLinearModel {
    var settings = settings
    settings.penaltyFactors = factors
    return GeneralizedLinearModel(family, penalty: .lasso(lambda), settings: settings)
  }
}

/// A fit of the adaptive lasso with its pilot.
public struct AdaptiveLassoFit: Sendable {
  /// The pilot fit.
  public let pilot: GeneralizedLinearFit
  /// The penalty factors made of it.
  public let factors: [Double]
  /// The lasso with these factors, and its certificate.
  public let fit: GeneralizedLinearFit

  /// The coefficients of the lasso on the original scale.
  public var coefficients: Coefficients { fit.coefficients }
  /// Whether both fits have converged: factors of a pilot that has not are not the adaptive lasso's.
  public var isCertified: Bool { pilot.isCertified && fit.isCertified }
}

extension AdaptiveLassoFit: CustomStringConvertible {
  /// The table of the lasso, and how the pilot ended.
  public var description: String {
    fit.description + "\nPilot: \(TextTable.summary(pilot.certificate, pilot.solver))"
  }
}

extension RegressionPenalty {
  /// The fit of a family by the solver that is made for it.
  func fit(
    _ family: Family, _ settings: RegressionSettings, _ x: DesignMatrix, _ y: [Double], _ weights: [Double]?,
    _ offsets: [Double]?
  ) throws(LinearModelError) -> GeneralizedLinearFit {
    if family == .gaussian, try groups(settings) == nil {
      let model = ElasticNet(lambda: lambda, mixing: mixing, settings: settings)
      // A ridge in its own units; the elastic net without an L1 part is the same fit.
      return GeneralizedLinearFit(try model.fit(x, y, weights: weights, offsets: offsets))
    }
    return try GeneralizedLinearModel(family, penalty: self, settings: settings)
      .fit(x, y, weights: weights, offsets: offsets)
  }
}

extension GeneralizedLinearFit {
  /// A fit of the squared loss, whose deviance is its residual sum of squares.
  init(_ fit: LinearFit) {
    family = .gaussian
    (coefficients, standardizedCoefficients, intercept) = (
      fit.coefficients, fit.standardizedCoefficients, fit.intercept
    )
    (l1, l2, deviance, nullDeviance) = (fit.l1, fit.l2, fit.rss, fit.totalSumOfSquares)
    (certificate, solver, statistics) = (fit.certificate, fit.solver, fit.statistics)
  }
}

import Ridgeline

/// What the fits of all families have in common.
struct RegressionFit {
  let family: Family
  let coefficients: Coefficients
  let standardizedCoefficients: Coefficients
  let intercept: Double
  let l1: Double
  let l2: Double
  /// RSS, or another family's deviance.
  let loss: Double
  /// The same of the intercept alone.
  let nullLoss: Double
  /// R-squared, or the share of the deviance.
  let explained: Double
  let certificate: Certificate
  let solver: SolverReport

  var isCertified: Bool { certificate.isCertified }

  init(_ fit: LinearFit) {
    family = .gaussian
    (coefficients, standardizedCoefficients) = (fit.coefficients, fit.standardizedCoefficients)
    (intercept, l1, l2) = (fit.intercept, fit.l1, fit.l2)
    (loss, nullLoss, explained) = (fit.rss, fit.totalSumOfSquares, fit.rSquared)
    (certificate, solver) = (fit.certificate, fit.solver)
  }

  init(_ fit: GeneralizedLinearFit) {
    family = fit.family
    (coefficients, standardizedCoefficients) = (fit.coefficients, fit.standardizedCoefficients)
    (intercept, l1, l2) = (fit.intercept, fit.l1, fit.l2)
    (loss, nullLoss, explained) = (fit.deviance, fit.nullDeviance, fit.explainedDeviance)
    (certificate, solver) = (fit.certificate, fit.solver)
  }
}

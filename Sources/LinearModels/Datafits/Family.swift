/// What the target is taken to be distributed as; its mean μ is the canonical inverse link of the linear predictor η.
///
/// | family | mean μ | half of the unit deviance ½d(y, μ) | targets |
/// |---|---|---|---|
/// | ``gaussian`` | η | ½ (y − μ)² | finite |
/// | ``binomial`` | 1 / (1 + e^−η) | y ln(y/μ) + (1 − y) ln((1 − y)/(1 − μ)) | from 0 to 1; a fraction k/m with the weight m is k of m |
/// | ``poisson`` | e^η | y ln(y/μ) − y + μ | not negative |
///
/// The deviance is Σ w_i d(y_i, μ_i) = −2 (log-likelihood − that of μ = y): for the Gaussian family, with a variance of 1, it
/// is the residual sum of squares.
public enum Family: String, Sendable, Hashable, Codable, CaseIterable {
  /// Squared loss.
  case gaussian
  /// Logistic regression.
  case binomial
  /// Counts, with the logarithm as link.
  case poisson

  /// The name of the link, from the mean to the linear predictor.
  public var link: String {
    switch self {
    case .gaussian: "identity"
    case .binomial: "logit"
    case .poisson: "log"
    }
  }

  /// The mean at a linear predictor.
  public func mean(_ linearPredictor: Double) -> Double { datafit.mean(linearPredictor) }

  /// d(y, μ) at a linear predictor: what one observation of weight 1 adds to the deviance.
  ///
  /// - Parameters:
  ///   - target: An observation within the range of the family.
  ///   - linearPredictor: η.
  public func unitDeviance(_ target: Double, linearPredictor: Double) -> Double {
    2 * datafit.loss(target, linearPredictor)
  }

  /// The functions of the family.
  var datafit: any Datafit.Type {
    switch self {
    case .gaussian: SquaredDatafit.self
    case .binomial: LogisticDatafit.self
    case .poisson: PoissonDatafit.self
    }
  }
}

/// In whose units a ``Lambda`` is given: the same model has a different number in each program.
///
/// With n the sum of the observation weights (the number of rows without weights), on inputs standardised by the 1/n
/// standard deviation:
///
/// | scale | L2 | L1 | the loss it multiplies |
/// |---|---|---|---|
/// | ``rss`` | λ | λ | RSS + λ Σβ², RSS + λ Σ\|β\| |
/// | ``sklearn`` | λ in Ridge, λ/n in ElasticNet | λ/(2n) | scikit-learn's `alpha`; in ElasticNet also that of celer, skglm, adelie |
/// | ``glmnet`` | λ · sd(y)/n | λ/(2n) | R's glmnet, which divides by the 1/n deviation of the target inside |
/// | ``lars`` | undefined | λ/(2√n) | the knots \|x'r\| of R's lars, on unit-norm columns |
///
/// For the other families the deviance takes the place of RSS, and the numbers are
///
/// | scale | L2 | L1 | the loss it multiplies |
/// |---|---|---|---|
/// | ``rss`` | λ | λ | deviance + λ Σβ², deviance + λ Σ\|β\| |
/// | ``sklearn``, binomial | λ | λ/2 | 1/C of scikit-learn's `LogisticRegression`; with both, 1/C times the shares of its `l1_ratio` |
/// | ``sklearn``, Poisson | λ/n | undefined | `alpha` of scikit-learn's `PoissonRegressor` |
/// | ``glmnet`` | λ/n | λ/(2n) | R's glmnet |
///
/// (scikit-learn standardises nothing by itself.)
public enum LambdaScale: String, Sendable, Hashable, Codable, CaseIterable {
  /// `RSS + λ Σ|β|` and `RSS + λ Σβ²`: the scale of this package.
  case rss
  /// scikit-learn's `alpha` of the model of the same name: `Ridge`, `Lasso` or `ElasticNet`.
  case sklearn
  /// glmnet's `lambda` for the Gaussian family.
  case glmnet
  /// The correlation knots of `lars`, `max |x_j' r|` with unit-norm columns.
  case lars
}

/// What a lambda multiplies; scikit-learn's ridge has other units than the ridge part of its elastic net.
public enum PenaltyTerm: String, Sendable, Hashable, CaseIterable {
  /// Σ|β|, of a lasso or an elastic net.
  case l1 = "L1"
  /// Σβ² of a ridge regression.
  case l2 = "L2"
  /// Σβ² of an elastic net.
  case elasticNetL2 = "elastic net's L2"
}

/// What a conversion between scales depends on besides the number.
public struct LambdaContext: Sendable, Hashable {
  /// The sum of the observation weights, which is the number of rows without weights.
  public let observations: Double
  /// The 1/n standard deviation of the target (after the offsets are taken off), weighted.
  public let targetDeviation: Double
  /// How the inputs are standardised; only ``LambdaScale/lars`` depends on it.
  public let standardisation: Standardisation
  /// The number of rows of positive weight.
  public let rows: Int
  /// The family, whose loss the other program's number multiplies.
  public let family: Family

  /// Makes a context.
  ///
  /// - Parameters:
  ///   - observations: The sum of the observation weights.
  ///   - targetDeviation: The 1/n standard deviation of the target.
  ///   - standardisation: How the inputs are standardised.
  ///   - rows: The number of rows of positive weight; by default `observations`, as without weights.
  ///   - family: The family; Gaussian by default.
  public init(
    observations: Double, targetDeviation: Double, standardisation: Standardisation = .population, rows: Int? = nil,
    family: Family = .gaussian
  ) {
    self.family = family
    self.observations = observations
    self.targetDeviation = targetDeviation
    self.standardisation = standardisation
    self.rows = rows ?? Int(exactly: observations.rounded()) ?? 0
  }
}

/// The strength of a penalty together with the scale it is given in; it is converted when asked, never guessed.
///
/// A bare number, as in `Lasso(lambda: 10)`, is on the scale ``LambdaScale/rss``.
public struct Lambda: Sendable, Hashable {
  /// The number.
  public let value: Double
  /// The units of the number.
  public let scale: LambdaScale

  /// Makes a lambda; whether it is finite and not negative is checked where it is used.
  public init(_ value: Double, scale: LambdaScale = .rss) {
    self.value = value
    self.scale = scale
  }

  /// `RSS + λ · penalty`.
  public static func rss(_ value: Double) -> Lambda { Lambda(value, scale: .rss) }
  /// scikit-learn's `alpha`.
  public static func sklearn(_ value: Double) -> Lambda { Lambda(value, scale: .sklearn) }
  /// glmnet's `lambda`.
  public static func glmnet(_ value: Double) -> Lambda { Lambda(value, scale: .glmnet) }
  /// A knot of `lars`.
  public static func lars(_ value: Double) -> Lambda { Lambda(value, scale: .lars) }

  /// The same penalty on another scale.
  ///
  /// - Throws: ``LinearModelError/invalidParameter(name:expected:found:)`` if the number is negative or not finite, or
  ///   ``LinearModelError/scaleUndefined(scale:penalty:)``.
  public func converted(
    to target: LambdaScale, term: PenaltyTerm, in context: LambdaContext
  ) throws(LinearModelError) -> Lambda {
    guard value >= 0, value.isFinite else {
      throw .invalidParameter(name: "lambda", expected: "finite and not negative", found: value)
    }
    if target == scale { return self }
    let rss = value * (try scale.rssPerUnit(term, context))
    let unit = try target.rssPerUnit(term, context)
    guard unit > 0 else {
      throw .invalidParameter(
        name: "the unit of lambda on the scale .\(target.rawValue)", expected: "positive", found: unit)
    }
    return Lambda(rss / unit, scale: target)
  }

  /// The number on the scale ``LambdaScale/rss``.
  func rssValue(_ term: PenaltyTerm, in context: LambdaContext) throws(LinearModelError) -> Double {
    try converted(to: .rss, term: term, in: context).value
  }
}

extension Lambda: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// A number on the scale ``LambdaScale/rss``.
  public init(floatLiteral value: Double) { self.init(value) }
  /// A number on the scale ``LambdaScale/rss``.
  public init(integerLiteral value: Int) { self.init(Double(value)) }
}

extension Lambda: CustomStringConvertible {
  /// The number and its scale.
  public var description: String { "\(value) (\(scale.rawValue))" }
}

extension LambdaScale {
  /// How much 1 on this scale is on the scale ``rss``.
  func rssPerUnit(_ term: PenaltyTerm, _ context: LambdaContext) throws(LinearModelError) -> Double {
    let n = context.observations
    switch (self, term, context.family) {
    case (.rss, _, _): return 1
    case (.glmnet, .l1, .binomial), (.glmnet, .l1, .poisson): return 2 * n
    case (.glmnet, _, .binomial), (.glmnet, _, .poisson): return n
    case (.sklearn, .l1, .binomial): return 2
    case (.sklearn, _, .binomial): return 1
    case (.sklearn, .l2, .poisson): return n
    case (_, _, .binomial), (_, _, .poisson):
      throw .scaleUndefined(scale: self, penalty: "\(term.rawValue) (\(context.family.rawValue))")
    case (_, _, .gaussian): break
    }
    switch (self, term) {
    case (.rss, _), (.sklearn, .l2): return 1
    case (.sklearn, .l1), (.glmnet, .l1): return 2 * n
    case (.sklearn, .elasticNetL2): return n
    case (.glmnet, _):
      guard context.targetDeviation > 0 else { throw .scaleUndefined(scale: self, penalty: "L2 (constant target)") }
      return n / context.targetDeviation
    case (.lars, .l1): return 2 * context.standardisation.columnNorm(observations: n, rows: context.rows)
    case (.lars, _): throw .scaleUndefined(scale: self, penalty: term.rawValue)
    }
  }
}

public import BLAS
import Foundation
import RealModule

/// A logistic or Poisson fit without a penalty, with its inference.
public struct MaximumLikelihoodFit: Sendable {
  /// One line of the table: an estimate and how far it is from 0.
  public struct Term: Sendable, Hashable {
    /// The column, or `(Intercept)`.
    public let name: String
    /// The coefficient on the original scale.
    public let estimate: Double
    /// Its standard error, √(X'WX)⁻¹_jj with the weights w μ'(η) of the fit.
    public let standardError: Double
    /// Estimate divided by standard error.
    public let zValue: Double
    /// P(|Z| >= |z|) of the standard normal distribution.
    public let pValue: Double
  }

  /// One line of the analysis of deviance: a column after those before it.
  public struct DevianceTerm: Sendable, Hashable {
    /// The column.
    public let name: String
    /// What it takes off the deviance.
    public let deviance: Double
    /// The deviance with it.
    public let residualDeviance: Double
    /// The degrees of freedom that are left with it.
    public let residualDegreesOfFreedom: Int
    /// P(χ² >= deviance) with one degree of freedom: the likelihood-ratio test of the column.
    public let pValue: Double
  }

  /// Coefficients, predictions and certificate.
  public let fit: GeneralizedLinearFit
  /// The intercept (if there is one) and the coefficients in the order of the columns.
  public let terms: [Term]
  /// The columns in their order, each added to those before it; empty if it was not asked for.
  public let devianceTable: [DevianceTerm]
  /// Observations of positive weight minus coefficients.
  public let degreesOfFreedom: Int
  /// The same of the intercept alone.
  public let nullDegreesOfFreedom: Int
  /// The log-likelihood; for the binomial family of w y successes in w trials, the weight being w.
  public let logLikelihood: Double
  /// −2 log-likelihood + 2 · coefficients.
  public let akaike: Double
  /// −2 log-likelihood + ln(observations of positive weight) · coefficients.
  public let bayes: Double
  /// (X'WX)⁻¹ of the coefficients and, first, the intercept.
  public let covariance: Matrix<Double>

  /// What the fit itself does not hold.
  struct Inference {
    let covariance: Matrix<Double>
    let saturated: Double
    let observations: Int
    /// Without columns, then with one more each time; empty for no analysis.
    let deviances: [Double]
  }

  init(_ fit: GeneralizedLinearFit, _ inference: Inference, hasIntercept: Bool) {
    let estimates = (hasIntercept ? [fit.intercept] : []) + fit.coefficients.values
    let names = (hasIntercept ? ["(Intercept)"] : []) + fit.coefficients.names
    terms = estimates.indices.map { index in
      let error = inference.covariance[index, index].squareRoot()
      let z = estimates[index] / error
      return Term(
        name: names[index], estimate: estimates[index], standardError: error, zValue: z,
        pValue: Double.erfc(z.magnitude / 2.0.squareRoot()))
    }
    let (null, count) = (inference.observations - (hasIntercept ? 1 : 0), Double(estimates.count))
    devianceTable = inference.deviances.indices.dropLast().map { column in
      let change = max(inference.deviances[column] - inference.deviances[column + 1], 0)
      return DevianceTerm(
        name: fit.coefficients.names[column], deviance: change, residualDeviance: inference.deviances[column + 1],
        residualDegreesOfFreedom: null - column - 1, pValue: Double.erfc((0.5 * change).squareRoot()))
    }
    self.fit = fit
    (degreesOfFreedom, nullDegreesOfFreedom) = (null - fit.coefficients.count, null)
    logLikelihood = inference.saturated - 0.5 * fit.deviance
    akaike = 2 * count - 2 * logLikelihood
    bayes = Double.log(Double(inference.observations)) * count - 2 * logLikelihood
    covariance = inference.covariance
  }

  /// Wald confidence intervals of ``terms``, estimate ± z · standard error.
  ///
  /// - Parameter level: The probability that an interval covers, between 0 and 1, both excluded.
  /// - Throws: ``LinearModelError/invalidParameter(name:expected:found:)``.
  public func confidenceIntervals(level: Double = 0.95) throws(LinearModelError) -> [ClosedRange<Double>] {
    guard level > 0, level < 1 else {
      throw .invalidParameter(name: "the level", expected: "between 0 and 1, both excluded", found: level)
    }
    let z = Self.twoSidedQuantile(tail: 1 - level)
    return terms.map { term in
      let half = z * term.standardError
      return half >= 0 ? term.estimate - half...term.estimate + half : -.infinity ... .infinity
    }
  }

  /// The z that |Z| exceeds with probability `tail`, by bisection to the last bit.
  static func twoSidedQuantile(tail: Double) -> Double {
    var (low, high) = (0.0, 40.0)
    for _ in 0..<200 {
      let middle = low + (high - low) / 2
      if middle <= low || middle >= high { break }
      if Double.erfc(middle / 2.0.squareRoot()) > tail { low = middle } else { high = middle }
    }
    return low + (high - low) / 2
  }
}

extension MaximumLikelihoodFit: CustomStringConvertible {
  /// The table of estimates, standard errors, z and p values, and the deviances below it.
  public var description: String {
    var lines = [["", "Estimate", "Std. Error", "z value", "Pr(>|z|)"]]
    for term in terms {
      lines.append([
        term.name, TextTable.number(term.estimate), TextTable.number(term.standardError),
        String(format: "%.3f", term.zValue), TextTable.probability(term.pValue),
      ])
    }
    var text = TextTable.lines(lines)
    text.append("---")
    text.append("Null deviance: \(TextTable.number(fit.nullDeviance)) on \(nullDegreesOfFreedom) degrees of freedom")
    text.append("Residual deviance: \(TextTable.number(fit.deviance)) on \(degreesOfFreedom) degrees of freedom")
    text.append("AIC: \(TextTable.number(akaike)), BIC: \(TextTable.number(bayes))")
    guard !devianceTable.isEmpty else { return text.joined(separator: "\n") }
    var table = [["Analysis of deviance", "Df", "Deviance", "Resid. Df", "Resid. Dev", "Pr(>Chi)"]]
    table.append(["NULL", "", "", "\(nullDegreesOfFreedom)", TextTable.number(fit.nullDeviance), ""])
    for term in devianceTable {
      table.append([
        term.name, "1", TextTable.number(term.deviance), "\(term.residualDegreesOfFreedom)",
        TextTable.number(term.residualDeviance), TextTable.probability(term.pValue),
      ])
    }
    return (text + [""] + TextTable.lines(table)).joined(separator: "\n")
  }
}

/// What each input column is divided by before the penalty sees its coefficient.
///
/// With a free intercept the columns are centred as well, which changes no coefficient. Means and deviations are
/// weighted by the observation weights w, with n their sum; a row of weight 0 counts for nothing. Without an intercept
/// nothing is centred, but ``population`` and ``sample`` still divide by the deviation around the mean.
public enum Standardisation: String, Sendable, Hashable, Codable, CaseIterable {
  /// `sqrt(1/n Σ w_i (x_ij − mean_j)²)`, the default.
  case population
  /// The population deviation times `sqrt(m / (m − 1))`, m being the number of rows of positive weight.
  case sample
  /// The Euclidean norm `sqrt(Σ w_i x_ij²)` of the column, after centring if there is an intercept.
  case unitNorm = "unit-norm"
  /// 1: the columns stay as they are.
  case none

  /// The Euclidean norm of a standardised and centred column; 1 with ``none``, as `lars` does not normalise then.
  func columnNorm(observations n: Double, rows: Int) -> Double {
    switch self {
    case .population: n.squareRoot()
    case .sample: rows > 0 ? (n * Double(rows - 1) / Double(rows)).squareRoot() : 0
    case .unitNorm, .none: 1
    }
  }
}

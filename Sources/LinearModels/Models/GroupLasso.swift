/// The group lasso: `RSS + λ Σ_G weight_G ‖β_G‖` on standardised inputs, with a free intercept.
///
/// ```swift
/// let fit = try GroupLasso(lambda: 10, groups: ColumnGroups([0, 0, 0, 1, 1])).fit(x, y)
/// ```
///
/// ‖β_G‖ is the Euclidean norm of the coefficients of the standardised columns, so that a group is in or out as a whole. The
/// columns of a group are not made orthonormal: how large a group's coefficients are depends on the coding of its columns
/// (with dummy variables, on the baseline). For other
/// families: ``GeneralizedLinearModel`` with ``RegressionPenalty/groupLasso(_:_:)``.
public struct GroupLasso: LinearModel {
  /// The strength of the penalty.
  public var lambda: Lambda
  /// The groups and their weights.
  public var groups: ColumnGroups
  /// Standardisation, intercept, tolerance; penalty factors and bounds are refused.
  public var settings: RegressionSettings

  /// Makes a model.
  public init(lambda: Lambda, groups: ColumnGroups, settings: RegressionSettings = RegressionSettings()) {
    (self.lambda, self.groups, self.settings) = (lambda, groups, settings)
  }

  /// Fits the model; see ``LinearModel/fit(_:_:weights:offsets:)``.
  public func fit(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?
  ) throws(LinearModelError) -> GeneralizedLinearFit {
    try general.fit(x, y, weights: weights, offsets: offsets)
  }
}

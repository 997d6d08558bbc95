public import BLAS

/// A model that is fitted to inputs and a target.
public protocol LinearModel: Sendable {
  /// What a fit gives.
  associatedtype Fit: Sendable

  /// Fits the model.
  ///
  /// - Parameters:
  ///   - x: n x p inputs.
  ///   - y: The target, n entries.
  ///   - weights: The observation weights, not negative; all 1 by default.
  ///   - offsets: Known parts of the target, taken off before the fit; none by default.
  /// - Throws: ``LinearModelError``.
  func fit(_ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?) throws(LinearModelError) -> Fit
}

extension LinearModel {
  /// Fits the model without offsets.
  public func fit(_ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil) throws(LinearModelError) -> Fit {
    try fit(x, y, weights: weights, offsets: nil)
  }

  /// Fits the model to a matrix and a target of either scalar type; everything is computed in `Double`.
  public func fit<S: Scalar>(
    _ x: Matrix<S>, _ y: [S], weights: [Double]? = nil, offsets: [Double]? = nil
  ) throws(LinearModelError) -> Fit {
    try fit(DesignMatrix(x), y.map { Double($0) }, weights: weights, offsets: offsets)
  }
}

extension ElasticNet {
  /// The fit within the bounds of the settings, by the proximal Newton method.
  func boundedFit(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]?, offsets: [Double]?
  ) throws(LinearModelError) -> LinearFit {
    LinearFit(try general.fit(x, y, weights: weights, offsets: offsets))
  }
}

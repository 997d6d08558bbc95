public import BLAS
public import Tensors

// Float and Double: every model takes both and computes in Double. Widening is exact, so that a fit of Float numbers is the
// fit of the same numbers in Double, certificate included; a Float solver would lose the gap at about 1e-7 of the target,
// seven digits above what is promised, and save memory only where inputs are copied.

extension DesignMatrix {
  /// Makes a dense design of a tensor's rows; `Float` is widened to `Double`, which is exact.
  ///
  /// - Parameters:
  ///   - tensor: n x p.
  ///   - names: The names of the columns; by default `x1` to `xp`.
  /// - Throws: ``LinearModelError/unsupported(_:)`` for a tensor that is no matrix,
  ///   ``LinearModelError/invalidNames(_:)`` or ``LinearModelError/wrongLength(of:expected:found:)``.
  public init<S: Scalar>(_ tensor: Tensor<S>, names: [String]? = nil) throws(LinearModelError) {
    guard tensor.rank == 2 else { throw .unsupported("inputs of rank \(tensor.rank); a matrix has 2") }
    let (rows, columns) = (tensor.shape[0], tensor.shape[1])
    try self.init(Matrix(rows: rows, columns: columns, elements: tensor.elements), names: names)
  }
}

extension Coefficients {
  /// All coefficients, zeros included, rounded to a scalar type; infinite where one is beyond its range.
  public func values<S: Scalar>(as type: S.Type) -> [S] { values.map { S($0) } }
}

extension LinearModel {
  /// Fits the model to tensors of either scalar type, inputs of n x p and a target of n or n x 1; everything is computed in
  /// `Double`.
  ///
  /// - Throws: ``LinearModelError``.
  public func fit<S: Scalar>(
    _ x: Tensor<S>, _ y: Tensor<S>, weights: [Double]? = nil, offsets: [Double]? = nil
  ) throws(LinearModelError) -> Fit {
    guard y.rank == 1 || (y.rank == 2 && y.shape[1] == 1) else {
      throw .unsupported("a target of the shape \(y.shape); one number for each row is expected")
    }
    return try fit(DesignMatrix(x), y.elements.map { Double($0) }, weights: weights, offsets: offsets)
  }
}

extension MultiResponseModel {
  /// Fits the model to a matrix and targets of either scalar type; everything is computed in `Double`.
  ///
  /// - Throws: ``LinearModelError``.
  public func fit<S: Scalar>(
    _ x: Matrix<S>, _ y: Matrix<S>, weights: [Double]? = nil
  ) throws(LinearModelError) -> MultiResponseFit {
    let widened = Matrix<Double>(rows: y.rows, columns: y.columns, elements: y.elements.map { Double($0) })
    return try fit(DesignMatrix(x), widened, weights: weights)
  }
}

extension SparseMatrix {
  /// Makes a matrix of compressed columns whose values are `Float`, widened to `Double`, which is exact.
  ///
  /// - Throws: ``LinearModelError/invalidSparseMatrix(_:)`` saying which rule does not hold and where.
  public init(
    rows: Int, columns: Int, columnStarts: [Int], rowIndices: [Int32], values: [Float]
  ) throws(LinearModelError) {
    try self.init(
      rows: rows, columns: columns, columnStarts: columnStarts, rowIndices: rowIndices, values: values.map(Double.init))
  }
}

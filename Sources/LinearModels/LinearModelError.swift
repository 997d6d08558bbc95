public import BLAS

/// Why a regression has no answer: what was expected, what was found and where.
///
/// Rows and columns are counted from 0; a column is called by its name.
public enum LinearModelError: Error, Equatable, Sendable {
  /// A list does not have one entry per row or per column.
  case wrongLength(of: String, expected: Int, found: Int)

  /// There are no rows.
  case noObservations

  /// An input is infinite or not a number.
  case inputNotFinite(row: Int, column: String)

  /// An entry of a list (the target, the weights, ...) is infinite or not a number.
  case entryNotFinite(of: String, index: Int)

  /// An entry of a list that must not be negative is.
  case negativeEntry(of: String, index: Int, value: Double)

  /// Every observation weight is 0.
  case noWeight

  /// A number that steers the fit lies outside its range.
  case invalidParameter(name: String, expected: String, found: Double)

  /// A target lies outside the range of its family.
  case targetOutsideRange(family: Family, index: Int, expected: String, found: Double)

  /// The bounds of a coefficient leave no value, or are not numbers.
  case invalidBounds(column: String, lower: Double, upper: Double)

  /// A datafit, a penalty and a setting that do not go together.
  case unsupported(String)

  /// The squares of a column (or of the target) are beyond the range of floating-point numbers.
  case overflow(of: String)

  /// A column (or the target) is not constant, but its squares are below the range of floating-point numbers.
  case underflow(of: String)

  /// The column has no spread, so it cannot be scaled to unit spread, and no intercept absorbs it.
  case constantColumn(String)

  /// These columns are linear combinations of the columns before them (or of the intercept).
  case dependentColumns([String])

  /// There are not enough observations for the number of coefficients.
  case tooFewObservations(expectedMoreThan: Int, found: Int)

  /// The lambda scale is not defined for this penalty.
  case scaleUndefined(scale: LambdaScale, penalty: String)

  /// The lambdas of a grid are on several scales.
  case mixedScales(LambdaScale, LambdaScale)

  /// Folds that cannot be: a fold without observations, none to fit to, or fewer than two folds.
  case invalidFolds(String)

  /// The arrays do not describe a matrix in compressed columns.
  case invalidSparseMatrix(String)

  /// Two columns have one name, or a name was asked for that no column has.
  case invalidNames(String)

  /// A factorisation failed.
  case linearAlgebra(LinearAlgebraError)
}

extension LinearModelError: CustomStringConvertible {
  /// One sentence that says what was expected, found and where.
  public var description: String {
    switch self {
    case .wrongLength(let what, let expected, let found):
      "\(what) must have \(expected) entries, found \(found)"
    case .noObservations:
      "a regression needs at least one row, found none"
    case .inputNotFinite(let row, let column):
      "the input in row \(row) (counted from 0), column \(column) is infinite or not a number"
    case .entryNotFinite(let what, let index):
      "entry \(index) (counted from 0) of \(what) is infinite or not a number"
    case .negativeEntry(let what, let index, let value):
      "entry \(index) (counted from 0) of \(what) must not be negative, found \(value)"
    case .noWeight:
      "at least one observation weight must be positive, found only zeros"
    case .invalidParameter(let name, let expected, let found):
      "\(name) must be \(expected), found \(found)"
    case .targetOutsideRange(let family, let index, let expected, let found):
      "entry \(index) (counted from 0) of the target of the \(family.rawValue) family must be \(expected), found \(found)"
    case .invalidBounds(let column, let lower, let upper):
      "the bounds of column \(column) must be ordered numbers with a finite value between them, found \(lower) to \(upper)"
    case .unsupported(let combination):
      "not supported: \(combination)"
    case .underflow(let what):
      "the sum of squares of \(what) is below the range of floating-point numbers; scale it up"
    case .overflow(let what):
      "the sum of squares of \(what) is beyond the range of floating-point numbers; scale it down"
    case .constantColumn(let name):
      "column \(name) is constant: without an intercept it cannot be standardised; use the standardisation .none"
    case .dependentColumns(let names):
      "these columns are linear combinations of those before them: \(names.joined(separator: ", "))"
    case .tooFewObservations(let expected, let found):
      "more than \(expected) observations of positive weight are needed, found \(found)"
    case .scaleUndefined(let scale, let penalty):
      "the lambda scale .\(scale.rawValue) is not defined for the \(penalty) penalty"
    case .mixedScales(let first, let second):
      "the lambdas of a grid must be on one scale, found .\(first.rawValue) and .\(second.rawValue)"
    case .invalidFolds(let reason):
      "cross-validation: \(reason)"
    case .invalidSparseMatrix(let reason):
      "not a matrix in compressed columns: \(reason)"
    case .invalidNames(let reason):
      reason
    case .linearAlgebra(let error):
      error.description
    }
  }
}

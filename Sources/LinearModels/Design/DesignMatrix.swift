public import BLAS

/// The inputs of a regression: one row an observation, one column a variable, dense or sparse, with names.
///
/// Both kinds go through every model. A sparse matrix is never made dense: its standardisation is arithmetic on the
/// means and scales beside it.
public struct DesignMatrix: Sendable {
  /// How the numbers are stored.
  public enum Storage: Sendable {
    /// Row-major: element (i, j) of the matrix is observation i of variable j.
    case dense(Matrix<Double>)
    /// Compressed columns.
    case sparse(SparseMatrix)
  }

  /// The numbers.
  public let storage: Storage

  private let givenNames: [String]?

  /// Makes a dense design; `Float` is widened to `Double`, in which every model computes.
  ///
  /// - Parameters:
  ///   - matrix: n x p, row-major.
  ///   - names: The names of the columns; by default `x1` to `xp`.
  /// - Throws: ``LinearModelError/invalidNames(_:)`` or ``LinearModelError/wrongLength(of:expected:found:)``.
  public init<S: Scalar>(_ matrix: Matrix<S>, names: [String]? = nil) throws(LinearModelError) {
    givenNames = try Self.validated(names, columns: matrix.columns)
    if let matrix = matrix as? Matrix<Double> {
      storage = .dense(matrix)
    } else {
      storage = .dense(
        Matrix(rows: matrix.rows, columns: matrix.columns, elements: matrix.elements.map { Double($0) }))
    }
  }

  /// Makes a sparse design.
  ///
  /// - Parameters:
  ///   - matrix: n x p.
  ///   - names: The names of the columns; by default `x1` to `xp`.
  /// - Throws: ``LinearModelError/invalidNames(_:)`` or ``LinearModelError/wrongLength(of:expected:found:)``.
  public init(_ matrix: SparseMatrix, names: [String]? = nil) throws(LinearModelError) {
    givenNames = try Self.validated(names, columns: matrix.columns)
    storage = .sparse(matrix)
  }

  /// The number of observations.
  public var rows: Int {
    switch storage {
    case .dense(let matrix): matrix.rows
    case .sparse(let matrix): matrix.rows
    }
  }

  /// The number of variables.
  public var columns: Int {
    switch storage {
    case .dense(let matrix): matrix.columns
    case .sparse(let matrix): matrix.columns
    }
  }

  /// The names of the columns.
  public var names: ColumnNames { ColumnNames(count: columns, given: givenNames) }

  /// The observations at these positions, in this order and as often as they are named.
  ///
  /// - Precondition: Every position is a row.
  public func selectingRows(_ positions: [Int]) -> DesignMatrix {
    switch storage {
    case .dense(let matrix):
      var elements: [Double] = []
      elements.reserveCapacity(positions.count * matrix.columns)
      for row in positions {
        elements += matrix.elements[row * matrix.columns..<(row + 1) * matrix.columns]
      }
      return DesignMatrix(
        storage: .dense(Matrix(rows: positions.count, columns: matrix.columns, elements: elements)), givenNames)
    case .sparse(let matrix):
      return DesignMatrix(storage: .sparse(matrix.selectingRows(positions)), givenNames)
    }
  }

  private init(storage: Storage, _ names: [String]?) {
    (self.storage, givenNames) = (storage, names)
  }

  private static func validated(_ names: [String]?, columns: Int) throws(LinearModelError) -> [String]? {
    guard let names else { return nil }
    guard names.count == columns else {
      throw .wrongLength(of: "the column names", expected: columns, found: names.count)
    }
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw .invalidNames("two columns are called \(name)")
    }
    return names
  }
}

/// The names of a design's columns: given ones, or `x1` to `xp`, which take no memory.
public struct ColumnNames: Sendable, Hashable, RandomAccessCollection {
  private let size: Int
  private let given: [String]?

  init(count: Int, given: [String]?) {
    (size, self.given) = (count, given)
  }

  /// 0.
  public var startIndex: Int { 0 }
  /// The number of columns.
  public var endIndex: Int { size }

  /// The name of a column.
  public subscript(column: Int) -> String {
    precondition(column >= 0 && column < size, "column \(column) of \(size)")
    return given?[column] ?? "x\(column + 1)"
  }

  /// The column of a name; nil if there is none.
  public func column(named name: String) -> Int? {
    if let given { return given.firstIndex(of: name) }
    guard name.hasPrefix("x"), let number = Int(name.dropFirst()), number >= 1, number <= size else { return nil }
    return "x\(number)" == name ? number - 1 : nil
  }
}

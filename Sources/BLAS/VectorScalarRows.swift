import CKernels

/// A scalar with kernels that choose rows of a table by indices, which are held as numbers of the same type.
///
/// An index is valid if it is a whole number that names a row.
public protocol RowScalar {
  /// `out[i, ·] = table[indices[i], ·]` for `i` in `0..<count`; an invalid index gives a row of NaN.
  static func gatherRows(
    tableRows: Int, width: Int, count: Int, _ table: UnsafePointer<Self>, _ indices: UnsafePointer<Self>,
    _ out: UnsafeMutablePointer<Self>)

  /// `table[indices[i], ·] += rows[i, ·]` in the order of `i`, only for indices in `first..<last`; others are passed over.
  static func scatterAddRows(
    from first: Int, to last: Int, width: Int, count: Int, _ indices: UnsafePointer<Self>, _ rows: UnsafePointer<Self>,
    _ table: UnsafeMutablePointer<Self>)

  /// `out[i, j] = (j = indices[i] ? 1 : 0)` for `j` in `0..<depth`; an invalid index gives zeros.
  static func oneHot(depth: Int, count: Int, _ indices: UnsafePointer<Self>, _ out: UnsafeMutablePointer<Self>)
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float: RowScalar {
  public static func gatherRows(
    tableRows: Int, width: Int, count: Int, _ table: UnsafePointer<Float>, _ indices: UnsafePointer<Float>,
    _ out: UnsafeMutablePointer<Float>
  ) {
    kernels.pointee.gather_rows(tableRows, width, count, table, indices, out)
  }

  public static func scatterAddRows(
    from first: Int, to last: Int, width: Int, count: Int, _ indices: UnsafePointer<Float>,
    _ rows: UnsafePointer<Float>, _ table: UnsafeMutablePointer<Float>
  ) {
    kernels.pointee.scatter_add_rows(first, last, width, count, indices, rows, table)
  }

  public static func oneHot(
    depth: Int, count: Int, _ indices: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>
  ) {
    kernels.pointee.one_hot(depth, count, indices, out)
  }
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Double: RowScalar {
  public static func gatherRows(
    tableRows: Int, width: Int, count: Int, _ table: UnsafePointer<Double>, _ indices: UnsafePointer<Double>,
    _ out: UnsafeMutablePointer<Double>
  ) {
    kernels.pointee.gather_rows(tableRows, width, count, table, indices, out)
  }

  public static func scatterAddRows(
    from first: Int, to last: Int, width: Int, count: Int, _ indices: UnsafePointer<Double>,
    _ rows: UnsafePointer<Double>, _ table: UnsafeMutablePointer<Double>
  ) {
    kernels.pointee.scatter_add_rows(first, last, width, count, indices, rows, table)
  }

  public static func oneHot(
    depth: Int, count: Int, _ indices: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>
  ) {
    kernels.pointee.one_hot(depth, count, indices, out)
  }
}

import CKernels

/// A scalar with kernels that lower a convolution to a matrix product (im2col) and back.
///
/// The matrix has a row for each output position and, for each tap of the window, the `channels` channels that begin at
/// `firstChannel`: `columns[position, i, j, channel]`. Calls make or read the positions in the output rows
/// `firstRow..<firstRow + rows` of one image.
public protocol LoweringScalar {
  /// Writes the patches of `image` into `columns`, with zeros for the padding.
  static func imageToColumns(
    _ window: SlidingWindow, firstRow: Int, rows: Int, firstChannel: Int, channels: Int, _ image: UnsafePointer<Self>,
    _ columns: UnsafeMutablePointer<Self>)

  /// Adds the patches in `columns` to `image`, and drops the padding: the transpose of ``imageToColumns``.
  static func columnsToImage(
    _ window: SlidingWindow, firstRow: Int, rows: Int, firstChannel: Int, channels: Int,
    _ columns: UnsafePointer<Self>, _ image: UnsafeMutablePointer<Self>)
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float: LoweringScalar {
  public static func imageToColumns(
    _ window: SlidingWindow, firstRow: Int, rows: Int, firstChannel: Int, channels: Int, _ image: UnsafePointer<Float>,
    _ columns: UnsafeMutablePointer<Float>
  ) {
    var window = window.layout
    kernels.pointee.image_to_columns(&window, firstRow, rows, firstChannel, channels, image, columns)
  }

  public static func columnsToImage(
    _ window: SlidingWindow, firstRow: Int, rows: Int, firstChannel: Int, channels: Int,
    _ columns: UnsafePointer<Float>, _ image: UnsafeMutablePointer<Float>
  ) {
    var window = window.layout
    kernels.pointee.columns_to_image(&window, firstRow, rows, firstChannel, channels, columns, image)
  }
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Double: LoweringScalar {
  public static func imageToColumns(
    _ window: SlidingWindow, firstRow: Int, rows: Int, firstChannel: Int, channels: Int,
    _ image: UnsafePointer<Double>, _ columns: UnsafeMutablePointer<Double>
  ) {
    var window = window.layout
    kernels.pointee.image_to_columns(&window, firstRow, rows, firstChannel, channels, image, columns)
  }

  public static func columnsToImage(
    _ window: SlidingWindow, firstRow: Int, rows: Int, firstChannel: Int, channels: Int,
    _ columns: UnsafePointer<Double>, _ image: UnsafeMutablePointer<Double>
  ) {
    var window = window.layout
    kernels.pointee.columns_to_image(&window, firstRow, rows, firstChannel, channels, columns, image)
  }
}

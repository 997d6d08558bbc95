import CKernels

/// A scalar with the transforms of Winograd's minimal filtering, F(4x4, 3x3) at the interpolation points 0, ±3/4, ±3/2 and
/// infinity along each axis, and F(3x3, 5x5) at ±9/32, ±7/8, ±15/8 and infinity.
///
/// Tiles of 4x4 outputs for a window of 3, or 3x3 for one of 5, are counted row by row through each ``ImageMosaic``. The
/// values of `columns` channels, of which the pointers give the first, stand at the 36 or 49 points as `points[point, tile,
/// channel]`; from point to point there are `plane` elements. The second factor of the products at a point lies in panels,
/// as ``ProductScalar/panelProduct(rows:columns:depth:_:rowPitch:depthPitch:_:isFirst:_:lost:cPitch:)`` takes it. A
/// kernel's elements that share a tap stand together, `taps` elements before those of the next tap. All need a square
/// window of 3 or 5, stride 1 and no dilation.
///
/// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016.
public protocol WinogradScalar {
  /// Writes B'dB of `tiles` tiles of inputs into `points`.
  static func tilePoints(
    _ mosaic: ImageMosaic, columns: Int, firstTile: Int, tiles: Int, _ input: UnsafePointer<Self>,
    _ points: UnsafeMutablePointer<Self>, plane: Int)

  /// Writes GgG' of `rows` rows of a kernel, of `columns` elements and `pitch` elements apart, into matrices of `depth` rows in
  /// panels, from `firstRow` on.
  static func tileKernelPoints(
    window: Int, rows: Int, columns: Int, _ kernel: UnsafePointer<Self>, pitch: Int, taps: Int,
    _ points: UnsafeMutablePointer<Self>, firstRow: Int, depth: Int, plane: Int)

  /// Writes GgG' of a kernel that is turned round, read from its last tap to its first, with its channels exchanged: `rows`
  /// rows of `columns` elements, `pitch` elements apart, become columns from `firstColumn`, a multiple of 16, on, in
  /// matrices of `pointsColumns` columns in panels.
  static func tileTurnedKernelPoints(
    window: Int, rows: Int, columns: Int, _ kernel: UnsafePointer<Self>, pitch: Int, taps: Int,
    _ points: UnsafeMutablePointer<Self>, firstColumn: Int, pointsColumns: Int, plane: Int)

  /// Writes A'mA, `columns` of the `outputs` channels of the outputs of `tiles` tiles.
  static func tileOutputs(
    _ mosaic: ImageMosaic, outputs: Int, columns: Int, firstTile: Int, tiles: Int, _ points: UnsafePointer<Self>,
    plane: Int, _ output: UnsafeMutablePointer<Self>)

  /// Writes AyA' of `columns` of the `outputs` channels, at `tiles` tiles of the output's gradient, into matrices of
  /// `depth` rows in panels, a tile a row from `firstRow` on.
  static func tileGradientPoints(
    _ mosaic: ImageMosaic, outputs: Int, columns: Int, firstTile: Int, tiles: Int,
    _ outputGradient: UnsafePointer<Self>,
    _ points: UnsafeMutablePointer<Self>, firstRow: Int, depth: Int, plane: Int)

  /// Writes G'uG, the gradients by `elements` elements of a kernel.
  static func tileKernelGradient(
    window: Int, elements: Int, _ points: UnsafePointer<Self>, plane: Int, _ kernelGradient: UnsafeMutablePointer<Self>,
    taps: Int)
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float: WinogradScalar {
  public static func tilePoints(
    _ mosaic: ImageMosaic, columns: Int, firstTile: Int, tiles: Int, _ input: UnsafePointer<Float>,
    _ points: UnsafeMutablePointer<Float>, plane: Int
  ) {
    mosaic.withLayouts { kernels.pointee.tile_points($0, $1, columns, firstTile, tiles, input, points, plane) }
  }

  public static func tileKernelPoints(
    window: Int, rows: Int, columns: Int, _ kernel: UnsafePointer<Float>, pitch: Int, taps: Int,
    _ points: UnsafeMutablePointer<Float>, firstRow: Int, depth: Int, plane: Int
  ) {
    kernels.pointee.tile_kernel_points(window, rows, columns, kernel, pitch, taps, points, firstRow, depth, plane)
  }

  public static func tileTurnedKernelPoints(
    window: Int, rows: Int, columns: Int, _ kernel: UnsafePointer<Float>, pitch: Int, taps: Int,
    _ points: UnsafeMutablePointer<Float>, firstColumn: Int, pointsColumns: Int, plane: Int
  ) {
    kernels.pointee.tile_turned_kernel_points(
      window, rows, columns, kernel, pitch, taps, points, firstColumn, pointsColumns, plane)
  }

  public static func tileOutputs(
    _ mosaic: ImageMosaic, outputs: Int, columns: Int, firstTile: Int, tiles: Int, _ points: UnsafePointer<Float>,
    plane: Int, _ output: UnsafeMutablePointer<Float>
  ) {
    mosaic.withLayouts {
      kernels.pointee.tile_outputs($0, $1, outputs, columns, firstTile, tiles, points, plane, output)
    }
  }

  public static func tileGradientPoints(
    _ mosaic: ImageMosaic, outputs: Int, columns: Int, firstTile: Int, tiles: Int,
    _ outputGradient: UnsafePointer<Float>,
    _ points: UnsafeMutablePointer<Float>, firstRow: Int, depth: Int, plane: Int
  ) {
    mosaic.withLayouts {
      kernels.pointee.tile_gradient_points(
        $0, $1, outputs, columns, firstTile, tiles, outputGradient, points, firstRow, depth, plane)
    }
  }

  public static func tileKernelGradient(
    window: Int, elements: Int, _ points: UnsafePointer<Float>, plane: Int,
    _ kernelGradient: UnsafeMutablePointer<Float>, taps: Int
  ) {
    kernels.pointee.tile_kernel_gradient(window, elements, points, plane, kernelGradient, taps)
  }
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Double: WinogradScalar {
  public static func tilePoints(
    _ mosaic: ImageMosaic, columns: Int, firstTile: Int, tiles: Int, _ input: UnsafePointer<Double>,
    _ points: UnsafeMutablePointer<Double>, plane: Int
  ) {
    mosaic.withLayouts { kernels.pointee.tile_points($0, $1, columns, firstTile, tiles, input, points, plane) }
  }

  public static func tileKernelPoints(
    window: Int, rows: Int, columns: Int, _ kernel: UnsafePointer<Double>, pitch: Int, taps: Int,
    _ points: UnsafeMutablePointer<Double>, firstRow: Int, depth: Int, plane: Int
  ) {
    kernels.pointee.tile_kernel_points(window, rows, columns, kernel, pitch, taps, points, firstRow, depth, plane)
  }

  public static func tileTurnedKernelPoints(
    window: Int, rows: Int, columns: Int, _ kernel: UnsafePointer<Double>, pitch: Int, taps: Int,
    _ points: UnsafeMutablePointer<Double>, firstColumn: Int, pointsColumns: Int, plane: Int
  ) {
    kernels.pointee.tile_turned_kernel_points(
      window, rows, columns, kernel, pitch, taps, points, firstColumn, pointsColumns, plane)
  }

  public static func tileOutputs(
    _ mosaic: ImageMosaic, outputs: Int, columns: Int, firstTile: Int, tiles: Int, _ points: UnsafePointer<Double>,
    plane: Int, _ output: UnsafeMutablePointer<Double>
  ) {
    mosaic.withLayouts {
      kernels.pointee.tile_outputs($0, $1, outputs, columns, firstTile, tiles, points, plane, output)
    }
  }

  public static func tileGradientPoints(
    _ mosaic: ImageMosaic, outputs: Int, columns: Int, firstTile: Int, tiles: Int,
    _ outputGradient: UnsafePointer<Double>,
    _ points: UnsafeMutablePointer<Double>, firstRow: Int, depth: Int, plane: Int
  ) {
    mosaic.withLayouts {
      kernels.pointee.tile_gradient_points(
        $0, $1, outputs, columns, firstTile, tiles, outputGradient, points, firstRow, depth, plane)
    }
  }

  public static func tileKernelGradient(
    window: Int, elements: Int, _ points: UnsafePointer<Double>, plane: Int,
    _ kernelGradient: UnsafeMutablePointer<Double>, taps: Int
  ) {
    kernels.pointee.tile_kernel_gradient(window, elements, points, plane, kernelGradient, taps)
  }
}

import CKernels

/// A scalar with kernels for products that read their matrices in their own order: C = β·C + α·A·B.
///
/// With β = 0 C is not read. Element (i, j) is summed in an order that depends on the length of the sum alone.
public protocol ProductScalar {
  /// Rows of B are added to rows of C: A's element (i, d) is `a[i · rowPitch + d · depthPitch]`.
  ///
  /// Good where C has few rows, so that B is read once, or where B has few, so that C is updated once. So many rows `following`
  /// those of B are what the thread will likely need next, and are fetched into its cache.
  static func streamedProduct(
    rows: Int, columns: Int, depth: Int, _ alpha: Self, _ a: UnsafePointer<Self>, rowPitch: Int, depthPitch: Int,
    _ b: UnsafePointer<Self>, bPitch: Int, _ beta: Self, _ c: UnsafeMutablePointer<Self>, cPitch: Int, following: Int)

  /// The same product where all matrices are in a cache: sums stay in registers over the whole depth.
  static func cachedProduct(
    rows: Int, columns: Int, depth: Int, _ alpha: Self, _ a: UnsafePointer<Self>, rowPitch: Int, depthPitch: Int,
    _ b: UnsafePointer<Self>, bPitch: Int, _ beta: Self, _ c: UnsafeMutablePointer<Self>, cPitch: Int)

  /// C = A·B, or C += A·B unless it `isFirst`, with a B that lies in panels.
  ///
  /// A panel holds a few vectors of columns of B, row after row, and stands before the next one. The last may have fewer; its
  /// rows are filled up to whole vectors with what does not matter. A's element (i, d) is `a[i · rowPitch + d · depthPitch]`.
  /// With `lost`, of C's shape, additions to C are compensated: it holds what rounding has taken so far (Kahan 1965). The
  /// depth is at least 1.
  static func panelProduct(
    rows: Int, columns: Int, depth: Int, _ a: UnsafePointer<Self>, rowPitch: Int, depthPitch: Int,
    _ panels: UnsafePointer<Self>, isFirst: Bool, _ c: UnsafeMutablePointer<Self>, lost: UnsafeMutablePointer<Self>?,
    cPitch: Int)

  /// Rows of A times the columns of B, which are stored as rows.
  ///
  /// Good where A has few rows, so that B is read once.
  static func dottedProduct(
    rows: Int, columns: Int, depth: Int, _ alpha: Self, _ a: UnsafePointer<Self>, aPitch: Int,
    _ b: UnsafePointer<Self>, bPitch: Int, _ beta: Self, _ c: UnsafeMutablePointer<Self>, cPitch: Int)

  /// The way back through a dense layer in one pass over its weights: dX = G·Wᵀ with the W that is there, then W ← W + α·Xᵀ·G,
  /// or with a velocity V ← μ·V + α·Xᵀ·G + λ·W of the same pitch, where μ is the momentum and λ the decay, W ← W + step·V.
  ///
  /// X is batch x inputs, W inputs x outputs; good where the batch is small, so that W is read and written once. Without a `dx` W
  /// is updated alone. So many rows `following` those of W are what the thread will likely need next.
  static func backwardProduct(
    batch: Int, inputs: Int, outputs: Int, _ g: UnsafePointer<Self>, gPitch: Int, _ alpha: Self,
    _ x: UnsafePointer<Self>, xPitch: Int, _ w: UnsafeMutablePointer<Self>, wPitch: Int,
    velocity: UnsafeMutablePointer<Self>?, momentum: Self, decay: Self, step: Self,
    _ dx: UnsafeMutablePointer<Self>?, dxPitch: Int, following: Int)

  /// Makes multiply-adds on registers alone, which is as fast as the processor can, `rounds` times as many as it needs at once.
  ///
  /// - Returns: their number; `out` becomes a sum of their results.
  static func registerMultiplyAdds(rounds: Int, _ out: UnsafeMutablePointer<Self>) -> Int
}

extension ProductScalar where Self: InterleavingScalar {
  /// The elements of a matrix that lies in panels: its rows are filled up to whole vectors.
  public static func panelElements(rows: Int, columns: Int) -> Int {
    (columns + interleavedImages - 1) / interleavedImages * interleavedImages * rows
  }
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float: ProductScalar {
  public static func streamedProduct(
    rows: Int, columns: Int, depth: Int, _ alpha: Float, _ a: UnsafePointer<Float>, rowPitch: Int, depthPitch: Int,
    _ b: UnsafePointer<Float>, bPitch: Int, _ beta: Float, _ c: UnsafeMutablePointer<Float>, cPitch: Int, following: Int
  ) {
    kernels.pointee.streamed_product(
      rows, columns, depth, alpha, a, rowPitch, depthPitch, b, bPitch, beta, c, cPitch, following)
  }

  public static func cachedProduct(
    rows: Int, columns: Int, depth: Int, _ alpha: Float, _ a: UnsafePointer<Float>, rowPitch: Int, depthPitch: Int,
    _ b: UnsafePointer<Float>, bPitch: Int, _ beta: Float, _ c: UnsafeMutablePointer<Float>, cPitch: Int
  ) {
    kernels.pointee.cached_product(
      rows, columns, depth, alpha, a, rowPitch, depthPitch, b, bPitch, beta, c, cPitch)
  }

  public static func panelProduct(
    rows: Int, columns: Int, depth: Int, _ a: UnsafePointer<Float>, rowPitch: Int, depthPitch: Int,
    _ panels: UnsafePointer<Float>, isFirst: Bool, _ c: UnsafeMutablePointer<Float>, lost: UnsafeMutablePointer<Float>?,
    cPitch: Int
  ) {
    kernels.pointee.panel_product(
      rows, columns, depth, a, rowPitch, depthPitch, panels, isFirst ? 1 : 0, c, lost, cPitch)
  }

  public static func dottedProduct(
    rows: Int, columns: Int, depth: Int, _ alpha: Float, _ a: UnsafePointer<Float>, aPitch: Int,
    _ b: UnsafePointer<Float>, bPitch: Int, _ beta: Float, _ c: UnsafeMutablePointer<Float>, cPitch: Int
  ) {
    kernels.pointee.dotted_product(rows, columns, depth, alpha, a, aPitch, b, bPitch, beta, c, cPitch)
  }

  public static func backwardProduct(
    batch: Int, inputs: Int, outputs: Int, _ g: UnsafePointer<Float>, gPitch: Int, _ alpha: Float,
    _ x: UnsafePointer<Float>, xPitch: Int, _ w: UnsafeMutablePointer<Float>, wPitch: Int,
    velocity: UnsafeMutablePointer<Float>?, momentum: Float, decay: Float, step: Float,
    _ dx: UnsafeMutablePointer<Float>?, dxPitch: Int, following: Int
  ) {
    kernels.pointee.backward_product(
      batch, inputs, outputs, g, gPitch, alpha, x, xPitch, w, wPitch, velocity, momentum, decay, step, dx, dxPitch,
      following)
  }

  public static func registerMultiplyAdds(rounds: Int, _ out: UnsafeMutablePointer<Float>) -> Int {
    kernels.pointee.register_multiply_adds(rounds, out)
  }
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Double: ProductScalar {
  public static func streamedProduct(
    rows: Int, columns: Int, depth: Int, _ alpha: Double, _ a: UnsafePointer<Double>, rowPitch: Int, depthPitch: Int,
    _ b: UnsafePointer<Double>, bPitch: Int, _ beta: Double, _ c: UnsafeMutablePointer<Double>, cPitch: Int,
    following: Int
  ) {
    kernels.pointee.streamed_product(
      rows, columns, depth, alpha, a, rowPitch, depthPitch, b, bPitch, beta, c, cPitch, following)
  }

  public static func cachedProduct(
    rows: Int, columns: Int, depth: Int, _ alpha: Double, _ a: UnsafePointer<Double>, rowPitch: Int, depthPitch: Int,
    _ b: UnsafePointer<Double>, bPitch: Int, _ beta: Double, _ c: UnsafeMutablePointer<Double>, cPitch: Int
  ) {
    kernels.pointee.cached_product(
      rows, columns, depth, alpha, a, rowPitch, depthPitch, b, bPitch, beta, c, cPitch)
  }

  public static func panelProduct(
    rows: Int, columns: Int, depth: Int, _ a: UnsafePointer<Double>, rowPitch: Int, depthPitch: Int,
    _ panels: UnsafePointer<Double>, isFirst: Bool, _ c: UnsafeMutablePointer<Double>,
    lost: UnsafeMutablePointer<Double>?, cPitch: Int
  ) {
    kernels.pointee.panel_product(
      rows, columns, depth, a, rowPitch, depthPitch, panels, isFirst ? 1 : 0, c, lost, cPitch)
  }

  public static func dottedProduct(
    rows: Int, columns: Int, depth: Int, _ alpha: Double, _ a: UnsafePointer<Double>, aPitch: Int,
    _ b: UnsafePointer<Double>, bPitch: Int, _ beta: Double, _ c: UnsafeMutablePointer<Double>, cPitch: Int
  ) {
    kernels.pointee.dotted_product(rows, columns, depth, alpha, a, aPitch, b, bPitch, beta, c, cPitch)
  }

  public static func backwardProduct(
    batch: Int, inputs: Int, outputs: Int, _ g: UnsafePointer<Double>, gPitch: Int, _ alpha: Double,
    _ x: UnsafePointer<Double>, xPitch: Int, _ w: UnsafeMutablePointer<Double>, wPitch: Int,
    velocity: UnsafeMutablePointer<Double>?, momentum: Double, decay: Double, step: Double,
    _ dx: UnsafeMutablePointer<Double>?, dxPitch: Int, following: Int
  ) {
    kernels.pointee.backward_product(
      batch, inputs, outputs, g, gPitch, alpha, x, xPitch, w, wPitch, velocity, momentum, decay, step, dx, dxPitch,
      following)
  }

  public static func registerMultiplyAdds(rounds: Int, _ out: UnsafeMutablePointer<Double>) -> Int {
    kernels.pointee.register_multiply_adds(rounds, out)
  }
}

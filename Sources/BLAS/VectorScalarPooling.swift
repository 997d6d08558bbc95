import CKernels

/// A scalar with kernels that pool images.
///
/// Images lie one after the other. Forward calls make the output rows `firstRow..<firstRow + rows`, counted through all
/// images; gradients overwrite whole images. `scratch` holds `size.width · channels` elements of the window's image.
public protocol PoolingScalar {
  /// The largest input of each window; padding never wins, a NaN always does, and a window of padding gives -infinity.
  static func maxPooling(
    _ window: SlidingWindow, firstRow: Int, rows: Int, _ input: UnsafePointer<Self>,
    _ output: UnsafeMutablePointer<Self>, scratch: UnsafeMutablePointer<Self>)

  /// The place of each window's first maximum (or first NaN): its number in the window, counted row by row, in one byte, or in
  /// four where a window has more than 255 elements; all ones where it sees nothing but padding. `imagePitch` bytes lie from
  /// an image's places to the next one's.
  static func maxPoolingPlaces(
    _ window: SlidingWindow, firstRow: Int, rows: Int, _ input: UnsafePointer<Self>,
    _ places: UnsafeMutablePointer<UInt8>, imagePitch: Int)

  /// Gives each output's gradient to the input at its place.
  static func maxPoolingGradient(
    _ window: SlidingWindow, firstImage: Int, images: Int, _ places: UnsafePointer<UInt8>, imagePitch: Int,
    _ outputGradient: UnsafePointer<Self>, _ inputGradient: UnsafeMutablePointer<Self>)

  /// Takes the element of `other` at each place, 0 where there is none: the transpose of the gradient.
  static func maxPoolingGather(
    _ window: SlidingWindow, firstRow: Int, rows: Int, _ places: UnsafePointer<UInt8>, imagePitch: Int,
    _ other: UnsafePointer<Self>, _ output: UnsafeMutablePointer<Self>)

  /// The sum of each window times `scale`, or with `countsInside` the mean of its inputs that are not padding times `scale`.
  static func averagePooling(
    _ window: SlidingWindow, firstRow: Int, rows: Int, scale: Self, countsInside: Bool, _ input: UnsafePointer<Self>,
    _ output: UnsafeMutablePointer<Self>, scratch: UnsafeMutablePointer<Self>)

  /// The transpose of `averagePooling`: each output's gradient, scaled, is added to all inputs of its window.
  static func averagePoolingGradient(
    _ window: SlidingWindow, firstImage: Int, images: Int, scale: Self, countsInside: Bool,
    _ outputGradient: UnsafePointer<Self>, _ inputGradient: UnsafeMutablePointer<Self>,
    scratch: UnsafeMutablePointer<Self>)
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float: PoolingScalar {
  public static func maxPooling(
    _ window: SlidingWindow, firstRow: Int, rows: Int, _ input: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    var window = window.layout
    kernels.pointee.max_pooling(&window, firstRow, rows, input, output, scratch)
  }

  public static func maxPoolingPlaces(
    _ window: SlidingWindow, firstRow: Int, rows: Int, _ input: UnsafePointer<Float>,
    _ places: UnsafeMutablePointer<UInt8>, imagePitch: Int
  ) {
    var window = window.layout
    kernels.pointee.max_pooling_places(&window, firstRow, rows, input, places, imagePitch)
  }

  public static func maxPoolingGradient(
    _ window: SlidingWindow, firstImage: Int, images: Int, _ places: UnsafePointer<UInt8>, imagePitch: Int,
    _ outputGradient: UnsafePointer<Float>, _ inputGradient: UnsafeMutablePointer<Float>
  ) {
    var window = window.layout
    kernels.pointee.max_pooling_gradient(
      &window, firstImage, images, places, imagePitch, outputGradient, inputGradient)
  }

  public static func maxPoolingGather(
    _ window: SlidingWindow, firstRow: Int, rows: Int, _ places: UnsafePointer<UInt8>, imagePitch: Int,
    _ other: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
  ) {
    var window = window.layout
    kernels.pointee.max_pooling_gather(&window, firstRow, rows, places, imagePitch, other, output)
  }

  public static func averagePooling(
    _ window: SlidingWindow, firstRow: Int, rows: Int, scale: Float, countsInside: Bool, _ input: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    var window = window.layout
    kernels.pointee.average_pooling(&window, firstRow, rows, scale, countsInside ? 1 : 0, input, output, scratch)
  }

  public static func averagePoolingGradient(
    _ window: SlidingWindow, firstImage: Int, images: Int, scale: Float, countsInside: Bool,
    _ outputGradient: UnsafePointer<Float>, _ inputGradient: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var window = window.layout
    kernels.pointee.average_pooling_gradient(
      &window, firstImage, images, scale, countsInside ? 1 : 0, outputGradient, inputGradient, scratch)
  }
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Double: PoolingScalar {
  public static func maxPooling(
    _ window: SlidingWindow, firstRow: Int, rows: Int, _ input: UnsafePointer<Double>,
    _ output: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    var window = window.layout
    kernels.pointee.max_pooling(&window, firstRow, rows, input, output, scratch)
  }

  public static func maxPoolingPlaces(
    _ window: SlidingWindow, firstRow: Int, rows: Int, _ input: UnsafePointer<Double>,
    _ places: UnsafeMutablePointer<UInt8>, imagePitch: Int
  ) {
    var window = window.layout
    kernels.pointee.max_pooling_places(&window, firstRow, rows, input, places, imagePitch)
  }

  public static func maxPoolingGradient(
    _ window: SlidingWindow, firstImage: Int, images: Int, _ places: UnsafePointer<UInt8>, imagePitch: Int,
    _ outputGradient: UnsafePointer<Double>, _ inputGradient: UnsafeMutablePointer<Double>
  ) {
    var window = window.layout
    kernels.pointee.max_pooling_gradient(
      &window, firstImage, images, places, imagePitch, outputGradient, inputGradient)
  }

  public static func maxPoolingGather(
    _ window: SlidingWindow, firstRow: Int, rows: Int, _ places: UnsafePointer<UInt8>, imagePitch: Int,
    _ other: UnsafePointer<Double>, _ output: UnsafeMutablePointer<Double>
  ) {
    var window = window.layout
    kernels.pointee.max_pooling_gather(&window, firstRow, rows, places, imagePitch, other, output)
  }

  public static func averagePooling(
    _ window: SlidingWindow, firstRow: Int, rows: Int, scale: Double, countsInside: Bool,
    _ input: UnsafePointer<Double>, _ output: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    var window = window.layout
    kernels.pointee.average_pooling(&window, firstRow, rows, scale, countsInside ? 1 : 0, input, output, scratch)
  }

  public static func averagePoolingGradient(
    _ window: SlidingWindow, firstImage: Int, images: Int, scale: Double, countsInside: Bool,
    _ outputGradient: UnsafePointer<Double>, _ inputGradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    var window = window.layout
    kernels.pointee.average_pooling_gradient(
      &window, firstImage, images, scale, countsInside ? 1 : 0, outputGradient, inputGradient, scratch)
  }
}

import BLAS

/// How a convolution or one of its gradients is computed.
///
/// The raw values are the names that the command takes.
public enum ConvolutionAlgorithm: String, Sendable, CaseIterable {
  /// One matrix product over all positions, for one group and no padding: where the kernel is 1x1 with stride 1, or as
  /// large as the image.
  case matrixProduct = "matrix-product"
  /// Sums held in registers over a padded image, without a matrix of patches: for one group, no dilation along the width
  /// and at most 16 kernel rows; the fastest where channels are few.
  case direct
  /// Direct, with two output rows at a time by Winograd's filtering along the height, forward and for the kernel's gradient
  /// (the input's gradient is direct): for one group, windows of 5 rows, a stride of one row and no dilation. Its products
  /// are three fifths of the direct ones, and its rounding errors are a few times theirs.
  case rowWinograd = "row-winograd"
  /// Winograd's filtering of tiles, F(4x4, 3x3) or F(3x3, 5x5), forward and for both gradients: for square windows of 3 or
  /// 5, stride 1, no dilation and less padding than the window, or for square windows of more than 2 and up to 3 times
  /// their stride, or more than 4 and up to 5 times, one group and no dilation, over the phases of the images. Its products
  /// are a quarter of the direct ones for a window of 3, and 0.22 of them for 5; its rounding errors are a few times
  /// theirs, for 5 twice those for 3.
  case winograd
  /// Patches are copied into a matrix (im2col), which is multiplied by the kernel: for every geometry.
  case lowered

  /// Whether the algorithm can compute a convolution of these shapes.
  public func supports(_ geometry: ConvolutionGeometry) -> Bool {
    let window = geometry.window
    switch self {
    case .matrixProduct:
      let seesOnePixel = window.window == 1 && window.stride == 1
      let seesWholeImage = window.window == window.size && window.dilation == 1
      return (seesOnePixel || seesWholeImage) && window.padding == .none && geometry.groups == 1
    case .direct:
      return geometry.groups == 1 && window.dilation.width == 1 && window.window.height <= 16
        && geometry.outputCount > 0
    case .rowWinograd:
      return ConvolutionAlgorithm.direct.supports(geometry) && window.window.height == 5
        && window.stride.height == 1 && window.dilation.height == 1
    case .winograd:
      let extent = window.window, padding = window.padding
      return extent.height == extent.width && (extent == 3 || extent == 5) && window.stride == 1 && window.dilation == 1
        && max(padding.top, padding.bottom, padding.left, padding.right) < extent.height && geometry.outputCount > 0
        || PixelPhases(geometry) != nil
    case .lowered:
      return true
    }
  }

  /// What a convolution must be like for the algorithm, to be read after "a convolution with ".
  public var requirement: String {
    switch self {
    case .matrixProduct: "one group, no padding, and a window of 1x1 with stride 1 or as large as the image"
    case .direct: "one group, no dilation along the width and at most 16 kernel rows"
    case .rowWinograd: "one group, 5 kernel rows, a stride of one row and no dilation"
    case .winograd:
      "a window of 3x3 or 5x5, stride 1, no dilation and less padding than the window, or a square one of more than 2 and up to "
        + "3 times its stride, or more than 4 and up to 5 times, one group and no dilation"
    case .lowered: "any geometry"
    }
  }
}

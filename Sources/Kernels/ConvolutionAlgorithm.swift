import BLAS

/// How a convolution or one of its gradients is computed.
public enum ConvolutionAlgorithm: Sendable, CaseIterable {
  /// One matrix product over all positions, for one group and no padding: where the kernel is 1x1 with stride 1, or as
  /// large as the image.
  case matrixProduct
  /// Sums held in registers over a padded image, without a matrix of patches: for one group, no dilation along the width
  /// and at most 16 kernel rows; the fastest where channels are few.
  case direct
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
    case .lowered:
      return true
    }
  }

  /// The algorithm for a geometry: a matrix product where it is one, else the direct kernels up to the number of
  /// channels where OpenBLAS overtakes them (measured on Zen 5; LeNet-5's layers are 3 times as fast as lowered).
  static func best(_ geometry: ConvolutionGeometry) -> ConvolutionAlgorithm {
    if matrixProduct.supports(geometry) { return .matrixProduct }
    let isSmall = geometry.outputChannels <= 64 && geometry.window.channels <= 64
    return isSmall && direct.supports(geometry) ? .direct : .lowered
  }
}

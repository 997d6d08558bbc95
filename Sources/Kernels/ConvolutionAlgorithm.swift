import BLAS

/// How a convolution or one of its gradients is computed.
public enum ConvolutionAlgorithm: Sendable, CaseIterable {
  /// One matrix product over all positions, for one group and no padding: where the kernel is 1x1 with stride 1, or as
  /// large as the image.
  case matrixProduct
  /// Sums held in registers over a padded image, without a matrix of patches: for one group, no dilation along the width
  /// and at most 16 kernel rows; the fastest where channels are few.
  case direct
  /// Direct, with two output rows at a time by Winograd's filtering along the height, forward and for the kernel's gradient
  /// (the input's gradient is direct): for one group, windows of 5 rows, a stride of one row and no dilation. Its products
  /// are three fifths of the direct ones, and its rounding errors are a few times theirs.
  case rowWinograd
  /// Winograd's filtering of tiles, F(4x4, 3x3) or F(2x2, 5x5), forward and for both gradients: for square windows of 3 or 5,
  /// stride 1, no dilation and less padding than the window. Its products are a quarter of the direct ones for a window of
  /// 3, and 0.36 of them for 5; its rounding errors are a few times theirs.
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
    case .lowered:
      return true
    }
  }

  /// The algorithm for a geometry.
  ///
  /// A matrix product is taken where it is one, and Winograd's tiles where they save products that are worth it. The direct
  /// kernels are about twice as fast as lowering (measured with AVX-512 on Zen 5; three times for LeNet-5) as long as the
  /// kernel stays in the second-level cache and an image is small enough for each task to have a padded copy; they gain
  /// nothing on very few positions.
  static func best(_ geometry: ConvolutionGeometry, for pass: ConvolutionPass) -> ConvolutionAlgorithm {
    if matrixProduct.supports(geometry) { return .matrixProduct }
    if winograd.supports(geometry), paysForTiles(geometry) { return .winograd }
    let isSmall = geometry.kernelCount <= 160_000 && geometry.window.paddedCount <= 500_000
    guard isSmall, geometry.positions >= 16, direct.supports(geometry) else { return .lowered }
    // Sums over all positions of many outputs go through registers too often: twice the lowered time on VGG's first layer.
    if pass == .kernelGradient, geometry.outputChannels >= 48 { return .lowered }
    return paysForTransforms(geometry) && rowWinograd.supports(geometry) ? .rowWinograd : .direct
  }

  /// Whether tiles have fewer products than windows, those counted that hang over the image, and each transformed value is
  /// multiplied often enough: measured with AVX2 on the layers of AlexNet and VGG, where all three passes of a window of 3
  /// take 0.3 to 0.6 of the lowered time from 64 channels on.
  private static func paysForTiles(_ geometry: ConvolutionGeometry) -> Bool {
    let products = WinogradTiling(geometry).count * WinogradTiling.points
    let direct = geometry.batch * geometry.positions * geometry.window.window.height * geometry.window.window.width
    return min(geometry.groupChannels, geometry.groupOutputChannels) >= 32 && Double(products) <= 0.75 * Double(direct)
  }

  /// Whether each transformed row is multiplied often enough: measured on LeNet-5's second layer (30 products and 16 output
  /// channels; with AVX2 the convolution takes 0.77 and its kernel's gradient 0.75 of the direct time).
  private static func paysForTransforms(_ geometry: ConvolutionGeometry) -> Bool {
    geometry.window.window.width * geometry.window.channels >= 16 && geometry.outputChannels >= 8
      && geometry.window.output.height >= 2
  }

  /// The algorithm that was asked for, which must support the geometry, or the best.
  static func choose(
    _ wanted: ConvolutionAlgorithm?, for geometry: ConvolutionGeometry, _ pass: ConvolutionPass
  ) -> ConvolutionAlgorithm {
    guard let wanted else { return best(geometry, for: pass) }
    precondition(wanted.supports(geometry), "\(wanted) cannot compute this convolution")
    return wanted
  }
}

/// A convolution or one of its two gradients.
enum ConvolutionPass {
  case forward, inputGradient, kernelGradient
}

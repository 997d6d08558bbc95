import BLAS

/// A convolution or one of its two gradients.
public enum ConvolutionPass: Hashable, Sendable {
  /// The output, of the input and the kernel.
  case forward
  /// The gradient by the input, of the output's gradient and the kernel.
  case inputGradient
  /// The gradient by the kernel, of the input and the output's gradient.
  case kernelGradient
}

/// The algorithm that was chosen for one pass of a convolution.
///
/// A matrix product is taken where it is one, and Winograd's tiles where they save products that are worth it. The direct
/// kernels are about twice as fast as lowering (measured with AVX-512 on Zen 5; three times for LeNet-5) as long as the
/// kernel stays in the second-level cache and an image is small enough for each task to have a padded copy; they gain
/// nothing on very few positions.
struct ConvolutionChoice: Sendable {
  let algorithm: ConvolutionAlgorithm
  private let geometry: ConvolutionGeometry
  private let reason: String

  /// The algorithm that was asked for, which must support the geometry, or the best.
  init(_ wanted: ConvolutionAlgorithm?, for geometry: ConvolutionGeometry, _ pass: ConvolutionPass) {
    self.geometry = geometry
    guard let wanted else {
      (algorithm, reason) = Self.best(geometry, pass)
      return
    }
    precondition(wanted.supports(geometry), "\(wanted) cannot compute this convolution")
    (algorithm, reason) = (wanted, "it was asked for")
  }

  /// In words.
  var description: KernelChoice {
    let method =
      switch algorithm {
      case .matrixProduct: "one matrix product"
      case .direct: "direct"
      case .rowWinograd: "winograd F(2, 5) along the height"
      case .winograd: Self.winograd(geometry)
      case .lowered: "lowered (im2col and gemm)"
      }
    return KernelChoice(method: method, reason: reason)
  }

  private static func winograd(_ geometry: ConvolutionGeometry) -> String {
    let phases = PixelPhases(geometry)
    let (window, stride) = ((phases?.phased ?? geometry).window.window.height, geometry.window.stride.height)
    let side = ImageMosaic.side(window: window)
    let method = "winograd F(\(side)x\(side), \(window)x\(window))"
    return phases == nil ? method : method + " over \(stride)x\(stride) phases"
  }

  private static func best(
    _ geometry: ConvolutionGeometry, _ pass: ConvolutionPass
  ) -> (ConvolutionAlgorithm, reason: String) {
    if ConvolutionAlgorithm.matrixProduct.supports(geometry) {
      return (.matrixProduct, "a window of one pixel, or of the whole image, needs no copy")
    }
    if let share = shareOfProducts(geometry) { return (.winograd, share) }
    if let obstacle = obstacleToDirect(geometry) { return (.lowered, obstacle) }
    if pass == .kernelGradient, geometry.outputChannels >= 48, let obstacle = obstacleToManySums(geometry) {
      return (.lowered, obstacle)
    }
    guard pass != .inputGradient, paysForRowWinograd(geometry) else {
      return (.direct, "a small kernel and image: the sums stay in registers")
    }
    return (.rowWinograd, "3/5 of the direct products, and each transformed row is used often")
  }

  /// Tiles must have fewer products than windows, those counted that hang over the image, and each transformed value be
  /// multiplied often enough: measured with AVX2 on the layers of AlexNet and VGG, where all three passes of a window of 3
  /// take 0.3 to 0.6 of the lowered time from 64 channels on.
  private static func shareOfProducts(_ geometry: ConvolutionGeometry) -> String? {
    let filtered = PixelPhases(geometry)?.phased ?? geometry
    guard ConvolutionAlgorithm.winograd.supports(geometry),
      min(filtered.groupChannels, filtered.groupOutputChannels) >= 32
    else { return nil }
    let tiling = WinogradTiling(window: filtered.window, batch: filtered.batch, joinsImages: false)
    let products = tiling.count * tiling.points * filtered.groupChannels
    let direct = geometry.batch * geometry.positions * geometry.patchCount
    let percent = (100 * products + direct / 2) / max(direct, 1)
    return 4 * products <= 3 * direct ? "\(percent) % of the direct products" : nil
  }

  /// Why the direct kernels cannot compute a convolution, or would be no faster; `nil` where they are.
  private static func obstacleToDirect(_ geometry: ConvolutionGeometry) -> String? {
    guard ConvolutionAlgorithm.direct.supports(geometry) else {
      return geometry.groups > 1 ? "\(geometry.groups) groups" : "only lowering computes this window"
    }
    if geometry.kernelCount > 160_000 { return "the kernel is larger than the second-level cache" }
    if geometry.window.paddedCount > 500_000 { return "an image is too large for a padded copy in each task" }
    return geometry.positions < 16 ? "very few positions" : nil
  }

  /// Why the direct gradient of a kernel with many outputs would be no faster.
  ///
  /// Every block of sums goes over the outputs' gradients, and with AVX2 there are more blocks, as there are fewer
  /// registers: with 34,848 sums, 96 outputs of windows of 11 over 3 channels, it takes 1.08 of the lowered time (0.75 with
  /// AVX-512), with 1,728 on VGG's first layer 0.62.
  private static func obstacleToManySums(_ geometry: ConvolutionGeometry) -> String? {
    if geometry.outputChannels % 16 != 0 { return "many outputs that do not fill vectors would be copied" }
    let hasFewRegisters = Float.interleavedImages < 16
    return hasFewRegisters && geometry.kernelCount > 8192
      ? "\(geometry.kernelCount) sums are too many for so few registers" : nil
  }

  /// Whether each transformed row is multiplied often enough: measured on LeNet-5's second layer (30 products and 16 output
  /// channels; with AVX2 the convolution takes 0.77 and its kernel's gradient 0.75 of the direct time).
  static func paysForRowWinograd(_ geometry: ConvolutionGeometry) -> Bool {
    ConvolutionAlgorithm.rowWinograd.supports(geometry) && geometry.window.window.width * geometry.window.channels >= 16
      && geometry.outputChannels >= 8 && geometry.window.output.height >= 2
  }
}

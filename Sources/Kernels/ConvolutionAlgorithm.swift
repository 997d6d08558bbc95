/// How a convolution or one of its gradients is computed.
public enum ConvolutionAlgorithm: Sendable {
  /// One matrix product over all positions; only for a 1x1 kernel with stride 1, no padding and one group.
  case matrixProduct
  /// Patches are copied into a matrix (im2col), which is multiplied by the kernel; for every geometry.
  case lowered

  /// The algorithm that suits a geometry.
  static func best(_ geometry: ConvolutionGeometry) -> ConvolutionAlgorithm {
    geometry.isMatrixProduct ? .matrixProduct : .lowered
  }
}

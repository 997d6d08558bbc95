import CKernels

/// A scalar with convolutions of interleaved images: ``interleavedImages`` of them, an image a lane of the vectors, are a
/// block [height, width, channels, images].
///
/// Every vector is then full, whatever the number of channels. The convolutions need one group, and a stride and dilation of
/// 1. Those that are filtered, along the height by Winograd's F(5, 5), need windows of 5 rows; their products are nine of
/// twenty-five direct ones. The window is that over one image.
public protocol InterleavingScalar {
  /// Images of a block: as many as a vector has elements.
  static var interleavedImages: Int { get }

  /// Makes a block of images of `count` elements, which lie one behind the other.
  static func interleave(count: Int, _ images: UnsafePointer<Self>, _ block: UnsafeMutablePointer<Self>)

  /// Makes images of a block: the inverse of ``interleave(count:_:_:)``.
  static func separate(count: Int, _ block: UnsafePointer<Self>, _ images: UnsafeMutablePointer<Self>)

  /// The product of a matrix of `rows` rows of `depth` elements with a block of `depth` elements an image: `rows` an image.
  static func interleavedProduct(
    rows: Int, depth: Int, _ matrix: UnsafePointer<Self>, _ block: UnsafePointer<Self>,
    _ product: UnsafeMutablePointer<Self>)

  /// Convolves blocks with a kernel of `outputs` output channels.
  static func interleavedConvolution(
    _ window: SlidingWindow, isFiltered: Bool, outputs: Int, firstBlock: Int, blocks: Int, _ input: UnsafePointer<Self>,
    _ kernel: UnsafePointer<Self>, _ output: UnsafeMutablePointer<Self>, workspace: UnsafeMutablePointer<Self>)

  /// Adds the blocks' gradients by the kernel to `kernelGradient`.
  static func interleavedKernelGradient(
    _ window: SlidingWindow, isFiltered: Bool, outputs: Int, firstBlock: Int, blocks: Int, _ input: UnsafePointer<Self>,
    _ outputGradient: UnsafePointer<Self>, _ kernelGradient: UnsafeMutablePointer<Self>,
    workspace: UnsafeMutablePointer<Self>)

  /// Adds what rows of one block's output gradients, `rowGradients`, add to the kernel's gradient without filtering to sums at
  /// the beginning of the workspace, or overwrites these; row 0 comes before the others of its block.
  static func interleavedKernelGradient(
    _ window: SlidingWindow, outputs: Int, rows: Range<Int>, isFirst: Bool, _ block: UnsafePointer<Self>,
    _ rowGradients: UnsafePointer<Self>, workspace: UnsafeMutablePointer<Self>)

  /// Adds the sums that ``interleavedKernelGradient(_:outputs:rows:isFirst:_:_:workspace:)`` has made to a kernel's gradient of
  /// `count` elements.
  static func addInterleavedSums(
    count: Int, workspace: UnsafeMutablePointer<Self>, _ kernelGradient: UnsafeMutablePointer<Self>)

  /// Overwrites the blocks' gradients by the input.
  static func interleavedInputGradient(
    _ window: SlidingWindow, isFiltered: Bool, outputs: Int, firstBlock: Int, blocks: Int,
    _ outputGradient: UnsafePointer<Self>, _ kernel: UnsafePointer<Self>, _ inputGradient: UnsafeMutablePointer<Self>,
    workspace: UnsafeMutablePointer<Self>)
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float: InterleavingScalar {
  public static var interleavedImages: Int { kernels.pointee.interleaved_images }

  public static func interleave(count: Int, _ images: UnsafePointer<Float>, _ block: UnsafeMutablePointer<Float>) {
    kernels.pointee.interleave(count, images, block)
  }

  public static func separate(count: Int, _ block: UnsafePointer<Float>, _ images: UnsafeMutablePointer<Float>) {
    kernels.pointee.separate(count, block, images)
  }

  public static func interleavedProduct(
    rows: Int, depth: Int, _ matrix: UnsafePointer<Float>, _ block: UnsafePointer<Float>,
    _ product: UnsafeMutablePointer<Float>
  ) {
    kernels.pointee.interleaved_product(rows, depth, matrix, block, product)
  }

  public static func interleavedConvolution(
    _ window: SlidingWindow, isFiltered: Bool, outputs: Int, firstBlock: Int, blocks: Int,
    _ input: UnsafePointer<Float>,
    _ kernel: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    var window = window.layout
    kernels.pointee.interleaved_convolution(
      &window, isFiltered ? 1 : 0, outputs, firstBlock, blocks, input, kernel, output, workspace)
  }

  public static func interleavedKernelGradient(
    _ window: SlidingWindow, isFiltered: Bool, outputs: Int, firstBlock: Int, blocks: Int,
    _ input: UnsafePointer<Float>,
    _ outputGradient: UnsafePointer<Float>, _ kernelGradient: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutablePointer<Float>
  ) {
    var window = window.layout
    kernels.pointee.interleaved_kernel_gradient(
      &window, isFiltered ? 1 : 0, outputs, firstBlock, blocks, input, outputGradient, kernelGradient, workspace)
  }

  public static func interleavedKernelGradient(
    _ window: SlidingWindow, outputs: Int, rows: Range<Int>, isFirst: Bool, _ block: UnsafePointer<Float>,
    _ rowGradients: UnsafePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    var window = window.layout
    kernels.pointee.interleaved_kernel_gradient_rows(
      &window, outputs, rows.lowerBound, rows.count, isFirst ? 1 : 0, block, rowGradients, workspace)
  }

  public static func addInterleavedSums(
    count: Int, workspace: UnsafeMutablePointer<Float>, _ kernelGradient: UnsafeMutablePointer<Float>
  ) {
    kernels.pointee.add_interleaved_sums(count, workspace, kernelGradient)
  }

  public static func interleavedInputGradient(
    _ window: SlidingWindow, isFiltered: Bool, outputs: Int, firstBlock: Int, blocks: Int,
    _ outputGradient: UnsafePointer<Float>, _ kernel: UnsafePointer<Float>,
    _ inputGradient: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutablePointer<Float>
  ) {
    var window = window.layout
    kernels.pointee.interleaved_input_gradient(
      &window, isFiltered ? 1 : 0, outputs, firstBlock, blocks, outputGradient, kernel, inputGradient, workspace)
  }
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Double: InterleavingScalar {
  public static var interleavedImages: Int { kernels.pointee.interleaved_images }

  public static func interleave(count: Int, _ images: UnsafePointer<Double>, _ block: UnsafeMutablePointer<Double>) {
    kernels.pointee.interleave(count, images, block)
  }

  public static func separate(count: Int, _ block: UnsafePointer<Double>, _ images: UnsafeMutablePointer<Double>) {
    kernels.pointee.separate(count, block, images)
  }

  public static func interleavedProduct(
    rows: Int, depth: Int, _ matrix: UnsafePointer<Double>, _ block: UnsafePointer<Double>,
    _ product: UnsafeMutablePointer<Double>
  ) {
    kernels.pointee.interleaved_product(rows, depth, matrix, block, product)
  }

  public static func interleavedConvolution(
    _ window: SlidingWindow, isFiltered: Bool, outputs: Int, firstBlock: Int, blocks: Int,
    _ input: UnsafePointer<Double>,
    _ kernel: UnsafePointer<Double>, _ output: UnsafeMutablePointer<Double>, workspace: UnsafeMutablePointer<Double>
  ) {
    var window = window.layout
    kernels.pointee.interleaved_convolution(
      &window, isFiltered ? 1 : 0, outputs, firstBlock, blocks, input, kernel, output, workspace)
  }

  public static func interleavedKernelGradient(
    _ window: SlidingWindow, isFiltered: Bool, outputs: Int, firstBlock: Int, blocks: Int,
    _ input: UnsafePointer<Double>,
    _ outputGradient: UnsafePointer<Double>, _ kernelGradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) {
    var window = window.layout
    kernels.pointee.interleaved_kernel_gradient(
      &window, isFiltered ? 1 : 0, outputs, firstBlock, blocks, input, outputGradient, kernelGradient, workspace)
  }

  public static func interleavedKernelGradient(
    _ window: SlidingWindow, outputs: Int, rows: Range<Int>, isFirst: Bool, _ block: UnsafePointer<Double>,
    _ rowGradients: UnsafePointer<Double>, workspace: UnsafeMutablePointer<Double>
  ) {
    var window = window.layout
    kernels.pointee.interleaved_kernel_gradient_rows(
      &window, outputs, rows.lowerBound, rows.count, isFirst ? 1 : 0, block, rowGradients, workspace)
  }

  public static func addInterleavedSums(
    count: Int, workspace: UnsafeMutablePointer<Double>, _ kernelGradient: UnsafeMutablePointer<Double>
  ) {
    kernels.pointee.add_interleaved_sums(count, workspace, kernelGradient)
  }

  public static func interleavedInputGradient(
    _ window: SlidingWindow, isFiltered: Bool, outputs: Int, firstBlock: Int, blocks: Int,
    _ outputGradient: UnsafePointer<Double>, _ kernel: UnsafePointer<Double>,
    _ inputGradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) {
    var window = window.layout
    kernels.pointee.interleaved_input_gradient(
      &window, isFiltered ? 1 : 0, outputs, firstBlock, blocks, outputGradient, kernel, inputGradient, workspace)
  }
}

import CKernels

/// A scalar with kernels for convolutions: the lowering to a matrix product (im2col) and back, and the direct convolution
/// of few channels.
///
/// Lowering works on the output rows `firstRow..<firstRow + rows` of one image. The matrix has a row for each output
/// position and, for each tap of the window, the `channels` channels that begin at `firstChannel`:
/// `columns[position, i, j, channel]`.
///
/// The direct kernels work on whole images, with kernels of [window height, window width, channels, outputs]; they need a
/// window of at most 16 rows and no dilation along its width. See ``SlidingWindow/directWorkspaceCount(outputs:)``.
///
/// The row-Winograd kernels are direct ones that filter two output rows at a time with 6 rows of products instead of 10:
/// for windows of 5 rows, a stride of one row and no dilation. See ``SlidingWindow/rowWinogradWorkspaceCount(outputs:)``.
public protocol ConvolutionScalar {
  /// Writes the patches of `image` into `columns`, with zeros for the padding.
  static func imageToColumns(
    _ window: SlidingWindow, firstRow: Int, rows: Int, firstChannel: Int, channels: Int, _ image: UnsafePointer<Self>,
    _ columns: UnsafeMutablePointer<Self>)

  /// Adds the patches in `columns` to `image`, and drops the padding: the transpose of `imageToColumns`.
  static func columnsToImage(
    _ window: SlidingWindow, firstRow: Int, rows: Int, firstChannel: Int, channels: Int,
    _ columns: UnsafePointer<Self>, _ image: UnsafeMutablePointer<Self>)

  /// Convolves images with a kernel of `outputs` output channels.
  static func directConvolution(
    _ window: SlidingWindow, outputs: Int, firstImage: Int, images: Int, _ input: UnsafePointer<Self>,
    _ kernel: UnsafePointer<Self>, _ output: UnsafeMutablePointer<Self>, workspace: UnsafeMutablePointer<Self>)

  /// Adds the images' gradients by the kernel to `kernelGradient`.
  static func directKernelGradient(
    _ window: SlidingWindow, outputs: Int, firstImage: Int, images: Int, _ input: UnsafePointer<Self>,
    _ outputGradient: UnsafePointer<Self>, _ kernelGradient: UnsafeMutablePointer<Self>,
    workspace: UnsafeMutablePointer<Self>)

  /// Overwrites the images' gradients by the input.
  static func directInputGradient(
    _ window: SlidingWindow, outputs: Int, firstImage: Int, images: Int, _ outputGradient: UnsafePointer<Self>,
    _ kernel: UnsafePointer<Self>, _ inputGradient: UnsafeMutablePointer<Self>, workspace: UnsafeMutablePointer<Self>)

  /// Convolves images with a kernel of 5 rows and `outputs` output channels.
  static func rowWinogradConvolution(
    _ window: SlidingWindow, outputs: Int, firstImage: Int, images: Int, _ input: UnsafePointer<Self>,
    _ kernel: UnsafePointer<Self>, _ output: UnsafeMutablePointer<Self>, workspace: UnsafeMutablePointer<Self>)

  /// Adds the images' gradients by a kernel of 5 rows to `kernelGradient`.
  static func rowWinogradKernelGradient(
    _ window: SlidingWindow, outputs: Int, firstImage: Int, images: Int, _ input: UnsafePointer<Self>,
    _ outputGradient: UnsafePointer<Self>, _ kernelGradient: UnsafeMutablePointer<Self>,
    workspace: UnsafeMutablePointer<Self>)
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float: ConvolutionScalar {
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

  public static func directConvolution(
    _ window: SlidingWindow, outputs: Int, firstImage: Int, images: Int, _ input: UnsafePointer<Float>,
    _ kernel: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    var window = window.layout
    kernels.pointee.direct_convolution(&window, outputs, firstImage, images, input, kernel, output, workspace)
  }

  public static func directKernelGradient(
    _ window: SlidingWindow, outputs: Int, firstImage: Int, images: Int, _ input: UnsafePointer<Float>,
    _ outputGradient: UnsafePointer<Float>, _ kernelGradient: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutablePointer<Float>
  ) {
    var window = window.layout
    kernels.pointee.direct_kernel_gradient(
      &window, outputs, firstImage, images, input, outputGradient, kernelGradient, workspace)
  }

  public static func directInputGradient(
    _ window: SlidingWindow, outputs: Int, firstImage: Int, images: Int, _ outputGradient: UnsafePointer<Float>,
    _ kernel: UnsafePointer<Float>, _ inputGradient: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutablePointer<Float>
  ) {
    var window = window.layout
    kernels.pointee.direct_input_gradient(
      &window, outputs, firstImage, images, outputGradient, kernel, inputGradient, workspace)
  }

  public static func rowWinogradConvolution(
    _ window: SlidingWindow, outputs: Int, firstImage: Int, images: Int, _ input: UnsafePointer<Float>,
    _ kernel: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>
  ) {
    var window = window.layout
    kernels.pointee.row_winograd_convolution(&window, outputs, firstImage, images, input, kernel, output, workspace)
  }

  public static func rowWinogradKernelGradient(
    _ window: SlidingWindow, outputs: Int, firstImage: Int, images: Int, _ input: UnsafePointer<Float>,
    _ outputGradient: UnsafePointer<Float>, _ kernelGradient: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutablePointer<Float>
  ) {
    var window = window.layout
    kernels.pointee.row_winograd_kernel_gradient(
      &window, outputs, firstImage, images, input, outputGradient, kernelGradient, workspace)
  }
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Double: ConvolutionScalar {
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

  public static func directConvolution(
    _ window: SlidingWindow, outputs: Int, firstImage: Int, images: Int, _ input: UnsafePointer<Double>,
    _ kernel: UnsafePointer<Double>, _ output: UnsafeMutablePointer<Double>, workspace: UnsafeMutablePointer<Double>
  ) {
    var window = window.layout
    kernels.pointee.direct_convolution(&window, outputs, firstImage, images, input, kernel, output, workspace)
  }

  public static func directKernelGradient(
    _ window: SlidingWindow, outputs: Int, firstImage: Int, images: Int, _ input: UnsafePointer<Double>,
    _ outputGradient: UnsafePointer<Double>, _ kernelGradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) {
    var window = window.layout
    kernels.pointee.direct_kernel_gradient(
      &window, outputs, firstImage, images, input, outputGradient, kernelGradient, workspace)
  }

  public static func directInputGradient(
    _ window: SlidingWindow, outputs: Int, firstImage: Int, images: Int, _ outputGradient: UnsafePointer<Double>,
    _ kernel: UnsafePointer<Double>, _ inputGradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) {
    var window = window.layout
    kernels.pointee.direct_input_gradient(
      &window, outputs, firstImage, images, outputGradient, kernel, inputGradient, workspace)
  }

  public static func rowWinogradConvolution(
    _ window: SlidingWindow, outputs: Int, firstImage: Int, images: Int, _ input: UnsafePointer<Double>,
    _ kernel: UnsafePointer<Double>, _ output: UnsafeMutablePointer<Double>, workspace: UnsafeMutablePointer<Double>
  ) {
    var window = window.layout
    kernels.pointee.row_winograd_convolution(&window, outputs, firstImage, images, input, kernel, output, workspace)
  }

  public static func rowWinogradKernelGradient(
    _ window: SlidingWindow, outputs: Int, firstImage: Int, images: Int, _ input: UnsafePointer<Double>,
    _ outputGradient: UnsafePointer<Double>, _ kernelGradient: UnsafeMutablePointer<Double>,
    workspace: UnsafeMutablePointer<Double>
  ) {
    var window = window.layout
    kernels.pointee.row_winograd_kernel_gradient(
      &window, outputs, firstImage, images, input, outputGradient, kernelGradient, workspace)
  }
}

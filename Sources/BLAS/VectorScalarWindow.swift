import CKernels

/// A height and a width, of a window, its stride or its dilation. An integer literal means a square.
public struct Extent: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// Rows.
  public var height: Int
  /// Columns.
  public var width: Int

  /// An extent of `height` rows and `width` columns.
  public init(_ height: Int, _ width: Int) { (self.height, self.width) = (height, width) }

  /// The same height and width.
  public init(integerLiteral value: Int) { self.init(value, value) }

  /// For example `3x5`.
  public var description: String { "\(height)x\(width)" }
}

/// How many rows and columns of padding surround an image.
public struct WindowPadding: Hashable, Sendable {
  /// Padding rows above and below, padding columns to the left and to the right; 0 by default.
  public var top, bottom, left, right: Int

  /// The given padding on each side.
  public init(top: Int = 0, bottom: Int = 0, left: Int = 0, right: Int = 0) {
    (self.top, self.bottom, self.left, self.right) = (top, bottom, left, right)
  }

  /// No padding.
  public static let none = WindowPadding()

  /// The padding with which the output has ceil(size / stride) positions along each axis; where its total is odd, the
  /// larger half is below and to the right, as in Keras.
  public static func same(size: Extent, window: Extent, stride: Extent = 1, dilation: Extent = 1) -> WindowPadding {
    func total(_ size: Int, _ window: Int, _ stride: Int, _ dilation: Int) -> Int {
      max(0, ((size + stride - 1) / stride - 1) * stride + (window - 1) * dilation + 1 - size)
    }
    let rows = total(size.height, window.height, stride.height, dilation.height)
    let columns = total(size.width, window.width, stride.width, dilation.width)
    return WindowPadding(top: rows / 2, bottom: rows - rows / 2, left: columns / 2, right: columns - columns / 2)
  }
}

/// A window that slides over images stored as [height, width, channels], as convolutions and pooling use it.
///
/// Output position (r, c) sees the inputs at rows `r · stride.height + i · dilation.height - padding.top` and columns
/// `c · stride.width + j · dilation.width - padding.left`; those outside the image are padding.
public struct SlidingWindow: Hashable, Sendable {
  /// The image's height and width.
  public let size: Extent
  /// The image's channels.
  public let channels: Int
  /// The window's height and width.
  public let window: Extent
  /// How far the window moves from one output position to the next.
  public let stride: Extent
  /// The distance between neighbouring taps of the window; 1 is a dense window.
  public let dilation: Extent
  /// The padding around the image.
  public let padding: WindowPadding
  /// How many positions the window takes: `(size + padding - ((window - 1) · dilation + 1)) / stride + 1`, rounded down,
  /// along each axis; 0 where the window does not fit.
  public let output: Extent

  /// Describes a window. Strides and dilations must be at least 1, all sizes and the padding at least 0.
  public init(
    size: Extent, channels: Int, window: Extent, stride: Extent = 1, padding: WindowPadding = .none,
    dilation: Extent = 1
  ) {
    (self.size, self.channels, self.window, self.stride) = (size, channels, window, stride)
    (self.padding, self.dilation) = (padding, dilation)
    func positions(_ size: Int, _ padding: Int, _ window: Int, _ stride: Int, _ dilation: Int) -> Int {
      let room = size + padding - ((window - 1) * dilation + 1)
      return room < 0 ? 0 : room / stride + 1
    }
    output = Extent(
      positions(size.height, padding.top + padding.bottom, window.height, stride.height, dilation.height),
      positions(size.width, padding.left + padding.right, window.width, stride.width, dilation.width))
  }

  /// Rows and columns of the image with its padding, as far as the window reads and no less than the image.
  private var padded: Extent {
    Extent(
      max(padding.top + size.height, (output.height - 1) * stride.height + (window.height - 1) * dilation.height + 1),
      max(padding.left + size.width, (output.width - 1) * stride.width + window.width))
  }

  /// Elements of the image with its padding.
  public var paddedCount: Int { padded.height * padded.width * channels }

  /// Elements of scratch memory that each direct convolution kernel needs.
  ///
  /// That is a padded image, and the kernel or the output's gradient with its rows filled up to whole vectors. For one
  /// channel, the gradient is stored as a plane for each output.
  public func directWorkspaceCount(outputs: Int) -> (forward: Int, kernelGradient: Int, inputGradient: Int) {
    let row = window.width * channels
    // The widest vectors hold 16 elements: an output's gradient whose channels fill them is used where it lies.
    let gradient = outputs % 16 == 0 ? 0 : output.height * output.width * wholeVectors(outputs)
    var forward = paddedCount + window.height * row * wholeVectors(outputs)
    var kernelGradient = paddedCount + gradient
    if channels == 1 {
      // Rows of the image and of the output's gradient are filled up to whole vectors, and so is each sum over a tap.
      let widened = padded.height * (wholeVectors(output.width) + window.width) + 16
      forward = max(forward, widened)
      let planes = outputs * (output.height * wholeVectors(output.width) + 16 * window.height * window.width)
      kernelGradient = max(kernelGradient, widened + planes)
    }
    // The sums of a row of outputs between columns of zeros; reading the last pixel's as a vector goes beyond them.
    let columns = output.width + 2 * (window.width - 1)
    let inputGradient = (window.height * outputs + columns) * wholeVectors(row) + 16
    return (forward, kernelGradient, inputGradient)
  }

  /// Elements of scratch memory that each row-Winograd kernel needs: a padded image, rows at the 6 points of the transform,
  /// and the kernel or its gradient there.
  public func rowWinogradWorkspaceCount(outputs: Int) -> (forward: Int, kernelGradient: Int) {
    let (lanes, row, reach) = (wholeVectors(outputs), window.width * channels, padded.width * channels)
    let pairs = (output.height + 1) / 2
    let forward = 6 * (row + output.width) * lanes + 7 * reach + paddedCount
    let kernelGradient = (6 * row + (6 * pairs + 2) * output.width) * lanes + (6 * pairs + 1) * reach + paddedCount
    return (forward, kernelGradient)
  }

  /// Elements of scratch memory that each kernel for blocks of interleaved images needs: a padded block, and where the kernels
  /// are filtered, rows and the kernel at the 9 points of the transform. The kernel's gradient has a sum for each image.
  public func interleavedWorkspaceCount(
    outputs: Int, images: Int, isFiltered: Bool
  ) -> (forward: Int, kernelGradient: Int, inputGradient: Int) {
    let kernelRow = window.width * channels * outputs, reach = padded.width * channels * images
    let (lanes, tiles, block) = (outputs * images, (output.height + 4) / 5, paddedCount * images + images)
    guard isFiltered else {
      return (
        block, window.height * kernelRow * images + block, output.height * (output.width + 2) * lanes + images
      )
    }
    let (atPoints, row, inputRow) = (9 * kernelRow + images, output.width * lanes, size.width * channels * images)
    // Of up to 6 output channels at a time, at a point and its negative.
    let gradientsAtPoints = 2 * 6 * tiles * output.width * images
    return (
      atPoints + 9 * row + 10 * reach + lanes + block,
      atPoints + 2 * kernelRow * images + gradientsAtPoints + (9 * tiles + 1) * reach + row + block,
      atPoints + 2 * row + 4 * lanes + 10 * inputRow + max(row, inputRow) + images
    )
  }

  /// As many elements as whole vectors hold, whatever their width.
  private func wholeVectors(_ count: Int) -> Int { (count + 31) / 32 * 32 }

  /// The same window as the C kernels take it.
  var layout: ridgeline_window {
    ridgeline_window(
      height: size.height, width: size.width, channels: channels, window_height: window.height,
      window_width: window.width, stride_height: stride.height, stride_width: stride.width,
      dilation_height: dilation.height, dilation_width: dilation.width, padding_top: padding.top,
      padding_left: padding.left, output_height: output.height, output_width: output.width)
  }
}

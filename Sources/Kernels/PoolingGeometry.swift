public import BLAS

/// The shapes of a pooling: a batch of images [height, width, channels] and the window that slides over them.
public struct PoolingGeometry: Hashable, Sendable {
  /// The number of images.
  public let batch: Int
  /// The window, its image and its output size.
  public let window: SlidingWindow

  /// Describes a pooling. The stride is the window's size by default, so that windows do not overlap.
  public init(
    batch: Int, size: Extent, channels: Int, window: Extent, stride: Extent? = nil, padding: WindowPadding = .none
  ) {
    self.batch = batch
    self.window = SlidingWindow(
      size: size, channels: channels, window: window, stride: stride ?? window, padding: padding)
  }

  /// Elements of the input, [batch, height, width, channels].
  public var inputCount: Int { batch * window.size.height * window.size.width * window.channels }

  /// Elements of the output, [batch, output height, output width, channels].
  public var outputCount: Int { batch * window.output.height * window.output.width * window.channels }

  /// Elements of one row of an image: what the kernels need as scratch memory for each task.
  public var rowCount: Int { window.size.width * window.channels }

  /// A cut of the output rows of all images.
  var rows: WorkPartition {
    let inputsPerRow = window.window.height * rowCount
    return WorkPartition(
      count: batch * window.output.height, grain: elementsPerTask / 2 / max(1, inputsPerRow), limit: 32)
  }

  /// A cut of the images, for gradients: windows overlap, so a task owns whole images.
  var images: WorkPartition { WorkPartition(images: batch, of: window.size.height * rowCount) }
}

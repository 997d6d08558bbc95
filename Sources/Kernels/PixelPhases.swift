import BLAS

/// A convolution of stride s as one of stride 1 over the s x s phases of its images, as AlexNet's first layer is.
///
/// Output (r, c) sees the pixels (s·r + i, s·c + j). With i = s·a + u and j = s·b + v these are channels (u, v) of the pixels
/// (r + a, c + b) of an image of s·s times as many channels and as many times fewer pixels, over which a window slides by one
/// pixel. The window is filled up to a multiple of s with zeros.
struct PixelPhases: Hashable, Sendable {
  /// The same convolution over the phases; without padding, which becomes pixels.
  let phased: ConvolutionGeometry
  private let geometry: ConvolutionGeometry
  /// Pixels from window to window.
  private let stride: Int
  /// Rows and columns of an image up to the last that a window sees. What is beyond counts as zeros, since the zeros that
  /// fill the window up would make something of it.
  private let seen: Extent

  /// The phases of a convolution whose window then is one of 3 or 5, or `nil`.
  init?(_ geometry: ConvolutionGeometry) {
    let window = geometry.window
    let (extent, stride) = (window.window, window.stride.height)
    guard stride > 1, window.stride.width == stride, extent.height == extent.width, window.dilation == 1,
      geometry.groups == 1, geometry.outputCount > 0
    else { return nil }
    let side = (extent.height - 1) / stride + 1
    guard side == 3 || side == 5 else { return nil }
    (self.geometry, self.stride) = (geometry, stride)
    func seen(_ size: Int, _ output: Int, _ padding: Int) -> Int {
      max(0, min(size, (output - 1) * stride + extent.height - padding))
    }
    self.seen = Extent(
      seen(window.size.height, window.output.height, window.padding.top),
      seen(window.size.width, window.output.width, window.padding.left))
    phased = ConvolutionGeometry(
      batch: geometry.batch,
      size: Extent(window.output.height + side - 1, window.output.width + side - 1),
      channels: stride * stride * window.channels, kernel: Extent(side, side), outputChannels: geometry.outputChannels)
  }

  /// How images are shared out to tasks.
  var partition: WorkPartition { WorkPartition(images: geometry.batch, of: phased.imageCount) }

  /// Where the images of each task lie.
  var imageRanges: [Range<Int>] { partition.ranges(of: geometry.imageCount) }

  /// Writes the phases of some images.
  func gather<S: Scalar>(_ images: Range<Int>, _ from: UnsafePointer<S>, to phases: UnsafeMutablePointer<S>) {
    forEachRow(of: images) { row, phase, pixels in
      let channels = geometry.window.channels
      for column in 0..<phased.window.size.width {
        let to = phases + phase + column * phased.window.channels
        let wanted = self.pixels(ofColumn: column), inside = wanted.clamped(to: 0..<seen.width)
        guard let row, !inside.isEmpty else {
          to.update(repeating: 0, count: pixels)
          continue
        }
        if inside != wanted { to.update(repeating: 0, count: pixels) }
        copy(
          inside.count * channels, from + row + inside.lowerBound * channels,
          to + (inside.lowerBound - wanted.lowerBound) * channels)
      }
    }
  }

  /// Writes some images, whose phases are given; what no window sees becomes zero.
  func scatter<S: Scalar>(_ images: Range<Int>, _ phases: UnsafePointer<S>, to: UnsafeMutablePointer<S>) {
    let channels = geometry.window.channels
    to.advanced(by: images.lowerBound * geometry.imageCount)
      .update(repeating: 0, count: images.count * geometry.imageCount)
    forEachRow(of: images) { row, phase, _ in
      guard let row else { return }
      for column in 0..<phased.window.size.width {
        let wanted = self.pixels(ofColumn: column), inside = wanted.clamped(to: 0..<seen.width)
        copy(
          inside.count * channels,
          phases + phase + column * phased.window.channels + (inside.lowerBound - wanted.lowerBound) * channels,
          to + row + inside.lowerBound * channels)
      }
    }
  }

  /// Writes the kernel over the phases.
  func gather<S: Scalar>(kernel: UnsafePointer<S>, to phases: UnsafeMutablePointer<S>) {
    phases.update(repeating: 0, count: phased.kernelCount)
    forEachTap { tap, phase, count in (phases + phase).update(from: kernel + tap, count: count) }
  }

  /// Writes a kernel, or its gradient, of which the one over the phases is given.
  func scatter<S: Scalar>(kernel phases: UnsafePointer<S>, to kernel: UnsafeMutablePointer<S>) {
    forEachTap { tap, phase, count in (kernel + tap).update(from: phases + phase, count: count) }
  }

  /// The columns of an image that are phases of one column; some may be outside.
  private func pixels(ofColumn column: Int) -> Range<Int> {
    let first = column * stride - geometry.window.padding.left
    return first..<first + stride
  }

  /// Calls `body` with where each row of an image begins, or `nil` where no window sees it, where its pixels in the first
  /// column are among the phases, and how many elements a column has of them.
  @inline(__always)
  private func forEachRow(of images: Range<Int>, _ body: (_ row: Int?, _ phase: Int, _ pixels: Int) -> Void) {
    let (size, window) = (phased.window.size, geometry.window)
    let count = stride * window.channels
    for image in images {
      for row in 0..<size.height * stride {
        let (phaseRow, phase) = row.quotientAndRemainder(dividingBy: stride)
        let pixelRow = row - window.padding.top
        let isSeen = 0..<seen.height ~= pixelRow
        body(
          isSeen ? image * geometry.imageCount + pixelRow * window.size.width * window.channels : nil,
          image * phased.imageCount + phaseRow * size.width * phased.window.channels + phase * count, count)
      }
    }
  }

  /// Calls `body` with where each tap is in the kernel and in the one over the phases, and its elements.
  @inline(__always)
  private func forEachTap(_ body: (_ tap: Int, _ phase: Int, _ count: Int) -> Void) {
    let (extent, side) = (geometry.window.window.height, phased.window.window.height)
    let count = geometry.window.channels * geometry.outputChannels
    for row in 0..<extent {
      for column in 0..<extent {
        let tap = row / stride * side + column / stride
        let phase = row % stride * stride + column % stride
        body((row * extent + column) * count, (tap * stride * stride + phase) * count, count)
      }
    }
  }

  /// Copies a few elements: too few for a call.
  @inline(__always)
  private func copy<S: Scalar>(_ count: Int, _ from: UnsafePointer<S>, _ to: UnsafeMutablePointer<S>) {
    for k in 0..<count { to[k] = from[k] }
  }
}

import BLAS
import Tensors
import Kernels

/// Rows and columns of something two-dimensional: a stride, a window, a dilation.
public struct Size2D: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int

  /// A size of `height` rows and `width` columns.
  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  /// A square.
  public init(integerLiteral value: Int) { self.init(value, value) }

  var extent: Extent { Extent(height, width) }

  /// As in `5x5`.
  public var description: String { "\(height)x\(width)" }
}

/// What stands around an image when a window slides over it.
public enum Padding2D: Hashable, Sendable {
  /// Nothing: windows lie inside the image.
  case valid
  /// As much as gives ceil(size / stride) windows, the odd one below and to the right, as in TensorFlow and Keras.
  case same
  /// Given side by side.
  case explicit(top: Int, bottom: Int, left: Int, right: Int)

  /// The same number of rows and columns on every side, as in PyTorch.
  public static func symmetric(_ count: Int) -> Padding2D {
    .explicit(top: count, bottom: count, left: count, right: count)
  }
}

/// A window that slides over the rows and columns of an image [batch, height, width, channels].
struct WindowAttributes: Hashable, Sendable {
  var window: Size2D
  var stride: Size2D
  var dilation: Size2D
  var top = 0
  var bottom = 0
  var left = 0
  var right = 0

  init(window: Size2D, stride: Size2D, dilation: Size2D = 1, padding: Padding2D, height: Int, width: Int) {
    self.window = window
    self.stride = stride
    self.dilation = dilation
    switch padding {
    case .valid: break
    case .same:
      (top, bottom) = Self.same(size: height, reach: reach.height, stride: stride.height)
      (left, right) = Self.same(size: width, reach: reach.width, stride: stride.width)
    case .explicit(let top, let bottom, let left, let right):
      (self.top, self.bottom, self.left, self.right) = (top, bottom, left, right)
    }
  }

  /// Rows and columns from the window's first element to its last, both counted. Absurd sizes wrap around here and are
  /// refused by ``outputSize(height:width:)``.
  var reach: Size2D {
    Size2D(
      (window.height &- 1) &* dilation.height &+ 1, (window.width &- 1) &* dilation.width &+ 1)
  }

  /// Longer windows and strides than any image needs, short enough for their products to stay whole numbers.
  private static let longest = 1 << 20

  private static func same(size: Int, reach: Int, stride: Int) -> (Int, Int) {
    guard (1...longest).contains(stride), (1...longest * longest).contains(reach) else { return (0, 0) }
    let windows = (size + stride - 1) / stride
    let total = Swift.max((windows - 1) * stride + reach - size, 0)
    return (total / 2, total - total / 2)
  }

  /// How many windows fit an image, or a sentence's end that says why none does.
  func outputSize(height: Int, width: Int) throws(ShapeMismatch) -> Size2D {
    guard
      [window.height, window.width, stride.height, stride.width, dilation.height, dilation.width]
        .allSatisfy((1...Self.longest).contains), [top, bottom, left, right].allSatisfy((0...Self.longest).contains)
    else {
      throw ShapeMismatch(
        expected: "a positive window, stride and dilation and no negative padding (of at most \(Self.longest))")
    }
    let (padded, paddedWidth) = (height + top + bottom, width + left + right)
    guard padded >= reach.height, paddedWidth >= reach.width else {
      throw ShapeMismatch(
        expected: "an image of at least \(reach) rows and columns for its \(window) window, padding included "
          + "(there are \(padded)x\(paddedWidth))")
    }
    return Size2D((padded - reach.height) / stride.height + 1, (paddedWidth - reach.width) / stride.width + 1)
  }
}

/// The rows, columns and channels of an image node [batch, height, width, channels].
func imageAxes(_ shape: SymbolicShape) throws(ShapeMismatch) -> (height: Int, width: Int, channels: Int) {
  guard shape.rank == 4, let height = shape[1].fixedSize, let width = shape[2].fixedSize,
    let channels = shape[3].fixedSize
  else { throw ShapeMismatch(expected: "images [batch, height, width, channels]") }
  return (height, width, channels)
}

extension PreparedKernel.ByImages {
  /// A pooling of images, or its gradient.
  init(
    _ geometry: PoolingGeometry, isGradient: Bool = false,
    run: @escaping (PreparedKernel<S>.Addresses, Range<Int>, UnsafeMutablePointer<S>) -> Void
  ) {
    let images = max(geometry.batch, 1)
    let (input, output) = (geometry.inputCount / images, geometry.outputCount / images)
    self.init(
      operandCount: isGradient ? output : input, resultCount: isGradient ? input : output,
      scratchCount: geometry.rowCount, run: run)
  }
}

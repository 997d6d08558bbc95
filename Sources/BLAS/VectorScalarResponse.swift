import CKernels

/// Which channels of a pixel the local response normalization of each one sees.
public struct ResponseWindow: Hashable, Sendable {
  /// The channels of a pixel.
  public let channels: Int
  /// How many channels before and after it a channel sees.
  public let before, after: Int

  /// `size` channels around each one: size / 2 before it, rounded down, and the rest after it, as PyTorch has it; an odd
  /// size, as in the paper, is the same number on both sides. What lies beyond the pixel counts as 0.
  public init(channels: Int, size: Int) {
    self.channels = channels
    before = max(0, min(size / 2, channels - 1))
    after = max(0, min((size - 1) / 2, channels - 1))
  }

  /// Elements of scratch memory that each kernel needs: five rows with room around them, in whole vectors.
  public var scratchCount: Int { 5 * ((channels + before + after + 31) / 32 * 32) }

  /// The window as the C kernels take it.
  var layout: ridgeline_response { ridgeline_response(channels: channels, before: before, after: after) }
}

/// A scalar with kernels for local response normalization (Krizhevsky et al. 2012, section 3.3): with
/// `s[c] = bias + scale · Σ x[c']²` over the window of `c`, `y[c] = x[c] · s[c]^-exponent`.
///
/// Pixels lie one after the other, [pixels, channels]. `scratch` holds `window.scratchCount` elements.
public protocol ResponseScalar {
  /// `y` from `x`.
  static func responseNormalization(
    _ window: ResponseWindow, pixels: Int, scale: Self, bias: Self, exponent: Self, _ x: UnsafePointer<Self>,
    _ y: UnsafeMutablePointer<Self>, scratch: UnsafeMutablePointer<Self>)

  /// The gradient by `x` from that by `y`; nothing but `x` need be kept from the forward pass.
  static func responseNormalizationGradient(
    _ window: ResponseWindow, pixels: Int, scale: Self, bias: Self, exponent: Self, _ x: UnsafePointer<Self>,
    _ outputGradient: UnsafePointer<Self>, _ inputGradient: UnsafeMutablePointer<Self>,
    scratch: UnsafeMutablePointer<Self>)
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float: ResponseScalar {
  public static func responseNormalization(
    _ window: ResponseWindow, pixels: Int, scale: Float, bias: Float, exponent: Float, _ x: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    var layout = window.layout
    kernels.pointee.response_normalization(&layout, pixels, scale, bias, exponent, x, y, scratch)
  }

  public static func responseNormalizationGradient(
    _ window: ResponseWindow, pixels: Int, scale: Float, bias: Float, exponent: Float, _ x: UnsafePointer<Float>,
    _ outputGradient: UnsafePointer<Float>, _ inputGradient: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var layout = window.layout
    kernels.pointee.response_normalization_gradient(
      &layout, pixels, scale, bias, exponent, x, outputGradient, inputGradient, scratch)
  }
}

// Documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Double: ResponseScalar {
  public static func responseNormalization(
    _ window: ResponseWindow, pixels: Int, scale: Double, bias: Double, exponent: Double, _ x: UnsafePointer<Double>,
    _ y: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    var layout = window.layout
    kernels.pointee.response_normalization(&layout, pixels, scale, bias, exponent, x, y, scratch)
  }

  public static func responseNormalizationGradient(
    _ window: ResponseWindow, pixels: Int, scale: Double, bias: Double, exponent: Double, _ x: UnsafePointer<Double>,
    _ outputGradient: UnsafePointer<Double>, _ inputGradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    var layout = window.layout
    kernels.pointee.response_normalization_gradient(
      &layout, pixels, scale, bias, exponent, x, outputGradient, inputGradient, scratch)
  }
}

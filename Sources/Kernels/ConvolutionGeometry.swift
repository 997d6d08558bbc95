public import BLAS

/// The shapes of a convolution: input [batch, height, width, channels], kernel [kernel height, kernel width,
/// channels / groups, output channels], output [batch, output height, output width, output channels].
///
/// It is a cross-correlation, as everywhere in neural networks: the kernel is not turned round. Input channels and output
/// channels are cut in `groups` equal parts, and each part of the output sees only its part of the input.
public struct ConvolutionGeometry: Hashable, Sendable {
  /// The number of images.
  public let batch: Int
  /// The window over the input, with its stride, padding, dilation and output size.
  public let window: SlidingWindow
  /// The kernel's number of output channels.
  public let outputChannels: Int
  /// How many parts the channels are cut in.
  public let groups: Int

  /// Describes a convolution. `groups` must divide both numbers of channels.
  public init(
    batch: Int, size: Extent, channels: Int, kernel: Extent, outputChannels: Int, stride: Extent = 1,
    padding: WindowPadding = .none, dilation: Extent = 1, groups: Int = 1
  ) {
    precondition(
      groups > 0 && channels % groups == 0 && outputChannels % groups == 0, "groups divide the numbers of channels")
    (self.batch, self.outputChannels, self.groups) = (batch, outputChannels, groups)
    window = SlidingWindow(
      size: size, channels: channels, window: kernel, stride: stride, padding: padding, dilation: dilation)
  }

  /// Elements of the input.
  public var inputCount: Int { batch * imageCount }
  /// Elements of the kernel.
  public var kernelCount: Int { patchCount * outputChannels }
  /// Elements of the output.
  public var outputCount: Int { batch * positions * outputChannels }
  /// Multiplications of an input by a weight in a forward pass, those with padding included.
  public var multiplyAdds: Int { outputCount * patchCount }

  /// Elements of one image.
  var imageCount: Int { window.size.height * window.size.width * window.channels }
  /// Output positions of one image.
  var positions: Int { window.output.height * window.output.width }
  /// Input channels that an output channel sees.
  var groupChannels: Int { window.channels / groups }
  /// Output channels of a group.
  var groupOutputChannels: Int { outputChannels / groups }
  /// Inputs that an output sees.
  var patchCount: Int { window.window.height * window.window.width * groupChannels }
}

import BLAS

/// A convolution, or its gradient by the input, by Winograd's filtering of tiles.
///
/// The first phase takes the kernel to the 36 points. In the second, each task goes through its rows of tiles in blocks whose
/// values at the points stay in the cache: transform the inputs, multiply by the kernel at each point, transform back. The
/// gradient by the input is the same convolution of the output's gradient, with the kernel turned round and its channels
/// exchanged.
struct WinogradConvolution<S: Scalar>: Sendable {
  /// Elements of scratch memory.
  let workspaceCount: Int
  /// The number of tasks in each phase.
  let phases: [Int]
  /// Where each task's results lie.
  let resultRanges: [Range<Int>]

  private let geometry: ConvolutionGeometry, isTurned: Bool
  /// The window over the images that are read, and the channels of those and of the results.
  private let window: SlidingWindow, channels: Int, outputs: Int
  private let tiling: WinogradTiling, partition: WorkPartition, kernelPartition: WorkPartition
  private let rowsPerBlock: Int, inputPlane: Int, outputPlane: Int, kernelPlane: Int

  /// Plans the convolution, or the input's gradient.
  init(_ geometry: ConvolutionGeometry, isInputGradient: Bool = false) {
    self.geometry = geometry
    isTurned = isInputGradient
    window = isInputGradient ? geometry.turnedWindow : geometry.window
    (channels, outputs) = (window.channels, isInputGradient ? geometry.window.channels : geometry.outputChannels)
    tiling = WinogradTiling(window: window, batch: geometry.batch)
    let wanted = Self.tilesPerBlock(channels: channels / geometry.groups, outputs: outputs / geometry.groups)
    rowsPerBlock = max(1, min(tiling.rows, wanted / tiling.across))
    let tiles = rowsPerBlock * tiling.across
    (inputPlane, outputPlane) = (WinogradTiling.plane(tiles * channels), WinogradTiling.plane(tiles * outputs))
    kernelPlane = WinogradTiling.plane(geometry.channelPairs)
    let scratch = WinogradTiling.points * (inputPlane + outputPlane)
    // Every task has scratch memory of its own.
    let limit = max(2, min(16, 16_000_000 / scratch))
    partition = WorkPartition(count: tiling.rows, grain: min(rowsPerBlock, pieces(tiling.rows, of: 2)), limit: limit)
    // Turned, a task takes whole rows of the kernel.
    kernelPartition =
      isInputGradient
      ? WorkPartition(count: geometry.groupChannels, grain: max(16, 2048 / max(geometry.outputChannels, 1)))
      : WorkPartition(count: geometry.channelPairs, grain: 2048)
    workspaceCount = WinogradTiling.points * kernelPlane + partition.taskCount * scratch
    phases = [kernelPartition.taskCount, partition.taskCount]
    resultRanges = (0..<partition.taskCount).map { [window, tiling, partition, outputs] task in
      func first(_ row: Int) -> Int {
        let down = pieces(window.output.height, of: tiling.side)
        let (image, rest) = row.quotientAndRemainder(dividingBy: down)
        return (image * window.output.height + rest * tiling.side) * window.output.width * outputs
      }
      let range = partition.range(task)
      return first(range.lowerBound)..<first(range.upperBound)
    }
  }

  /// Tiles of a block: enough rows for the matrix products, few enough that the values at all points stay in the second-level
  /// cache where channels are few.
  private static func tilesPerBlock(channels: Int, outputs: Int) -> Int {
    let pair = max(channels, outputs)
    return pair <= 128 ? 56 : pair <= 256 ? 196 : 98
  }

  /// Channels that one library call sums. The rounding error of a sum grows with its length, and transforming back makes it
  /// several times larger, so long sums are made of short ones.
  private static var channelsPerSum: Int { 32 }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func run(
    phase: Int, task: Int, images: UnsafePointer<S>, kernel: UnsafePointer<S>, results: UnsafeMutablePointer<S>,
    workspace: UnsafeMutablePointer<S>
  ) {
    if phase == 0 {
      let range = kernelPartition.range(task)
      if isTurned {
        S.tileTurnedKernelPoints(
          window: window.window.height, rows: range.count, columns: geometry.outputChannels,
          kernel + range.lowerBound * geometry.outputChannels, pitch: geometry.outputChannels,
          taps: geometry.channelPairs, workspace + range.lowerBound, pointsPitch: geometry.groupChannels,
          plane: kernelPlane)
      } else {
        S.tileKernelPoints(
          window: window.window.height, elements: range.count, kernel + range.lowerBound, taps: geometry.channelPairs,
          workspace + range.lowerBound, plane: kernelPlane)
      }
      return
    }
    let inputs = workspace + WinogradTiling.points * (kernelPlane + task * (inputPlane + outputPlane))
    let products = inputs + WinogradTiling.points * inputPlane
    let rows = partition.range(task)
    for row in stride(from: rows.lowerBound, to: rows.upperBound, by: rowsPerBlock) {
      let first = row * tiling.across
      let tiles = min(rowsPerBlock, rows.upperBound - row) * tiling.across
      S.tilePoints(window, firstTile: first, tiles: tiles, images, inputs, plane: inputPlane)
      for point in 0..<WinogradTiling.points {
        multiply(
          tiles: tiles, inputs + point * inputPlane, workspace + point * kernelPlane, products + point * outputPlane)
      }
      S.tileOutputs(
        window, outputs: outputs, firstTile: first, tiles: tiles, products, plane: outputPlane, results)
    }
  }

  /// The products at one point, a group of channels at a time.
  private func multiply(
    tiles: Int, _ inputs: UnsafePointer<S>, _ kernel: UnsafePointer<S>, _ products: UnsafeMutablePointer<S>
  ) {
    let (groupChannels, groupOutputs) = (channels / geometry.groups, outputs / geometry.groups)
    for group in 0..<geometry.groups {
      // A group's part of the kernel are columns; turned, rows.
      let pitch = isTurned ? geometry.groupChannels : geometry.outputChannels
      let part = kernel + group * geometry.groupOutputChannels * (isTurned ? pitch : 1)
      for first in stride(from: 0, to: groupChannels, by: Self.channelsPerSum) {
        S.gemm(
          false, false, tiles, groupOutputs, min(Self.channelsPerSum, groupChannels - first), 1,
          inputs + group * groupChannels + first, channels,
          part + first * pitch, pitch, first == 0 ? 0 : 1, products + group * groupOutputs, outputs)
      }
    }
  }
}

extension ConvolutionGeometry {
  /// Elements of the kernel that share a tap.
  var channelPairs: Int { groupChannels * outputChannels }

  /// The window over the output's gradient whose convolution with the turned kernel is the input's gradient.
  var turnedWindow: SlidingWindow {
    let (extent, padding) = (window.window, window.padding)
    return SlidingWindow(
      size: window.output, channels: outputChannels, window: extent,
      stride: 1,
      padding: WindowPadding(
        top: extent.height - 1 - padding.top, bottom: extent.height - 1 - padding.bottom,
        left: extent.width - 1 - padding.left, right: extent.width - 1 - padding.right),
      dilation: 1)
  }
}

import BLAS

/// A convolution, or its gradient by the input, by Winograd's filtering of tiles.
///
/// The first phase takes the kernel to the points. In the second, each task goes through its strips of tiles in blocks whose
/// values at the points stay in the cache, a group of channels at a time: transform the inputs, multiply by the kernel at each
/// point, transform back. The gradient by the input is the same convolution of the output's gradient, with the kernel turned
/// round and its channels exchanged.
struct WinogradConvolution<S: Scalar>: Sendable {
  /// Elements of scratch memory.
  let workspaceCount: Int
  /// The number of tasks in each phase.
  let phases: [Int]
  /// Where each task's results lie.
  let resultRanges: [Range<Int>]

  private let geometry: ConvolutionGeometry, isTurned: Bool
  /// The window over the images that are read.
  private let window: SlidingWindow
  /// The channels of those and of the results, in all and in a group.
  private let outputs: Int, groupChannels: Int, groupOutputs: Int
  private let tiling: WinogradTiling, partition: WorkPartition, kernelPartition: WorkPartition
  private let stripsPerBlock: Int, inputPlane: Int, outputPlane: Int
  /// Elements from one point of the kernel to the next, and from one group's to the next one's.
  private let kernelPlane: Int, kernelPart: Int

  /// Plans the convolution, or the input's gradient. Small images may be cut in tiles together if it `joinsImages`.
  init(_ geometry: ConvolutionGeometry, isInputGradient: Bool = false, joinsImages: Bool) {
    self.geometry = geometry
    isTurned = isInputGradient
    window = isInputGradient ? geometry.turnedWindow : geometry.window
    outputs = isInputGradient ? geometry.window.channels : geometry.outputChannels
    (groupChannels, groupOutputs) = (window.channels / geometry.groups, outputs / geometry.groups)
    tiling = WinogradTiling(window: window, batch: geometry.batch, joinsImages: joinsImages)
    stripsPerBlock = max(1, min(tiling.strips, Self.tilesPerBlock / tiling.tilesPerStrip))
    let tiles = stripsPerBlock * tiling.tilesPerStrip
    (inputPlane, outputPlane) = (
      WinogradTiling.plane(tiles * groupChannels), WinogradTiling.plane(tiles * groupOutputs)
    )
    kernelPart = S.panelElements(rows: groupChannels, columns: groupOutputs)
    kernelPlane = WinogradTiling.plane(geometry.groups * kernelPart)
    let scratch = tiling.points * (inputPlane + outputPlane)
    // Every task has scratch memory of its own: more than two together have at most 38 MB of single precision. An odd number of
    // equal tasks would leave one of two threads idle at the end.
    let limit = max(2, min(16, 9_400_000 / scratch) / 2 * 2)
    partition = WorkPartition(
      count: tiling.strips, grain: min(stripsPerBlock, pieces(tiling.strips, of: 2)), limit: limit)
    // Whole rows of the kernel: turned, some at a time become columns.
    let rowsAtOnce = isInputGradient ? Self.turnedRows : 1
    kernelPartition = WorkPartition(
      count: pieces(geometry.groupChannels, of: rowsAtOnce),
      grain: max(1, 2048 / max(geometry.outputChannels * rowsAtOnce, 1)))
    workspaceCount = tiling.points * kernelPlane + partition.taskCount * scratch
    phases = [kernelPartition.taskCount, partition.taskCount]
    resultRanges = (0..<partition.taskCount).map { [tiling, partition, outputs] task in
      tiling.results(of: partition.range(task), outputs: outputs)
    }
  }

  /// Rows of a kernel that become columns of one panel together, whatever its width.
  private static var turnedRows: Int { 16 }

  /// Tiles of a block: enough rows for the matrix products, few enough that the values at all points stay in the second-level
  /// cache where channels are few, and that there are blocks for several tasks.
  private static var tilesPerBlock: Int { 56 }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func run(
    phase: Int, task: Int, images: UnsafePointer<S>, kernel: UnsafePointer<S>, results: UnsafeMutablePointer<S>,
    workspace: UnsafeMutablePointer<S>, written: (Range<Int>) -> Void
  ) {
    guard phase == 1 else { return transform(kernelPartition.range(task), of: kernel, to: workspace) }
    let inputs = workspace + tiling.points * (kernelPlane + task * (inputPlane + outputPlane))
    let products = inputs + tiling.points * inputPlane
    let strips = partition.range(task)
    for strip in stride(from: strips.lowerBound, to: strips.upperBound, by: stripsPerBlock) {
      let block = strip..<min(strip + stripsPerBlock, strips.upperBound)
      let (first, tiles) = (strip * tiling.tilesPerStrip, block.count * tiling.tilesPerStrip)
      for group in 0..<geometry.groups {
        S.tilePoints(
          tiling.mosaic, columns: groupChannels, firstTile: first, tiles: tiles, images + group * groupChannels, inputs,
          plane: inputPlane)
        let kernel = workspace + group * kernelPart
        for point in 0..<tiling.points {
          S.panelProduct(
            rows: tiles, columns: groupOutputs, depth: groupChannels, inputs + point * inputPlane,
            rowPitch: groupChannels, depthPitch: 1, kernel + point * kernelPlane, isFirst: true,
            products + point * outputPlane, lost: nil, cPitch: groupOutputs)
        }
        S.tileOutputs(
          tiling.mosaic, outputs: outputs, columns: groupOutputs, firstTile: first, tiles: tiles, products,
          plane: outputPlane, results + group * groupOutputs)
      }
      written(tiling.results(of: block, outputs: outputs))
    }
  }

  /// Takes some rows of the kernel to the points, a group of channels at a time: its part of the kernel are columns.
  private func transform(_ rows: Range<Int>, of kernel: UnsafePointer<S>, to points: UnsafeMutablePointer<S>) {
    let (window, pitch, columns) = (
      geometry.window.window.height, geometry.outputChannels, geometry.groupOutputChannels
    )
    for group in 0..<geometry.groups {
      let to = points + group * kernelPart
      if isTurned {
        let first = Self.turnedRows * rows.lowerBound
        S.tileTurnedKernelPoints(
          window: window, rows: min(Self.turnedRows * rows.upperBound, geometry.groupChannels) - first,
          columns: columns,
          kernel + first * pitch + group * columns, pitch: pitch, taps: geometry.channelPairs, to, firstColumn: first,
          pointsColumns: geometry.groupChannels, plane: kernelPlane)
      } else {
        S.tileKernelPoints(
          window: window, rows: rows.count, columns: columns, kernel + rows.lowerBound * pitch + group * columns,
          pitch: pitch, taps: geometry.channelPairs, to, firstRow: rows.lowerBound, depth: geometry.groupChannels,
          plane: kernelPlane)
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

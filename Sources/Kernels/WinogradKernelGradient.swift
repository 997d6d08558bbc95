import BLAS

/// The gradient of a convolution by its kernel, by Winograd's filtering of tiles.
///
/// Tiles are taken in chunks: one phase takes a chunk of inputs and of output gradients to the points, the next adds the
/// products of all channels at each point to the gradient there, a task a point. The last phase takes the gradient back.
///
/// The rounding error of a sum grows with its length, and transforming back makes it larger. Where there are many tiles, the
/// chunks' sums are therefore added with compensation (Kahan 1965).
struct WinogradKernelGradient<S: Scalar>: Sendable {
  /// Elements of scratch memory.
  let workspaceCount: Int
  /// The number of tasks in each phase.
  let phases: [Int]

  private let geometry: ConvolutionGeometry
  private let tiling: WinogradTiling, chunk: Int, kernelPartition: WorkPartition
  private let inputPlane: Int, gradientPlane: Int, kernelPlane: Int
  /// Whether what rounding has lost so far has planes of its own.
  private let isCompensated: Bool

  /// Tiles beyond which sums of sums are compensated.
  private static var longestPlainSum: Int { 1600 }

  /// Plans the gradient.
  init(_ geometry: ConvolutionGeometry) {
    self.geometry = geometry
    tiling = WinogradTiling(window: geometry.window, batch: geometry.batch, joinsImages: true)
    let (channels, outputs, points) = (geometry.window.channels, geometry.outputChannels, tiling.points)
    // Of single precision about 8 MB at the points, in a last-level cache, but at least the tiles that a product sums in the
    // first-level cache: long sums, in nearly equal parts of about so many.
    let wanted = 128 * max(1, min(4, pieces(2_000_000 / (points * (channels + outputs)), of: 128)))
    let chunks = pieces(tiling.count, of: wanted)
    chunk = pieces(tiling.count, of: chunks)
    let part = S.panelElements(rows: chunk, columns: geometry.groupOutputChannels)
    (inputPlane, gradientPlane) = (WinogradTiling.plane(chunk * channels), WinogradTiling.plane(part * geometry.groups))
    kernelPlane = WinogradTiling.plane(geometry.channelPairs)
    kernelPartition = WorkPartition(count: geometry.channelPairs, grain: 2048)
    isCompensated = tiling.count > Self.longestPlainSum
    workspaceCount = points * (kernelPlane * (isCompensated ? 2 : 1) + inputPlane + gradientPlane)
    let (tiles, count) = (chunk, tiling.count)
    phases =
      (0..<chunks).flatMap { index in
        [Self.transforms(of: min(tiles, count - index * tiles)).taskCount, points]
      } + [kernelPartition.taskCount]
  }

  /// How the tiles of a chunk are shared out for their transforms.
  private static func transforms(of tiles: Int) -> WorkPartition { WorkPartition(count: tiles, grain: 4, limit: 32) }

  @specialized(where S == Float)
  @specialized(where S == Double)
  func run(
    phase: Int, task: Int, input: UnsafePointer<S>, outputGradient: UnsafePointer<S>,
    kernelGradient: UnsafeMutablePointer<S>, workspace: UnsafeMutablePointer<S>
  ) {
    if phase == phases.count - 1 {
      let elements = kernelPartition.range(task)
      S.tileKernelGradient(
        window: geometry.window.window.height, elements: elements.count, workspace + elements.lowerBound,
        plane: kernelPlane, kernelGradient + elements.lowerBound, taps: geometry.channelPairs)
      return
    }
    let inputs = workspace + tiling.points * kernelPlane
    let gradients = inputs + tiling.points * inputPlane
    let first = phase / 2 * chunk
    let tiles = min(chunk, tiling.count - first)
    guard phase % 2 == 0 else {
      let sums = workspace + task * kernelPlane
      let lost = isCompensated ? gradients + tiling.points * gradientPlane + task * kernelPlane : nil
      multiply(
        tiles: tiles, inputs + task * inputPlane, gradients + task * gradientPlane, sums, lost: lost,
        isFirst: phase == 1)
      return
    }
    let (channels, outputs) = (geometry.window.channels, geometry.outputChannels)
    let range = Self.transforms(of: tiles).range(task)
    S.tilePoints(
      tiling.mosaic, columns: channels, firstTile: first + range.lowerBound, tiles: range.count, input,
      inputs + range.lowerBound * channels, plane: inputPlane)
    for group in 0..<geometry.groups {
      S.tileGradientPoints(
        tiling.mosaic, outputs: outputs, columns: geometry.groupOutputChannels, firstTile: first + range.lowerBound,
        tiles: range.count, outputGradient + group * geometry.groupOutputChannels,
        gradients + group * part(of: tiles), firstRow: range.lowerBound, depth: tiles, plane: gradientPlane)
    }
  }

  /// Elements of a group's output gradients at a point.
  private func part(of tiles: Int) -> Int { S.panelElements(rows: tiles, columns: geometry.groupOutputChannels) }

  /// A chunk's products at one point, a group of channels at a time.
  private func multiply(
    tiles: Int, _ inputs: UnsafePointer<S>, _ gradients: UnsafePointer<S>, _ sums: UnsafeMutablePointer<S>,
    lost: UnsafeMutablePointer<S>?, isFirst: Bool
  ) {
    let (channels, outputs) = (geometry.groupChannels, geometry.groupOutputChannels)
    for group in 0..<geometry.groups {
      S.panelProduct(
        rows: channels, columns: outputs, depth: tiles, inputs + group * channels, rowPitch: 1,
        depthPitch: geometry.window.channels, gradients + group * part(of: tiles), isFirst: isFirst,
        sums + group * outputs, lost: lost.map { $0 + group * outputs }, cPitch: geometry.outputChannels)
    }
  }
}

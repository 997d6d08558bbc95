import BLAS

/// The gradient of a convolution by its kernel, by Winograd's filtering of tiles.
///
/// Tiles are taken in chunks: one phase takes a chunk of inputs and of output gradients to the 36 points, the next adds the
/// products of all channels at each point to the gradient there, a task a point. The last phase takes the gradient back.
///
/// The rounding error of a sum grows with its length, and transforming back makes it larger, so a chunk's sum is made of
/// short ones. Where there are many tiles, the chunks' sums are added with compensation (Kahan 1965).
struct WinogradKernelGradient<S: Scalar>: Sendable {
  /// Elements of scratch memory.
  let workspaceCount: Int
  /// The number of tasks in each phase.
  let phases: [Int]

  private let geometry: ConvolutionGeometry
  private let tiling: WinogradTiling, chunk: Int, kernelPartition: WorkPartition
  private let inputPlane: Int, gradientPlane: Int, kernelPlane: Int
  /// Whether a chunk's sum and what rounding has lost so far have planes of their own.
  private let isCompensated: Bool

  /// Tiles that one library call sums.
  private static var tilesPerSum: Int { 64 }

  /// Tiles beyond which sums of sums are compensated.
  private static var longestPlainSum: Int { 1600 }

  /// Plans the gradient.
  init(_ geometry: ConvolutionGeometry) {
    self.geometry = geometry
    tiling = WinogradTiling(geometry)
    let (channels, outputs) = (geometry.window.channels, geometry.outputChannels)
    // About 8 MB of single precision at the points: long sums, in a last-level cache, but not so long that they lose digits.
    let wanted = max(64, min(512, 2_000_000 / (WinogradTiling.points * (channels + outputs))))
    let chunks = pieces(tiling.count, of: wanted)
    chunk = pieces(tiling.count, of: chunks)
    (inputPlane, gradientPlane) = (WinogradTiling.plane(chunk * channels), WinogradTiling.plane(chunk * outputs))
    kernelPlane = WinogradTiling.plane(geometry.channelPairs)
    kernelPartition = WorkPartition(count: geometry.channelPairs, grain: 2048)
    isCompensated = tiling.count > Self.longestPlainSum
    workspaceCount = WinogradTiling.points * (kernelPlane * (isCompensated ? 3 : 1) + inputPlane + gradientPlane)
    let (tiles, count) = (chunk, tiling.count)
    phases =
      (0..<chunks).flatMap { index in
        [Self.transforms(of: min(tiles, count - index * tiles)).taskCount, WinogradTiling.points]
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
    let inputs = workspace + WinogradTiling.points * kernelPlane
    let gradients = inputs + WinogradTiling.points * inputPlane
    let first = phase / 2 * chunk
    let tiles = min(chunk, tiling.count - first)
    guard phase % 2 == 0 else {
      let (left, right) = (inputs + task * inputPlane, gradients + task * gradientPlane)
      let sums = workspace + task * kernelPlane
      guard isCompensated else { return multiply(tiles: tiles, left, right, sums, adding: phase > 1) }
      let part = gradients + WinogradTiling.points * gradientPlane + task * kernelPlane
      let lost = part + WinogradTiling.points * kernelPlane
      multiply(tiles: tiles, left, right, phase == 1 ? sums : part, adding: false)
      if phase == 1 {
        S.elementwise(.fill, geometry.channelPairs, nil, nil, nil, lost, 0, 0)
      } else {
        S.addCompensated(geometry.channelPairs, part, to: sums, lost: lost)
      }
      return
    }
    let (channels, outputs) = (geometry.window.channels, geometry.outputChannels)
    let range = Self.transforms(of: tiles).range(task)
    S.tilePoints(
      geometry.window, firstTile: first + range.lowerBound, tiles: range.count, input,
      inputs + range.lowerBound * channels, plane: inputPlane)
    S.tileGradientPoints(
      geometry.window, outputs: outputs, firstTile: first + range.lowerBound, tiles: range.count, outputGradient,
      gradients + range.lowerBound * outputs, plane: gradientPlane)
  }

  /// A chunk's products at one point, a group of channels and a few tiles at a time.
  private func multiply(
    tiles: Int, _ inputs: UnsafePointer<S>, _ gradients: UnsafePointer<S>, _ sums: UnsafeMutablePointer<S>,
    adding: Bool
  ) {
    let (channels, outputs) = (geometry.groupChannels, geometry.groupOutputChannels)
    let (inputPitch, gradientPitch) = (geometry.window.channels, geometry.outputChannels)
    for group in 0..<geometry.groups {
      for first in stride(from: 0, to: tiles, by: Self.tilesPerSum) {
        S.gemm(
          true, false, channels, outputs, min(Self.tilesPerSum, tiles - first), 1,
          inputs + first * inputPitch + group * channels, inputPitch,
          gradients + first * gradientPitch + group * outputs, gradientPitch, first > 0 || adding ? 1 : 0,
          sums + group * outputs, gradientPitch)
      }
    }
  }
}

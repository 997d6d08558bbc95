import BLAS
import Kernels
import Testing

/// The rounding errors of Winograd's filtering in single precision, against lowering in double precision: long sums over
/// channels and over tiles are where they would grow.
@Suite struct WinogradErrorTests {
  static func geometry(
    _ side: Int, _ channels: Int, _ outputs: Int, batch: Int = 1, groups: Int = 1, window: Int = 3
  ) -> ConvolutionGeometry {
    ConvolutionGeometry(
      batch: batch, size: Extent(side, side), channels: channels, kernel: Extent(window, window),
      outputChannels: outputs, padding: .same(size: Extent(side, side), window: Extent(window, window)), groups: groups)
  }

  /// AlexNet's first layer.
  static let phased = ConvolutionGeometry(
    batch: 2, size: 227, channels: 3, kernel: 11, outputChannels: 32, stride: 4)

  /// The root mean square of the error relative to that of the values.
  private func error(_ found: [Float], _ exact: [Double]) -> Double {
    let squares = zip(found, exact).reduce(0.0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
    return (squares / exact.reduce(0) { $0 + $1 * $1 }).squareRoot()
  }

  @Test(
    "stay below 8e-7 forward and 1e-6 backward",
    arguments: [
      // 512 channels; 1,681 tiles, whose sums are compensated; 784 tiles, whose sums are not.
      geometry(12, 512, 24), geometry(12, 24, 512), geometry(164, 6, 5), geometry(164, 8, 6, groups: 2),
      // Several panels a group, and a last chunk of tiles that is shorter than the first.
      geometry(56, 5, 6, batch: 4), geometry(34, 6, 140, batch: 5, groups: 2),
      // Images that are cut together, and a convolution over phases.
      geometry(13, 96, 96, batch: 32), phased,
    ])
  func errors(_ geometry: ConvolutionGeometry) { check(geometry, forward: 8e-7, gradients: 1e-6) }

  @Test(
    "stay below 1.8e-6 under windows of 5",
    arguments: [
      // AlexNet's second layer; 1,764 tiles, whose sums are compensated; long sums over channels.
      geometry(27, 96, 256, batch: 2, groups: 2, window: 5), geometry(126, 4, 5, window: 5),
      geometry(12, 512, 24, window: 5),
    ])
  func errorsOfLongWindows(_ geometry: ConvolutionGeometry) { check(geometry, forward: 1.8e-6, gradients: 1.8e-6) }

  private func check(_ geometry: ConvolutionGeometry, forward: Double, gradients: Double) {
    var values = TestValues(seed: 31)
    let input: [Float] = values.uniform(geometry.inputCount), kernel: [Float] = values.uniform(geometry.kernelCount)
    let gradient: [Float] = values.uniform(geometry.outputCount)
    func wide(_ values: [Float]) -> [Double] { values.map { Double($0) } }
    let fast = PlannedConvolution<Float>(geometry: geometry, algorithm: .winograd)
    let exact = PlannedConvolution<Double>(geometry: geometry, algorithm: .lowered)
    #expect(error(fast.forward(input, kernel), exact.forward(wide(input), wide(kernel))) <= forward)
    let byInput = error(fast.inputGradient(gradient, kernel), exact.inputGradient(wide(gradient), wide(kernel)))
    #expect(byInput <= gradients)
    let byKernel = error(fast.kernelGradient(input, gradient), exact.kernelGradient(wide(input), wide(gradient)))
    #expect(byKernel <= gradients)
  }

  @Test("gives the same bits in any order of tasks where sums are compensated")
  func orders() {
    let geometry = Self.geometry(164, 6, 5)
    var values = TestValues(seed: 32)
    let input: [Float] = values.uniform(geometry.inputCount), gradient: [Float] = values.uniform(geometry.outputCount)
    let forward = PlannedConvolution<Float>(geometry: geometry, algorithm: .winograd)
    let backward = PlannedConvolution<Float>(geometry: geometry, algorithm: .winograd, order: .backward)
    expectEqual(
      forward.kernelGradient(input, gradient), backward.kernelGradient(input, gradient), "tasks first to last and back")
  }

  /// What follows in the same task reads each piece right then: it must be whole, and written once.
  @Test(arguments: [
    geometry(50, 16, 16, batch: 3), geometry(23, 16, 40, batch: 4), geometry(64, 16, 20),
    geometry(9, 32, 16, batch: 38), geometry(27, 32, 16, batch: 3, window: 5),
    ConvolutionGeometry(batch: 20, size: 131, channels: 3, kernel: 11, outputChannels: 32, stride: 4),
  ])
  func tasksTellOfTheirResultsPieceByPiece(_ geometry: ConvolutionGeometry) throws {
    let plan = ConvolutionForward<Float>(geometry, algorithm: .winograd)
    let backward = ConvolutionInputGradient<Float>(geometry, algorithm: .winograd)
    let isPhased = geometry.window.stride != 1
    #expect(plan.writesByPieces && backward.writesByPieces != isPhased)
    #expect(!ConvolutionForward<Float>(geometry, algorithm: .lowered).writesByPieces)
    var values = TestValues(seed: 36)
    let input: [Float] = values.uniform(geometry.inputCount), kernel: [Float] = values.uniform(geometry.kernelCount)
    let gradient: [Float] = values.uniform(geometry.outputCount)
    try check(plan, count: geometry.outputCount) { phase, task, output, workspace, written in
      plan.run(
        phase: phase, task: task, input: input, kernel: kernel, output: output, workspace: workspace, written: written)
    }
    if isPhased { return }
    try check(backward, count: geometry.inputCount) { phase, task, output, workspace, written in
      backward.run(
        phase: phase, task: task, outputGradient: gradient, kernel: kernel, inputGradient: output, workspace: workspace,
        written: written)
    }
  }

  private func check(
    _ plan: some PlannedKernel, count: Int,
    run: (
      _ phase: Int, _ task: Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, (Range<Int>) -> Void
    ) -> Void
  ) throws {
    let ranges = try #require(plan.resultRanges)
    var workspace = [Float](repeating: .nan, count: plan.workspaceCount)
    var results = [Float](repeating: .nan, count: count)
    var told = [Float](repeating: .nan, count: count)
    var pieces = 0
    for (phase, tasks) in plan.phases.enumerated() {
      for task in 0..<tasks {
        var next = phase == plan.phases.count - 1 ? ranges[task].lowerBound : 0
        results.withUnsafeMutableBufferPointer { output in
          run(phase, task, output.baseAddress!, &workspace) { piece in
            #expect(phase == plan.phases.count - 1 && piece.lowerBound == next && !piece.isEmpty)
            told.replaceSubrange(piece, with: output[piece])
            (next, pieces) = (piece.upperBound, pieces + 1)
          }
        }
        if phase == plan.phases.count - 1 { #expect(next == ranges[task].upperBound) }
      }
    }
    #expect(pieces > ranges.count)
    expectEqual(told, results, "each piece when it was told of")
    #expect(!results.contains { $0.isNaN })
  }
}

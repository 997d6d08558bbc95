import BLAS
import CKernels
import Kernels
import Testing

/// Repeatable values for tests (SplitMix64).
struct TestValues {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Numbers in -1...1.
  mutating func uniform<S: Scalar>(_ count: Int) -> [S] {
    (0..<count).map { _ in S(Double(next() >> 11) * 0x1p-52 - 1) }
  }

  /// Whole numbers in `-limit...limit`: sums and products of a few thousand of them are exact in any order.
  mutating func integers<S: Scalar>(_ count: Int, limit: Int = 4) -> [S] {
    (0..<count).map { _ in S(Int(next() % UInt64(2 * limit + 1)) - limit) }
  }
}

/// In which order a test runs the tasks of a phase.
enum TaskOrder: Sendable {
  case forward, backward
  case threads(Int)
}

/// Runs all phases of a kernel over scratch memory that starts as NaN, so that a value read before it is written shows.
func execute<S: Scalar>(
  _ kernel: some PlannedKernel, _ order: TaskOrder = .forward,
  _ task: (_ phase: Int, _ task: Int, _ workspace: UnsafeMutablePointer<S>?) -> Void
) {
  var workspace = [S](repeating: .nan, count: kernel.workspaceCount)
  workspace.withUnsafeMutableBufferPointer { workspace in
    for (phase, count) in kernel.phases.enumerated() {
      switch order {
      case .forward: for index in 0..<count { task(phase, index, workspace.baseAddress) }
      case .backward: for index in (0..<count).reversed() { task(phase, index, workspace.baseAddress) }
      case .threads(let threads):
        ThreadPool(threads: threads).run(count) { task(phase, $0, workspace.baseAddress) }
      }
    }
  }
}

/// Runs all phases of a kernel that needs no scratch memory.
func execute(_ kernel: some PlannedKernel, _ order: TaskOrder = .forward, _ task: (_ phase: Int, _ task: Int) -> Void) {
  #expect(kernel.workspaceCount == 0)
  execute(kernel, order) { (phase: Int, index: Int, _: UnsafeMutablePointer<Double>?) in task(phase, index) }
}

/// An array of `count` elements filled by `body`, from NaN, so that an element that is not written shows.
func filled<S: Scalar>(_ count: Int, _ body: (UnsafeMutablePointer<S>) -> Void) -> [S] {
  var output = [S](repeating: .nan, count: count)
  output.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
  return output
}

/// Expects the same elements, NaN equal to NaN, and names the first that differs.
func expectEqual<S: Scalar>(
  _ found: [S], _ wanted: [S], _ what: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == wanted.count, "\(what)", sourceLocation: sourceLocation)
  for (index, (a, b)) in zip(found, wanted).enumerated() where a != b && !(a.isNaN && b.isNaN) {
    Issue.record("\(what), element \(index): found \(a), wanted \(b)", sourceLocation: sourceLocation)
    return
  }
}

/// Expects elements within `tolerance` of each other, relative to max(|wanted|, 1).
func expectClose<S: Scalar>(
  _ found: [S], _ wanted: [Double], _ tolerance: Double, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == wanted.count, "\(what)", sourceLocation: sourceLocation)
  for (index, (a, b)) in zip(found, wanted).enumerated() {
    let a = Double(a)
    if a == b || (a.isNaN && b.isNaN) { continue }
    if abs(a - b) <= tolerance * max(abs(b), 1) { continue }
    Issue.record("\(what), element \(index): found \(a), wanted \(b)", sourceLocation: sourceLocation)
    return
  }
}

/// Expects elements within a few roundings of the largest.
func expectNear<S: Scalar>(_ found: [S], _ wanted: [Int], _ what: String, roundings: Double = 16) {
  let size = Double(wanted.map(\.magnitude).max() ?? 0)
  let tolerance = roundings * Double(S.ulpOfOne) * max(size, 1)
  #expect(found.count == wanted.count, "\(what)")
  for (index, (a, b)) in zip(found, wanted).enumerated() where !(abs(Double(a) - Double(b)) <= tolerance) {
    Issue.record("\(what), element \(index): found \(a), wanted \(b)")
    return
  }
}

/// How many roundings of the largest element Winograd's filtering may be off by, in small sums of small integers.
enum WinogradRoundings {
  /// The seven points of a window of 5 have larger errors than the six of one of 3.
  static func largest(_ window: Int) -> Double { window == 5 ? 48 : 16 }
}

/// A window as the C kernels take it.
func layout(_ w: SlidingWindow) -> ridgeline_window {
  ridgeline_window(
    height: w.size.height, width: w.size.width, channels: w.channels, window_height: w.window.height,
    window_width: w.window.width, stride_height: w.stride.height, stride_width: w.stride.width,
    dilation_height: w.dilation.height, dilation_width: w.dilation.width, padding_top: w.padding.top,
    padding_left: w.padding.left, output_height: w.output.height, output_width: w.output.width)
}

/// Scratch memory of the stated size, with a guard behind it that must stay as it is.
func withWorkspace(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
  var workspace = [Float](repeating: .nan, count: count) + [Float](repeating: 12_345, count: 64)
  workspace.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
  #expect(workspace.suffix(64).allSatisfy { $0 == 12_345 }, "scratch memory was overrun")
}

/// The elements of a matrix of `rows` rows, column by column.
func transposed(_ matrix: [Float], _ rows: Int, _ columns: Int) -> [Float] {
  (0..<rows * columns).map { matrix[$0 % rows * columns + $0 / rows] }
}

/// Where a matrix in panels has its element (row, column): whole panels of `panel_columns` columns, the last as wide as the
/// whole vectors it needs.
func panelIndex(_ row: Int, _ column: Int, rows: Int, columns: Int, _ kernels: ridgeline_float_kernels) -> Int {
  let (wide, lanes) = (kernels.panel_columns, kernels.interleaved_images)
  let first = column / wide * wide
  return first * rows + row * min(wide, (columns - first + lanes - 1) / lanes * lanes) + column - first
}

/// A matrix in panels, with NaN in what fills up vectors, which does not matter.
func inPanels(_ matrix: [Float], rows: Int, columns: Int, _ kernels: ridgeline_float_kernels) -> [Float] {
  let lanes = kernels.interleaved_images
  var panels = [Float](repeating: .nan, count: rows * ((columns + lanes - 1) / lanes * lanes))
  for row in 0..<rows {
    for column in 0..<columns {
      panels[panelIndex(row, column, rows: rows, columns: columns, kernels)] = matrix[row * columns + column]
    }
  }
  return panels
}

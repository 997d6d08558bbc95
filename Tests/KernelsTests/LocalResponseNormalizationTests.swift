import BLAS
import CKernels
import Foundation
import Kernels
import Testing

/// The formula of the paper, term by term, and its derivative.
private struct Oracle {
  let channels: Int, size: Int, scale: Double, bias: Double, exponent: Double

  /// The channels whose squares channel `c` is divided by.
  func window(_ c: Int) -> Range<Int> { max(0, c - size / 2)..<min(channels, c + (size - 1) / 2 + 1) }

  func sum(_ x: ArraySlice<Double>, _ c: Int) -> Double {
    bias + scale * window(c).reduce(0) { $0 + x[x.startIndex + $1] * x[x.startIndex + $1] }
  }

  func output(_ x: ArraySlice<Double>) -> [Double] {
    (0..<channels).map { x[x.startIndex + $0] * pow(sum(x, $0), -exponent) }
  }

  /// Σ_i dy_i · dy_i/dx_j, one entry of the Jacobian after the other.
  func gradient(_ x: ArraySlice<Double>, _ dy: ArraySlice<Double>) -> [Double] {
    (0..<channels).map { j in
      (0..<channels).reduce(0) { total, i in
        let s = sum(x, i)
        var entry = i == j ? pow(s, -exponent) : 0
        if window(i).contains(j) {
          entry -= 2 * scale * exponent * x[x.startIndex + i] * x[x.startIndex + j] * pow(s, -exponent - 1)
        }
        return total + dy[dy.startIndex + i] * entry
      }
    }
  }

  func rows(_ count: Int, _ body: (Range<Int>) -> [Double]) -> [Double] {
    (0..<count).flatMap { body($0 * channels..<($0 + 1) * channels) }
  }
}

@Suite struct LocalResponseNormalizationTests {
  struct Case: Sendable {
    let pixels: Int, channels: Int, size: Int, exponent: Double
  }

  static let cases = [
    // AlexNet's first map, with the paper's exponent, and many pixels, so that there are several tasks.
    Case(pixels: 700, channels: 96, size: 5, exponent: 0.75), Case(pixels: 37, channels: 256, size: 5, exponent: 0.75),
    Case(pixels: 5, channels: 13, size: 4, exponent: 0.5), Case(pixels: 3, channels: 17, size: 3, exponent: 1),
    Case(pixels: 4, channels: 7, size: 2, exponent: 0.6), Case(pixels: 6, channels: 3, size: 9, exponent: 0.75),
    Case(pixels: 9, channels: 1, size: 1, exponent: 0.75), Case(pixels: 2, channels: 33, size: 5, exponent: -0.5),
  ]

  private func check<S: Scalar>(_: S.Type, _ c: Case, _ tolerance: Double) {
    var values = TestValues(seed: 29)
    let count = c.pixels * c.channels
    let x: [S] = values.uniform(count).map { 3 * $0 }, dy: [S] = values.uniform(count)
    let (exactX, exactGradient) = (x.map { Double($0) }, dy.map { Double($0) })
    let oracle = Oracle(channels: c.channels, size: c.size, scale: 0.4, bias: 1.5, exponent: c.exponent)
    let output = oracle.rows(c.pixels) { oracle.output(exactX[$0]) }
    let gradient = oracle.rows(c.pixels) { oracle.gradient(exactX[$0], exactGradient[$0]) }
    let window = ResponseWindow(channels: c.channels, size: c.size)
    let forward = LocalResponseNormalization<S>(
      pixels: c.pixels, window: window, scale: 0.4, bias: 1.5, exponent: S(c.exponent))
    let backward = LocalResponseNormalizationGradient<S>(
      pixels: c.pixels, window: window, scale: 0.4, bias: 1.5, exponent: S(c.exponent))
    for order in [TaskOrder.forward, .backward, .threads(4)] {
      let found: [S] = filled(count) { out in
        execute(forward, order) { (phase: Int, task: Int, workspace: UnsafeMutablePointer<S>?) in
          forward.run(phase: phase, task: task, input: x, output: out, workspace: workspace!)
        }
      }
      expectClose(found, output, tolerance, "\(c)")
      let foundGradient: [S] = filled(count) { out in
        execute(backward, order) { (phase: Int, task: Int, workspace: UnsafeMutablePointer<S>?) in
          backward.run(
            phase: phase, task: task, input: x, outputGradient: dy, inputGradient: out, workspace: workspace!)
        }
      }
      expectClose(foundGradient, gradient, tolerance, "gradient, \(c)")
    }
    #expect(forward.resultRanges?.last?.upperBound == count && backward.resultRanges?.last?.upperBound == count)
  }

  @Test(arguments: cases)
  func againstOracle(_ c: Case) {
    check(Float.self, c, 2e-6)
    check(Double.self, c, 1e-14)
  }

  @Test func everyLevelHasTheSameBits() {
    var values = TestValues(seed: 31)
    var layout = ridgeline_response(channels: 45, before: 2, after: 2)
    let x: [Float] = values.uniform(4 * 45), dy: [Float] = values.uniform(4 * 45)
    var scratch = [Float](repeating: .nan, count: ResponseWindow(channels: 45, size: 5).scratchCount)
    var wanted: (output: [Float], gradient: [Float])?
    for (name, kernels) in everyLevel() {
      let output = filled(x.count) { kernels.response_normalization(&layout, 4, 0.3, 2, 0.75, x, $0, &scratch) }
      let gradient = filled(x.count) {
        kernels.response_normalization_gradient(&layout, 4, 0.3, 2, 0.75, x, dy, $0, &scratch)
      }
      if let wanted {
        expectEqual(output, wanted.output, "level \(name)")
        expectEqual(gradient, wanted.gradient, "gradient at level \(name)")
      }
      wanted = wanted ?? (output, gradient)
    }
  }

  @Test func aNaNReachesTheChannelsThatSeeItAndNoOthers() {
    var x = [Float](repeating: 1, count: 20)
    x[5] = .nan
    let kernel = LocalResponseNormalization<Float>(
      pixels: 2, window: ResponseWindow(channels: 10, size: 5), scale: 1, bias: 1, exponent: 0.75)
    let found: [Float] = filled(20) { out in
      execute(kernel) { (phase: Int, task: Int, workspace: UnsafeMutablePointer<Float>?) in
        kernel.run(phase: phase, task: task, input: x, output: out, workspace: workspace!)
      }
    }
    #expect(found.indices.filter { found[$0].isNaN } == [3, 4, 5, 6, 7])
  }
}

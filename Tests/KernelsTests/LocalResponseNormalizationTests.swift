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

  static let cases =
    [
      // AlexNet's first map, with the paper's exponent, and many pixels, so that there are several tasks.
      Case(pixels: 700, channels: 96, size: 5, exponent: 0.75),
      Case(pixels: 37, channels: 256, size: 5, exponent: 0.75),
      Case(pixels: 5, channels: 13, size: 4, exponent: 0.5), Case(pixels: 3, channels: 17, size: 3, exponent: 1),
      Case(pixels: 4, channels: 7, size: 2, exponent: 0.6), Case(pixels: 6, channels: 3, size: 9, exponent: 0.75),
      Case(pixels: 9, channels: 1, size: 1, exponent: 0.75), Case(pixels: 2, channels: 33, size: 5, exponent: -0.5),
    ]
    // Around the widths of vectors.
    + [3, 4, 5, 15, 16, 17, 31, 32, 34].map { Case(pixels: 3, channels: $0, size: 5, exponent: 0.75) }

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

  /// In place, at every level, with every exponent that has a formula of its own and one that has none.
  @Test(arguments: [3, 16, 17, 45], [0.75, 0.5, 1, 0.6])
  func inPlace(channels: Int, exponent: Float) {
    var values = TestValues(seed: 33)
    let window = ResponseWindow(channels: channels, size: 5)
    var layout = ridgeline_response(channels: channels, before: window.before, after: window.after)
    let x: [Float] = values.uniform(6 * channels), dy: [Float] = values.uniform(6 * channels)
    var scratch = [Float](repeating: .nan, count: window.scratchCount)
    for (name, kernels) in everyLevel() {
      let output = filled(x.count) { kernels.response_normalization(&layout, 6, 0.3, 2, exponent, x, $0, &scratch) }
      let gradient = filled(x.count) {
        kernels.response_normalization_gradient(&layout, 6, 0.3, 2, exponent, x, dy, $0, &scratch)
      }
      var (overX, overGradient) = (x, dy)
      overX.withUnsafeMutableBufferPointer {
        kernels.response_normalization(&layout, 6, 0.3, 2, exponent, $0.baseAddress!, $0.baseAddress!, &scratch)
      }
      overGradient.withUnsafeMutableBufferPointer {
        kernels.response_normalization_gradient(
          &layout, 6, 0.3, 2, exponent, x, $0.baseAddress!, $0.baseAddress!, &scratch)
      }
      expectEqual(overX, output, "level \(name)")
      expectEqual(overGradient, gradient, "gradient at level \(name)")
    }
  }

  /// s^-3/4 over all exponents of a float, also where numbers too small for full precision count as zeros.
  @Test func powersOfAllSizes() {
    var layout = ridgeline_response(channels: 5, before: 2, after: 2)
    var scratch = [Float](repeating: .nan, count: ResponseWindow(channels: 5, size: 5).scratchCount)
    let mode = FloatingPointMode.current
    for flushes in [false, true] {
      (flushes ? mode.flushingSubnormals : mode).makeCurrent()
      defer { mode.makeCurrent() }
      for (name, kernels) in everyLevel() {
        for bits in stride(from: UInt32(0x0080_0000), to: 0x7f80_0000, by: 65_537 * 3) {
          let bias = Float(bitPattern: bits)
          // A scale of zero leaves the bias alone.
          let factor = filled(5) {
            kernels.response_normalization(&layout, 1, 0, bias, 0.75, [1, 1, 1, 1, 1], $0, &scratch)
          }[2]
          let exact = pow(Double(bias), -0.75)
          #expect(abs(Double(factor) - exact) <= 2.7 * Double(Float(exact).ulp), "\(bias) at level \(name)")
        }
      }
    }
  }

  /// Where sums are so large that their reciprocals, or what corrects these, are too small for full precision and count as zeros.
  @Test func hugeSums() {
    var layout = ridgeline_response(channels: 5, before: 2, after: 2)
    var scratch = [Float](repeating: .nan, count: ResponseWindow(channels: 5, size: 5).scratchCount)
    let dy: [Float] = [1e10, 2e10, -1e10, 3e10, 1e10]
    let oracle = Oracle(channels: 5, size: 5, scale: 0.5, bias: 1e34, exponent: 0.75)
    let mode = FloatingPointMode.current
    mode.flushingSubnormals.makeCurrent()
    defer { mode.makeCurrent() }
    for factor in stride(from: Float(0.125), to: 2, by: 0.0625) {
      let x = [1e18, -2e18, 1.5e18, 5e17, 1e18].map { factor * $0 }
      let wanted = oracle.gradient(x.map { Double($0) }[...], dy.map { Double($0) }[...])
      for (name, kernels) in everyLevel() {
        let found = filled(5) {
          kernels.response_normalization_gradient(&layout, 1, 0.5, 1e34, 0.75, x, dy, $0, &scratch)
        }
        for (one, exact) in zip(found, wanted) {
          #expect(abs(Double(one) - exact) <= 1e-5 * abs(exact), "level \(name): \(one), \(exact)")
        }
      }
    }
  }

  /// Where sums are so small that their powers overflow, channels beside zeros keep finite gradients.
  @Test(arguments: [5, 16, 18])
  func tinySums(channels: Int) {
    var layout = ridgeline_response(channels: channels, before: 2, after: 2)
    var scratch = [Float](repeating: .nan, count: ResponseWindow(channels: channels, size: 5).scratchCount)
    let x = (0..<channels).map { Float($0 < 3 ? 1 : 0) }
    for (name, kernels) in everyLevel() {
      let gradient = filled(channels) {
        kernels.response_normalization_gradient(
          &layout, 1, 0.3, 1e-25, 0.75, x, [Float](repeating: 1, count: channels), $0, &scratch)
      }
      #expect(gradient.allSatisfy { $0.isFinite }, "\(gradient) at level \(name)")
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

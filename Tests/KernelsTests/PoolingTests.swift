import BLAS
import Kernels
import Testing

@Suite struct PoolingTests {
  static let geometries: [PoolingGeometry] =
    [
      PoolingGeometry(batch: 3, size: 28, channels: 6, window: 2),
      PoolingGeometry(batch: 2, size: Extent(7, 9), channels: 70, window: 3, stride: 2),
      PoolingGeometry(
        batch: 2, size: Extent(6, 5), channels: 3, window: Extent(3, 2), stride: 1,
        padding: WindowPadding(top: 2, bottom: 1, left: 1, right: 1)),
      PoolingGeometry(batch: 1, size: 5, channels: 1, window: 5),
      PoolingGeometry(batch: 4, size: Extent(3, 4), channels: 2, window: 1, stride: Extent(2, 3)),
      // 255 and 256 elements: the last places that fit a byte, and the first that do not.
      PoolingGeometry(batch: 2, size: 17, channels: 3, window: Extent(15, 17), stride: 1),
      PoolingGeometry(
        batch: 2, size: Extent(18, 17), channels: 5, window: 16, stride: 1,
        padding: WindowPadding(top: 1, bottom: 0, left: 0, right: 2)),
    ]
    // Windows that tile the image, few of them and many, of every number of channels that has a loop of its own.
    + (1...9).flatMap { channels in
      [Extent(2, 3), Extent(5, 30)].map { PoolingGeometry(batch: 2, size: $0, channels: channels, window: 2) }
    }

  /// For each output: its offset, and the offsets of the inputs its window sees, in row-major order.
  private func windows(_ geometry: PoolingGeometry) -> [(output: Int, inputs: [Int])] {
    let w = geometry.window
    var result: [(Int, [Int])] = []
    for image in 0..<geometry.batch {
      for row in 0..<w.output.height {
        for column in 0..<w.output.width {
          for channel in 0..<w.channels {
            var inputs: [Int] = []
            for i in 0..<w.window.height {
              for j in 0..<w.window.width {
                let y = row * w.stride.height + i - w.padding.top
                let x = column * w.stride.width + j - w.padding.left
                guard (0..<w.size.height).contains(y), (0..<w.size.width).contains(x) else { continue }
                inputs.append(((image * w.size.height + y) * w.size.width + x) * w.channels + channel)
              }
            }
            result.append((result.count, inputs))
          }
        }
      }
    }
    return result
  }

  /// The first maximum in row-major order; a NaN counts as larger than any number.
  private func firstMaximum<S: Scalar>(_ inputs: [Int], _ x: [S]) -> Int? {
    inputs.first { x[$0].isNaN } ?? inputs.first { candidate in inputs.allSatisfy { x[$0] <= x[candidate] } }
  }

  private func checkMaximum<S: Scalar>(_: S.Type, _ geometry: PoolingGeometry, _ order: TaskOrder) {
    var values = TestValues(seed: 6)
    // Small integers tie often; a NaN and an infinity stand among them.
    var input: [S] = values.integers(geometry.inputCount, limit: 2)
    input[0] = .nan
    input[input.count / 2] = -.infinity
    let gradient: [S] = values.integers(geometry.outputCount), other: [S] = values.integers(geometry.inputCount)
    var (wanted, gathered) = ([S](repeating: -.infinity, count: geometry.outputCount), gradient)
    var wantedGradient = [S](repeating: 0, count: geometry.inputCount)
    for (output, inputs) in windows(geometry) {
      let maximum = firstMaximum(inputs, input)
      gathered[output] = maximum.map { other[$0] } ?? 0
      guard let maximum else { continue }
      wanted[output] = input[maximum]
      wantedGradient[maximum] += gradient[output]
    }
    let forward = MaxPooling<S>(geometry)
    let found = filled(geometry.outputCount) { output in
      execute(forward, order) { forward.run(phase: $0, task: $1, input: input, output: output, workspace: $2) }
    }
    expectEqual(found, wanted, "maximum")
    let finder = MaxPoolingPlaces<S>(geometry)
    let places = filled(geometry.batch * MaxPoolingPlaces<S>.elementCount(geometry)) { output in
      execute(finder, order) { phase, task in finder.run(phase: phase, task: task, input: input, places: output) }
    }
    let (backward, gather) = (MaxPoolingGradient<S>(geometry), MaxPoolingGather<S>(geometry))
    let foundGradient = filled(geometry.inputCount) { output in
      execute(backward, order) { phase, task in
        backward.run(phase: phase, task: task, places: places, outputGradient: gradient, inputGradient: output)
      }
    }
    expectEqual(foundGradient, wantedGradient, "gradient of the maximum")
    let foundGathered = filled(geometry.outputCount) { output in
      execute(gather, order) { phase, task in
        gather.run(phase: phase, task: task, places: places, other: other, output: output)
      }
    }
    expectEqual(foundGathered, gathered, "gathering")
  }

  @Test(arguments: geometries)
  func maximumAgainstOracle(_ geometry: PoolingGeometry) {
    for order in [TaskOrder.forward, .backward, .threads(4)] {
      checkMaximum(Float.self, geometry, order)
      checkMaximum(Double.self, geometry, order)
    }
  }

  private func checkAverage<S: Scalar>(_: S.Type, _ geometry: PoolingGeometry, countsPadding: Bool, sums: Bool) {
    var values = TestValues(seed: 7)
    let input: [S] = values.integers(geometry.inputCount), gradient: [S] = values.integers(geometry.outputCount)
    var wanted = [Double](repeating: 0, count: geometry.outputCount)
    var wantedGradient = [Double](repeating: 0, count: geometry.inputCount)
    let size = geometry.window.window.height * geometry.window.window.width
    for (output, inputs) in windows(geometry) {
      let divisor = sums ? 1 : countsPadding ? size : max(1, inputs.count)
      wanted[output] = inputs.reduce(0) { $0 + Double(input[$1]) } / Double(divisor)
      for index in inputs { wantedGradient[index] += Double(gradient[output]) / Double(divisor) }
    }
    let tolerance = sums ? 0 : Double(S.ulpOfOne) * 4
    let forward = AveragePooling<S>(geometry, countsPadding: countsPadding, sums: sums)
    let backward = AveragePoolingGradient<S>(geometry, countsPadding: countsPadding, sums: sums)
    for order in [TaskOrder.forward, .backward, .threads(4)] {
      let found: [S] = filled(geometry.outputCount) { output in
        execute(forward, order) { forward.run(phase: $0, task: $1, input: input, output: output, workspace: $2) }
      }
      expectClose(found, wanted, tolerance, "mean, padding \(countsPadding), sums \(sums)")
      let foundGradient: [S] = filled(geometry.inputCount) { output in
        execute(backward, order) {
          backward.run(phase: $0, task: $1, outputGradient: gradient, inputGradient: output, workspace: $2)
        }
      }
      expectClose(foundGradient, wantedGradient, tolerance, "gradient, padding \(countsPadding), sums \(sums)")
    }
  }

  @Test(arguments: geometries)
  func averageAgainstOracle(_ geometry: PoolingGeometry) {
    for (countsPadding, sums) in [(true, false), (false, false), (true, true), (false, true)] {
      checkAverage(Float.self, geometry, countsPadding: countsPadding, sums: sums)
      checkAverage(Double.self, geometry, countsPadding: countsPadding, sums: sums)
    }
  }

  @Test func windowOfPaddingAlone() {
    let geometry = PoolingGeometry(
      batch: 1, size: 1, channels: 1, window: 1, padding: WindowPadding(top: 0, bottom: 0, left: 1, right: 0))
    let (maximum, mean) = (MaxPooling<Float>(geometry), AveragePooling<Float>(geometry, countsPadding: false))
    let largest: [Float] = filled(2) { out in
      execute(maximum) { maximum.run(phase: $0, task: $1, input: [3], output: out, workspace: $2) }
    }
    expectEqual(largest, [-.infinity, 3], "maximum of padding")
    let means: [Float] = filled(2) { out in
      execute(mean) { mean.run(phase: $0, task: $1, input: [3], output: out, workspace: $2) }
    }
    expectEqual(means, [0, 3], "mean of padding")
    let (finder, backward) = (MaxPoolingPlaces<Float>(geometry), MaxPoolingGradient<Float>(geometry))
    let places: [Float] = filled(1) { out in
      execute(finder) { phase, task in finder.run(phase: phase, task: task, input: [3], places: out) }
    }
    let gradient: [Float] = filled(1) { out in
      execute(backward) { phase, task in
        backward.run(phase: phase, task: task, places: places, outputGradient: [5, 7], inputGradient: out)
      }
    }
    expectEqual(gradient, [7], "gradient beside padding")
  }

  @Test("the gradient of a row of windows alone", arguments: [(2, 3), (3, 1), (1, 2)])
  func bands(_ height: Int, _ width: Int) throws {
    func geometry(_ size: Extent, stride: Extent? = nil) -> PoolingGeometry {
      PoolingGeometry(batch: 2, size: size, channels: 5, window: Extent(height, width), stride: stride)
    }
    let tiles = geometry(Extent(4 * height, 3 * width + 1))
    let kernel = AveragePoolingGradient<Double>(tiles)
    #expect(kernel.bandHeight == height)
    // Rows that belong to no window, and windows that overlap.
    #expect(
      AveragePoolingGradient<Double>(geometry(Extent(4 * height + 1, 3 * width))).bandHeight == nil || height == 1)
    #expect(AveragePoolingGradient<Double>(geometry(Extent(6, 6), stride: Extent(height + 1, width))).bandHeight == nil)
    let gradient = (0..<tiles.outputCount).map { Double($0 * 7919 % 101) }
    let whole = filled(tiles.inputCount) { (result: UnsafeMutablePointer<Double>) in
      execute(kernel) {
        kernel.run(phase: $0, task: $1, outputGradient: gradient, inputGradient: result, workspace: $2!)
      }
    }
    let band = height * (3 * width + 1) * 5
    for (image, row) in (0..<2).flatMap({ image in (0..<4).map { (image, $0) } }) {
      let found = filled(band) { (result: UnsafeMutablePointer<Double>) in
        kernel.run(image: image, windowRow: row, outputGradient: gradient, band: result)
      }
      let start = (image * 4 + row) * band
      expectEqual(found, Array(whole[start..<start + band]), "row \(row) of image \(image)")
    }
  }
}

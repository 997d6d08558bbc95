@testable import BLAS
import CKernels
import Kernels
import Testing

/// The transforms of Winograd's filtering of tiles, at every level.
@Suite struct TileWinogradTests {
  /// Geometries whose images are cut in tiles one by one, and such as are cut together, down to images smaller than a tile.
  static let geometries: [(ConvolutionGeometry, down: Int, across: Int)] =
    ConvolutionTests.geometries.filter {
      ConvolutionAlgorithm.winograd.supports($0) && $0.groups == 1 && $0.window.stride == 1
    }.map { ($0, 1, 1) }
    + [(1, 2), (2, 1), (2, 3), (4, 3)].flatMap { (down: Int, across: Int) in
      [
        (Extent(13, 9), 3, WindowPadding.same(size: 13, window: 3)),
        (Extent(2, 1), 3, .same(size: 2, window: 3)),
        (Extent(7, 6), 5, .same(size: 7, window: 5)),
        (Extent(5, 8), 3, .none),
        (Extent(4, 5), 5, WindowPadding(top: 4, bottom: 1, left: 0, right: 3)),
        (Extent(3, 4), 3, WindowPadding(top: 0, bottom: 5, left: 6, right: 1)),
      ].map { (size, kernel, padding) in
        let geometry = ConvolutionGeometry(
          batch: 12, size: size, channels: 3, kernel: Extent(kernel, kernel), outputChannels: 18, padding: padding)
        return (geometry, down, across)
      }
    }

  /// The transforms with the sums between them as plain loops in double.
  @Test(arguments: geometries)
  func tileKernelsAtEveryLevel(_ geometry: ConvolutionGeometry, down: Int, across: Int) {
    let oracle = ConvolutionOracle(geometry, seed: 34)
    let (input, kernel) = (oracle.input.map { Float($0) }, oracle.kernel.map { Float($0) })
    let gradient = oracle.outputGradient.map { Float($0) }
    let (extent, channels, outputs) = (geometry.window.window.height, geometry.window.channels, geometry.outputChannels)
    let pairs = channels * outputs
    let mosaic = ImageMosaic(geometry.window, down: down, across: across)
    let (tiles, points) = (geometry.batch / mosaic.images * mosaic.tileCount, mosaic.points)
    for (name, kernels) in everyLevel() {
      let inputs = filled(points * tiles * channels) { (to: UnsafeMutablePointer<Float>) in
        mosaic.withLayouts { kernels.tile_points($0, $1, channels, 0, tiles, input, to, tiles * channels) }
      }
      let lanes = kernels.interleaved_images, wide = (outputs + lanes - 1) / lanes * lanes
      let weights = filled(points * channels * wide) { (to: UnsafeMutablePointer<Float>) in
        // In two parts, as tasks do.
        for rows in [0..<channels / 2, channels / 2..<channels] {
          kernels.tile_kernel_points(
            extent, rows.count, outputs, Array(kernel[(rows.lowerBound * outputs)...]), outputs, pairs, to,
            rows.lowerBound, channels, channels * wide)
        }
      }
      let gradients = filled(points * tiles * wide) { (to: UnsafeMutablePointer<Float>) in
        for rows in [0..<tiles / 3, tiles / 3..<tiles] {
          mosaic.withLayouts {
            kernels.tile_gradient_points(
              $0, $1, outputs, outputs, rows.lowerBound, rows.count, gradient, to, rows.lowerBound, tiles, tiles * wide)
          }
        }
      }
      var products = [Double](repeating: 0, count: points * tiles * outputs)
      var sums = [Double](repeating: 0, count: points * pairs)
      for (point, tile) in (0..<points).flatMap({ point in (0..<tiles).map { (point, $0) } }) {
        let row = (point * tiles + tile) * outputs
        for channel in 0..<channels {
          let x = Double(inputs[(point * tiles + tile) * channels + channel])
          for out in 0..<outputs {
            let weight = panelIndex(channel, out, rows: channels, columns: outputs, kernels)
            let dy = panelIndex(tile, out, rows: tiles, columns: outputs, kernels)
            products[row + out] += x * Double(weights[point * channels * wide + weight])
            sums[point * pairs + channel * outputs + out] += x * Double(gradients[point * tiles * wide + dy])
          }
        }
      }
      let outcome = filled(geometry.outputCount) { (to: UnsafeMutablePointer<Float>) in
        mosaic.withLayouts {
          kernels.tile_outputs($0, $1, outputs, outputs, 0, tiles, products.map { Float($0) }, tiles * outputs, to)
        }
      }
      expectNear(
        outcome, oracle.output, "forward at level \(name)", roundings: WinogradRoundings.largest(extent))
      let kernelGradient = filled(geometry.kernelCount) { (to: UnsafeMutablePointer<Float>) in
        kernels.tile_kernel_gradient(extent, pairs, sums.map { Float($0) }, pairs, to, pairs)
      }
      expectNear(
        kernelGradient, oracle.kernelGradient, "kernel gradient at level \(name)",
        roundings: WinogradRoundings.largest(extent))
    }
  }

  /// A turned kernel's points are those of the kernel with its taps in the other order, rows and columns exchanged.
  @Test(arguments: [(3, 1, 1), (3, 16, 16), (5, 17, 40), (3, 35, 15), (5, 33, 64), (3, 70, 20)])
  func turnedKernelsAtEveryLevel(extent: Int, channels: Int, outputs: Int) {
    let (taps, pairs, points) = (extent * extent, channels * outputs, extent == 3 ? 36 : 49)
    var values = TestValues(seed: 35)
    let kernel: [Float] = values.uniform(taps * pairs)
    let reversed = (0..<taps).reversed().flatMap { kernel[$0 * pairs..<($0 + 1) * pairs] }
    for (name, kernels) in everyLevel() {
      // A matrix of one row, whose panels are one long row.
      let straight = filled(points * pairs) { (to: UnsafeMutablePointer<Float>) in
        kernels.tile_kernel_points(extent, 1, pairs, reversed, pairs, pairs, to, 0, 1, pairs)
      }
      let lanes = kernels.interleaved_images, plane = outputs * ((channels + lanes - 1) / lanes * lanes)
      var turned = [Float](repeating: .nan, count: points * plane)
      // In parts of sixteen rows, as tasks do.
      for first in stride(from: 0, to: channels, by: 16) {
        kernels.tile_turned_kernel_points(
          extent, min(16, channels - first), outputs, Array(kernel[(first * outputs)...]), outputs, pairs, &turned,
          first, channels, plane)
      }
      for (point, output) in (0..<points).flatMap({ point in (0..<outputs).map { (point, $0) } }) {
        for channel in 0..<channels {
          let found = turned[point * plane + panelIndex(output, channel, rows: outputs, columns: channels, kernels)]
          let wanted = straight[point * pairs + channel * outputs + output]
          #expect(found == wanted, "point \(point), channel \(channel), output \(output) at level \(name)")
        }
      }
    }
  }
}

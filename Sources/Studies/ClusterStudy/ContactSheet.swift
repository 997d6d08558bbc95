import Datasets
import Foundation
import Tensors

/// Images of clusters side by side, a row a cluster.
enum ContactSheet {
  private static let (side, across, down) = (48, 14, 30)

  /// Up to 14 images of each of the first 30 clusters, the middle of each at 48x48.
  ///
  /// - Parameters:
  ///   - clusters: The cluster of each file.
  ///   - count: How many clusters there are.
  /// - Returns: The PNG, and how many images could not be read, whose places are blank.
  static func png(clusters: [Int], count: Int, files: [String]) throws -> (png: Data, missing: Int) {
    let rows = min(count, down)
    let (height, width) = (rows * (side + 4) - 4, across * (side + 2) - 2)
    var bytes = [UInt8](repeating: 255, count: height * width * 3)
    var missing = 0
    for cluster in 0..<rows {
      let members = clusters.indices.filter { clusters[$0] == cluster }
      // Evenly over the cluster, whose files may be in the order of their classes.
      for place in 0..<min(across, members.count) {
        let member = members[place * members.count / min(across, members.count)]
        guard let image = tile(files[member]) else {
          missing += 1
          continue
        }
        let source = image.bytes
        for y in 0..<side {
          for x in 0..<side {
            for channel in 0..<3 {
              let from = (y * side + x) * image.channels + (image.channels == 3 ? channel : 0)
              bytes[((cluster * (side + 4) + y) * width + place * (side + 2) + x) * 3 + channel] = source[from]
            }
          }
        }
      }
    }
    return (Data(try Image(height: height, width: width, channels: 3, bytes: bytes).pngBytes()), missing)
  }

  private static func tile(_ path: String) -> Image? {
    guard let image = try? Image(contentsOf: URL(fileURLWithPath: path)) else { return nil }
    let scale = Double(side) / Double(min(image.height, image.width))
    // A strip a hundred times as long as it is wide would be resized to a picture that nobody sees.
    guard max(image.height, image.width) < 100 * min(image.height, image.width) else { return nil }
    let resized = image.resized(
      to: ImageSize(
        height: max(side, Int((Double(image.height) * scale).rounded())),
        width: max(side, Int((Double(image.width) * scale).rounded()))))
    var generator = RandomGenerator(seed: 0)
    guard let tile = try? CentreCrop(side)(resized, using: &generator), tile.channels == 1 || tile.channels == 3 else {
      return nil
    }
    return tile
  }
}

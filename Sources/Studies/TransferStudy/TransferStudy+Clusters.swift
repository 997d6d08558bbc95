import BLAS
import Datasets
import FeatureLearning
import Foundation
import Models
import Tensors
import Training

extension TransferStudy {
  /// Clusters the new digits of the test set in every space, and draws what the clusters hold.
  func cluster(_ sources: [Sources], _ work: StudyWork, into results: inout TransferStudyResults) throws {
    let (images, digits) = try tensor(of: targetTest)
    let rows = images.reshaped(to: [images.shape[0], images.count / images.shape[0]])
    let components = try PCA(components: min(50, rows.shape[0], rows.shape[1])).fit(rows, pool: pool)
      .transform(rows, pool: pool)
    let spaces = [Self.pixels, Self.components] + Self.layers
    func points(of space: String, seed: Int) throws -> Tensor<Float> {
      if space == Self.pixels { return rows }
      if space == Self.components { return components }
      return try features(space, sources[seed].changed, images)
    }
    var firstLabels: [String: [Int]] = [:]
    for (place, space) in spaces.enumerated() {
      for seed in sources.indices {
        guard !work.shouldStop() else { throw StudyError.stopped }
        work.report(Double(place * sources.count + seed) / Double(spaces.count * sources.count))
        let clusters = try KMeans(k: 5, starts: options.clusterStarts)
          .fit(
            points(of: space, seed: seed), generator: RandomGenerator(seed: self.seed(seed), stream: "clusters"),
            pool: pool)
        let table = try ContingencyTable(classes: digits, clusters: clusters.labels)
        results.clusterings.append(
          .init(
            space: space, seed: seed, mutualInformation: table.normalizedMutualInformation,
            adjustedRandIndex: table.adjustedRandIndex, accuracy: table.matchedAccuracy))
        if seed == 0 { firstLabels[space] = clusters.labels }
      }
    }
    for space in [Self.pixels, results.bestLayer].compactMap(\.self) {
      if let labels = firstLabels[space] {
        results.sheets.append(.init(space: space, png: try contactSheet(rows, labels)))
      }
      results.embeddings.append(try embedding(space, points(of: space, seed: 0), digits))
    }
  }

  /// Up to 24 images of each of the five clusters, a row each, in the order of the set.
  private func contactSheet(_ rows: Tensor<Float>, _ labels: [Int]) throws -> Data {
    let (across, side) = (24, 28)
    let (height, width) = (5 * (side + 2) - 2, across * (side + 1) - 1)
    var bytes = [UInt8](repeating: 255, count: height * width)
    for cluster in 0..<5 {
      for (place, row) in labels.indices.filter({ labels[$0] == cluster }).prefix(across).enumerated() {
        for y in 0..<side {
          for x in 0..<side {
            let level = rows.elements[row * side * side + y * side + x]
            bytes[(cluster * (side + 2) + y) * width + place * (side + 1) + x] = UInt8(
              255 - 255 * min(max(level, 0), 1))
          }
        }
      }
    }
    return Data(try Image(height: height, width: width, channels: 1, bytes: bytes).pngBytes())
  }

  private func embedding(
    _ space: String, _ features: Tensor<Float>, _ digits: [Int]
  ) throws -> TransferStudyResults.Embedding {
    let count = min(options.embedded, features.shape[0])
    let width = features.shape[1]
    let places = try TSNE(perplexity: min(30, Double(count - 1) / 3), iterations: 500)
      .embed(
        Tensor([count, width], Array(features.elements[0..<count * width])),
        generator: RandomGenerator(seed: options.seed, stream: "embedding"), pool: pool
      ).places
    return .init(
      space: space, x: (0..<count).map { places[$0, 0] }, y: (0..<count).map { places[$0, 1] },
      digits: digits[0..<count].map { $0 + 5 })
  }

  /// All of a set, and its classes.
  func tensor(of data: Subset) throws -> (images: Tensor<Float>, classes: [Int]) {
    let size = data.exampleShape.count
    var elements = [Float](repeating: 0, count: data.count * size)
    var target: [Float] = [0]
    var classes: [Int] = []
    for index in 0..<data.count {
      try elements.withUnsafeMutableBufferPointer { elements in
        try target.withUnsafeMutableBufferPointer {
          try data.copyExample(
            index, into: UnsafeMutableBufferPointer(rebasing: elements[index * size..<(index + 1) * size]), target: $0)
        }
      }
      classes.append(Int(target[0]))
    }
    return (Tensor([data.count] + data.exampleShape, elements), classes)
  }
}

public import BLAS
import Datasets
public import FeatureLearning
import Foundation
public import Tensors

/// Describes the clusters of a matrix of features: scores, a sample in the plane, images of each.
public struct ClusterStudy: Sendable {
  /// The rows, [n, d], as they were clustered.
  public var features: Tensor<Float>
  /// Their clusters.
  public var clusters: KMeansResult<Float>
  /// The label of each row, where there are labels; they only judge.
  public var labels: [Int]?
  /// The image file of each row, where there are files.
  public var imageFiles: [String]?
  /// Where the features come from.
  public var file: String
  /// Of the sample and its places.
  public var seed: UInt64
  /// The options of the run, by name.
  public var options: [NamedText] = []

  /// The rows in the pictures.
  public static let sampleSize = 1000
  /// The work of silhouettes grows with the square of the rows.
  public static let largestSilhouette = 20_000

  /// Describes `clusters` of `features`.
  public init(
    features: Tensor<Float>, clusters: KMeansResult<Float>, labels: [Int]? = nil, imageFiles: [String]? = nil,
    file: String, seed: UInt64 = 1
  ) {
    (self.features, self.clusters, self.labels) = (features, clusters, labels)
    (self.imageFiles, self.file, self.seed) = (imageFiles, file, seed)
  }

  /// The scores without pictures.
  ///
  /// - Throws: `FeatureLearningError` for labels that do not fit.
  public func scores(pool: ThreadPool = .shared) throws -> ClusterResults {
    let (rows, k) = (features.shape[0], clusters.counts.count)
    let table = try labels.map { try ContingencyTable(classes: $0, clusters: clusters.labels) }
    let own =
      rows <= Self.largestSilhouette && k >= 2 && k < rows
      ? try silhouettes(features, labels: clusters.labels, pool: pool) : nil
    var sums = [Double](repeating: 0, count: k)
    if let own { for (row, cluster) in clusters.labels.enumerated() { sums[cluster] += own[row] } }
    let parts = (0..<k).map { cluster -> ClusterResults.Cluster in
      let count = clusters.counts[cluster]
      var part = ClusterResults.Cluster(
        count: count, silhouette: own.map { _ in sums[cluster] / Double(max(count, 1)) })
      if let table, let column = table.clusterValues.firstIndex(of: cluster) {
        let counts = table.counts.map { $0[column] }
        let row = counts.indices.reduce(0) { counts[$1] > counts[$0] ? $1 : $0 }
        part.commonestLabel = table.classValues[row]
        part.commonestShare = Double(counts[row]) / Double(max(count, 1))
      }
      return part
    }
    return ClusterResults(
      environment: .current(seed: seed, threads: pool.threadCount), options: options, file: file, rows: rows,
      columns: features.shape[1], inertia: clusters.inertia, iterations: clusters.iterations,
      isConverged: clusters.isConverged, clusters: parts,
      silhouette: own.map { $0.reduce(0, +) / Double($0.count) }, mutualInformation: table?.normalizedMutualInformation,
      adjustedRandIndex: table?.adjustedRandIndex, accuracy: table?.matchedAccuracy)
  }

  /// Adds what the report draws to the scores: a sample in the plane, and images of each cluster.
  ///
  /// - Throws: `FeatureLearningError`; images that cannot be read are a notice.
  public func addPictures(to results: inout ClusterResults, pool: ThreadPool = .shared) throws {
    results.embeddings = try embeddings(pool: pool)
    guard let imageFiles else { return }
    let (png, missing) = try ContactSheet.png(
      clusters: clusters.labels, count: clusters.counts.count, files: imageFiles)
    results.sheet = png
    if missing > 0 {
      results.notices.append("\(missing) of the images in the sheet cannot be read and are left blank.")
    }
  }

  /// The sample by its two leading principal components, and by t-SNE where there are enough rows.
  private func embeddings(pool: ThreadPool) throws -> [ClusterResults.Embedding] {
    let (rows, width) = (features.shape[0], features.shape[1])
    var generator = RandomGenerator(seed: seed, stream: "sample")
    var order = Array(0..<rows)
    generator.shuffle(&order)
    let sample = order.prefix(Self.sampleSize).sorted()
    guard sample.count >= 4 else { return [] }
    let points = Tensor<Float>(
      [sample.count, width], sample.flatMap { features.elements[$0 * width..<($0 + 1) * width] })
    func embedding(_ method: String, _ x: [Double], _ y: [Double]) -> ClusterResults.Embedding {
      ClusterResults.Embedding(
        method: method, x: x, y: y, clusters: sample.map { clusters.labels[$0] },
        labels: labels.map { labels in sample.map { labels[$0] } })
    }
    var result: [ClusterResults.Embedding] = []
    if width >= 2 {
      let plane = try PCA(components: 2).fit(features, pool: pool).transform(points, pool: pool)
      result.append(
        embedding(
          "principal components", sample.indices.map { Double(plane[$0, 0]) },
          sample.indices.map { Double(plane[$0, 1]) }))
    }
    let places = try TSNE(perplexity: min(30, Double(sample.count - 1) / 3), iterations: 500)
      .embed(points, generator: RandomGenerator(seed: seed, stream: "embedding"), pool: pool).places
    result.append(embedding("t-SNE", sample.indices.map { places[$0, 0] }, sample.indices.map { places[$0, 1] }))
    return result
  }
}

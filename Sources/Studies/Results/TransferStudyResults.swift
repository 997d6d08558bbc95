public import Foundation

/// What the transfer study found: what `results.json` holds and the report is drawn from.
public struct TransferStudyResults: StudyResults, Codable, Hashable {
  /// One network on the new digits.
  public struct Run: Codable, Sendable, Hashable {
    /// One of the methods that ``TransferStudy`` names, from ``TransferStudy/scratch`` to
    /// ``TransferStudy/movedFineTuned``; the probe of a layer, ``TransferStudy/probe(of:)``; or the layer through which
    /// the network was frozen, one of ``TransferStudy/frozenLayers``.
    public var method: String
    /// Labelled images of each of the five new digits.
    public var perClass: Int
    /// The number of the seed, from 0.
    public var seed: Int
    /// The fraction of wrong answers on the new digits of the test set; 1 where training diverged.
    public var error: Double
  }

  /// One clustering of the new digits.
  public struct Clustering: Codable, Sendable, Hashable {
    /// `pixels`, `PCA`, or a layer.
    public var space: String
    /// The number of the seed, from 0.
    public var seed: Int
    /// Normalised mutual information with the digits.
    public var mutualInformation: Double
    /// The adjusted Rand index.
    public var adjustedRandIndex: Double
    /// The share of images that the best matching of clusters and digits gets right.
    public var accuracy: Double
  }

  /// Images of each cluster, a row a cluster, as a PNG.
  public struct ContactSheet: Codable, Sendable, Hashable {
    /// `pixels`, `PCA`, or a layer.
    public var space: String
    /// The file's bytes.
    public var png: Data
  }

  /// Places of images in the plane by t-SNE.
  public struct Embedding: Codable, Sendable, Hashable {
    /// `pixels`, `PCA`, or a layer.
    public var space: String
    /// Places along the first axis.
    public var x: [Double]
    /// Places along the second axis.
    public var y: [Double]
    /// The digits, 5 to 9.
    public var digits: [Int]
  }

  /// The machine and the software.
  public var environment: StudyEnvironment
  /// The options of the run, by name.
  public var options: [NamedText]
  /// The commands that make the report again.
  public var commands: [String] = []
  /// The errors of the networks of changed images of 0 to 4 on these digits of the test set as they are, a seed each.
  ///
  /// Of their 40 outputs only the five of the first position are asked.
  public var sourceErrors: [Double] = []
  /// How the networks of 0 to 4 do on 5 to 9 after transfer, and others from scratch.
  public var runs: [Run] = []
  /// Clusters of 5 to 9 by k-means.
  public var clusterings: [Clustering] = []
  /// Contact sheets of clusters of the first seed.
  public var sheets: [ContactSheet] = []
  /// Pictures of the spaces of the first seed.
  public var embeddings: [Embedding] = []
  /// One sentence a figure, filled by the report from the numbers.
  public var conclusions: [NamedText] = []
  /// How long the study took, in seconds.
  public var seconds = 0.0

  /// The errors of a method at a size, in the order of the seeds.
  public func errors(_ method: String, perClass: Int) -> [Double] {
    runs.filter { $0.method == method && $0.perClass == perClass }.sorted { $0.seed < $1.seed }.map(\.error)
  }

  /// The mutual information of a space, in the order of the seeds.
  public func mutualInformation(_ space: String) -> [Double] {
    clusterings.filter { $0.space == space }.sorted { $0.seed < $1.seed }.map(\.mutualInformation)
  }

  /// The spaces that were clustered, from the pixels up.
  public var spaces: [String] {
    clusterings.reduce(into: []) { if !$0.contains($1.space) { $0.append($1.space) } }
  }

  /// The layer whose clusters tell most of the digits, by the mean over the seeds.
  public var bestLayer: String? {
    spaces.filter { $0 != TransferStudy.pixels && $0 != TransferStudy.components }
      .max { Statistics.mean(mutualInformation($0)) < Statistics.mean(mutualInformation($1)) }
  }

  /// Reads a file of results, `results.json` of a report.
  ///
  /// - Throws: `StudyResultsError` that names the file, and the key where there is one.
  public init(contentsOf url: URL) throws {
    self = try StudyResultsError.reading(url) { data in
      do {
        return try JSONDecoder().decode(TransferStudyResults.self, from: data).checked()
      } catch let error as DecodingError {
        throw StudyResultsError(error)
      }
    }
  }

  /// Refuses embeddings whose lists are of different lengths.
  private func checked() throws(StudyResultsError) -> TransferStudyResults {
    for (index, embedding) in embeddings.enumerated() {
      let counts = [embedding.x.count, embedding.y.count, embedding.digits.count]
      guard Set(counts).count == 1 else {
        throw StudyResultsError(
          file: nil, path: "embeddings[\(index)]",
          reason: "expected as many x as y as digits, found \(counts[0]), \(counts[1]) and \(counts[2])")
      }
    }
    return self
  }

  init(environment: StudyEnvironment, options: [NamedText]) {
    (self.environment, self.options) = (environment, options)
  }
}

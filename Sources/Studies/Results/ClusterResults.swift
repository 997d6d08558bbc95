public import Foundation

/// What k-means made of a file of features: what `results.json` of the report holds and the report is drawn from.
public struct ClusterResults: StudyResults, Codable, Hashable {
  /// One cluster.
  public struct Cluster: Codable, Sendable, Hashable {
    /// How many rows are in it.
    public var count: Int
    /// The mean silhouette of its rows, where silhouettes were computed.
    public var silhouette: Double?
    /// The label that most of its rows have, where there are labels.
    public var commonestLabel: Int?
    /// The share of its rows that have that label.
    public var commonestShare: Double?
  }

  /// A sample of rows in the plane.
  public struct Embedding: Codable, Sendable, Hashable {
    /// How places were found: `principal components` or `t-SNE`.
    public var method: String
    /// Places along the first axis.
    public var x: [Double]
    /// Places along the second axis.
    public var y: [Double]
    /// The cluster of each row of the sample.
    public var clusters: [Int]
    /// The label of each row of the sample, where there are labels.
    public var labels: [Int]?
  }

  /// The machine and the software.
  public var environment: StudyEnvironment
  /// The options of the run, by name.
  public var options: [NamedText]
  /// The commands that make the report again.
  public var commands: [String] = []
  /// The file of features.
  public var file: String
  /// The rows that were clustered.
  public var rows: Int
  /// The numbers of a row that was clustered: the principal components, where these were taken.
  public var columns: Int
  /// The sum of the squared distances of all rows to their centers.
  public var inertia: Double
  /// The iterations of the best start.
  public var iterations: Int
  /// Whether they ended by themselves.
  public var isConverged: Bool
  /// The clusters in their order.
  public var clusters: [Cluster]
  /// The mean silhouette of all rows; nil where there are too many rows for it.
  public var silhouette: Double?
  /// Normalised mutual information with the labels, where there are labels.
  public var mutualInformation: Double?
  /// The adjusted Rand index.
  public var adjustedRandIndex: Double?
  /// The share of rows that the best matching of labels and clusters gets right.
  public var accuracy: Double?
  /// Samples in the plane.
  public var embeddings: [Embedding] = []
  /// Images of each cluster, a row a cluster, as a PNG; nil where the file names none.
  public var sheet: Data?
  /// What the reader should know about pictures that are missing.
  public var notices: [String] = []
  /// One sentence a figure, filled by the report from the numbers.
  public var conclusions: [NamedText] = []
}

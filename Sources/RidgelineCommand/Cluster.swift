import ArgumentParser
import Foundation
import Ridgeline

struct Cluster: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Cluster features by k-means.",
    discussion: """
      The file holds 'features' [rows, numbers] and, for the scores, 'labels' [rows], as `ridgeline features` writes them; of a file \
      with one tensor that one is taken.
      """)

  @Argument(help: "The features: .npz, .npy or .safetensors.")
  var file: String
  @Option(help: "Clusters.")
  var k: Int
  @Option(help: "Cluster the leading principal components, so many, and not the features themselves.")
  var pca: Int?
  @Option(help: "Starts of k-means, of which the best is kept.")
  var starts = 5
  @Option(help: "Seed of the starts.")
  var seed: UInt64 = 1
  @Option(help: "A CSV to write, a line a row: its number and its cluster.")
  var output: String?
  @OptionGroup var threads: ThreadOptions
  @Flag(help: "Print one line of JSON.")
  var json = false

  // The names are the keys of the JSON object.
  struct Report: Encodable {
    let k: Int
    let inertia: Double
    let iterations: Int
    let converged: Bool
    let counts: [Int]
    let silhouette: Double?
    let nmi: Double?
    let ari: Double?
    let accuracy: Double?
  }

  /// The silhouette's work grows with the square of the rows.
  private static let largestSilhouette = 20_000

  mutating func validate() throws {
    try requirePath(file, "the file")
    try requirePath(output, "--output")
    if k < 1 { throw ValidationError("--k is 1 or more, found \(k)") }
    if starts < 1 { throw ValidationError("--starts is 1 or more, found \(starts)") }
    if let pca, pca < 1 { throw ValidationError("--pca is 1 or more, found \(pca)") }
  }

  func run() throws {
    if let output { try AtomicFile.checkWritable(URL(fileURLWithPath: output)) }
    let source = try TensorFiles.open(URL(fileURLWithPath: file))
    let names = source.entries.map(\.name)
    let name = names.count == 1 ? names[0] : "features"
    var features: Tensor<Float> = try source.tensor(name, allowingRounding: true)
    let pool = threads.pool()
    do {
      if let pca { features = try PCA(components: pca).fit(features, pool: pool).transform(features, pool: pool) }
      let clusters = try KMeans(k: k, starts: starts)
        .fit(features, generator: RandomGenerator(seed: seed), pool: pool)
      try report(clusters, features, try labels(source, names), pool)
    } catch let error as FeatureLearningError {
      throw CommandError("\(file), '\(name)': \(error)")
    }
  }

  private func labels(_ source: any TensorSource, _ names: [String]) throws -> [Int]? {
    guard names.contains("labels") else { return nil }
    let labels: Tensor<Double> = try source.tensor("labels", allowingRounding: true)
    return try labels.elements.enumerated().map { row, value in
      guard let label = Int(exactly: value) else {
        throw CommandError("\(file), 'labels': expected whole numbers, found \(value) in row \(row)")
      }
      return label
    }
  }

  private func report(
    _ clusters: KMeansResult<Float>, _ features: Tensor<Float>, _ labels: [Int]?, _ pool: ThreadPool
  ) throws {
    let rows = features.shape[0]
    let table = try labels.map { try ContingencyTable(classes: $0, clusters: clusters.labels) }
    let score =
      rows <= Self.largestSilhouette && k >= 2 && k < rows
      ? try silhouette(features, labels: clusters.labels, pool: pool) : nil
    let report = Report(
      k: k, inertia: clusters.inertia, iterations: clusters.iterations, converged: clusters.isConverged,
      counts: clusters.counts, silhouette: score, nmi: table?.normalizedMutualInformation,
      ari: table?.adjustedRandIndex, accuracy: table?.matchedAccuracy)
    if let output {
      let lines = ["row,cluster"] + clusters.labels.enumerated().map { "\($0),\($1)" }
      try AtomicFile.write(Data((lines.joined(separator: "\n") + "\n").utf8), to: URL(fileURLWithPath: output))
    }
    if json { return try Output.json(report) }
    var lines = [
      "\(k) clusters of \(rows) rows of \(features.shape[1]): inertia \(report.inertia) after \(report.iterations) iterations"
        + (report.converged ? "" : ", not converged"),
      "sizes: \(report.counts.map(String.init).joined(separator: " "))",
    ]
    if let score { lines.append(String(format: "silhouette %.4f", score)) }
    if let table {
      lines.append(
        String(
          format: "against the labels: NMI %.4f, ARI %.4f, matched accuracy %.4f", table.normalizedMutualInformation,
          table.adjustedRandIndex, table.matchedAccuracy))
    }
    try Output.line(lines.joined(separator: "\n"))
  }
}

import ArgumentParser
import Figures
import Foundation
import Ridgeline
import Studies

struct Cluster: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Cluster features by k-means.",
    discussion: """
      The file holds 'features' [rows, numbers] and, for the scores, 'labels' [rows], as `ridgeline features` writes them; of a file \
      with one tensor that one is taken.

      --report writes a folder whose index.html has every picture inside: the clusters' sizes, silhouettes and labels, the rows in \
      the plane by principal components and t-SNE, and, where the file names image files, images of each cluster; results.json \
      has the numbers.
      """)

  @Argument(help: "The features: .npz, .npy or .safetensors.")
  var file: String
  @Option(help: "Clusters.")
  var k: Int
  @Option(help: "Cluster the leading principal components, so many, and not the features themselves.")
  var pca: Int?
  @Option(help: "Starts of k-means, of which the best is kept.")
  var starts = 5
  @Option(help: "Seed of the starts and of the pictures.")
  var seed: UInt64 = 1
  @Option(help: "A CSV to write, a line a row: its number and its cluster.")
  var output: String?
  @Option(help: "The folder of a report to write.")
  var report: String?
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

  mutating func validate() throws {
    try requirePath(file, "the file")
    try requirePath(output, "--output")
    try requirePath(report, "--report")
    if k < 1 { throw ValidationError("--k is 1 or more, found \(k)") }
    if starts < 1 { throw ValidationError("--starts is 1 or more, found \(starts)") }
    if let pca, pca < 1 { throw ValidationError("--pca is 1 or more, found \(pca)") }
  }

  func run() throws {
    // Places that cannot be written are known before the work.
    if let output { try AtomicFile.checkWritable(URL(fileURLWithPath: output)) }
    let folder = try report.map { try ReportFolder(URL(fileURLWithPath: $0)) }
    do {
      try cluster()
    } catch {
      folder?.removeIfEmpty()
      throw error
    }
  }

  private func cluster() throws {
    let source = try TensorFiles.open(URL(fileURLWithPath: file))
    let names = source.entries.map(\.name)
    let name = names.count == 1 ? names[0] : "features"
    var features: Tensor<Float> = try source.tensor(name, allowingRounding: true)
    let pool = threads.pool()
    do {
      if let pca { features = try PCA(components: pca).fit(features, pool: pool).transform(features, pool: pool) }
      let clusters = try KMeans(k: k, starts: starts)
        .fit(features, generator: RandomGenerator(seed: seed), pool: pool)
      let files = try report == nil ? nil : imageFiles(source, names, rows: features.shape[0])
      var study = ClusterStudy(
        features: features, clusters: clusters, labels: try labels(source, names), imageFiles: files, file: file,
        seed: seed)
      study.options = [NamedText("k", "\(k)"), NamedText("starts", "\(starts)")]
      if let pca { study.options.append(NamedText("principal components", "\(pca)")) }
      var results = try study.scores(pool: pool)
      if report != nil { try study.addPictures(to: &results, pool: pool) }
      try write(results, clusters.labels)
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

  private func imageFiles(_ source: any TensorSource, _ names: [String], rows: Int) throws -> [String]? {
    guard names.contains(FeatureFile.paths) else { return nil }
    let bytes = try source.bytes(of: source.entry(named: FeatureFile.paths))
    let paths = bytes.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    guard paths.count == rows else {
      throw CommandError("\(file), '\(FeatureFile.paths)': expected \(rows) paths, one a row, found \(paths.count)")
    }
    return paths
  }

  private func write(_ results: ClusterResults, _ clusters: [Int]) throws {
    if let output {
      let lines = ["row,cluster"] + clusters.enumerated().map { "\($0),\($1)" }
      try AtomicFile.write(Data((lines.joined(separator: "\n") + "\n").utf8), to: URL(fileURLWithPath: output))
    }
    var index: String?
    if let report {
      var results = results
      results.commands = ["ridgeline " + CommandLine.arguments.dropFirst().joined(separator: " ")]
      let files = try ClusterReport(results).write(to: URL(fileURLWithPath: report))
      index = files.index.path
      if let notice = files.notice { FileHandle.standardError.write(Data((notice + "\n").utf8)) }
    }
    guard !json else {
      return try Output.json(
        Report(
          k: k, inertia: results.inertia, iterations: results.iterations, converged: results.isConverged,
          counts: results.clusters.map(\.count), silhouette: results.silhouette, nmi: results.mutualInformation,
          ari: results.adjustedRandIndex, accuracy: results.accuracy))
    }
    var lines = [
      "\(k) clusters of \(results.rows) rows of \(results.columns): inertia \(results.inertia) after \(results.iterations) iterations"
        + (results.isConverged ? "" : ", not converged"),
      "sizes: \(results.clusters.map { "\($0.count)" }.joined(separator: " "))",
    ]
    if let score = results.silhouette { lines.append(String(format: "silhouette %.4f", score)) }
    if let information = results.mutualInformation, let index = results.adjustedRandIndex,
      let accuracy = results.accuracy
    {
      lines.append(
        String(
          format: "against the labels: NMI %.4f, ARI %.4f, matched accuracy %.4f", information, index, accuracy))
    }
    if let index { lines.append("report: \(index)") }
    try Output.line(lines.joined(separator: "\n"))
  }
}

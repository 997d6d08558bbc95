import ArgumentParser
import BLAS
import Datasets
import FeatureLearning
import Foundation
import Tensors

/// Times k-means or a PCA on raw 32-bit numbers, as `compare_clustering.py` writes them, and prints JSON.
@main
struct ClusteringTiming: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clustering-timing", abstract: "Times k-means and principal components for the peers' script.")

  @Argument(help: "kmeans, unbounded (k-means without bounds) or pca.") var task: String
  @Option(help: "Raw 32-bit floating-point numbers, row after row.") var points: String
  @Option(help: "Rows.") var rows: Int
  @Option(help: "Columns.") var columns: Int
  @Option(help: "Starting centers, raw 32-bit floating-point numbers.") var centers: String?
  @Option(help: "Clusters or components.") var k: Int
  @Option(help: "Where centers or components are written, raw 32-bit floating-point numbers.") var output: String?

  func run() throws {
    let x = Tensor<Float>([rows, columns], try numbers(points))
    var record: [String: Any] = ["threads": ThreadPool.shared.threadCount]
    let result: Tensor<Float>
    let clock = ContinuousClock()
    let start = clock.now
    if task == "pca" {
      let fit = try PCA(components: k).fit(x)
      record["seconds"] = seconds(clock.now - start)
      record["explained"] = fit.explainedVariance
      result = fit.components
    } else {
      guard let centers else { throw ValidationError("k-means needs --centers") }
      let begin = Tensor<Float>([k, columns], try numbers(centers))
      let fit = try KMeans(k: k, usesBounds: task == "kmeans").fit(x, from: begin)
      record["seconds"] = seconds(clock.now - start)
      record["inertia"] = fit.inertia
      record["iterations"] = fit.iterations
      record["termination"] = fit.termination.rawValue
      record["distances"] = fit.distanceCount
      result = fit.centers
    }
    if let output {
      try result.withUnsafeBufferPointer { try Data(buffer: $0).write(to: URL(fileURLWithPath: output)) }
    }
    print(String(decoding: try JSONSerialization.data(withJSONObject: record, options: .sortedKeys), as: UTF8.self))
  }

  private func numbers(_ path: String) throws -> [Float] {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    return [Float](unsafeUninitializedCapacity: data.count / 4) { buffer, count in
      count = data.copyBytes(to: UnsafeMutableRawBufferPointer(buffer)) / 4
    }
  }

  private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}

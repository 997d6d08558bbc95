import Foundation
public import Studies

/// Draws the figures of a clustering from its results.
public struct ClusterFigures: Sendable {
  /// The results that are drawn.
  public let results: ClusterResults

  /// Figures of `results`.
  public init(_ results: ClusterResults) { self.results = results }

  /// The size of every cluster, and where they are known its mean silhouette and the share of its commonest label.
  public func clusters() -> Figure? {
    let clusters = results.clusters
    guard !clusters.isEmpty else { return nil }
    var table = CSVTable(columns: ["cluster", "count", "silhouette", "commonest_label", "commonest_share"])
    for (index, cluster) in clusters.enumerated() {
      table.append([
        .integer(index), .integer(cluster.count), .number(cluster.silhouette ?? .nan),
        cluster.commonestLabel.map { CSVTable.Cell.integer($0) } ?? .text(""), .number(cluster.commonestShare ?? .nan),
      ])
    }
    let ticks = clusters.count <= 20 ? clusters.indices.map { Axis.Tick(value: Double($0), label: "\($0)") } : nil
    func panel(
      _ title: String, _ column: String, _ values: [Double], number: Int, scale: Double, reference: (Double, String)?
    )
      -> Panel
    {
      var panel = Panel(
        title: "", horizontal: Axis("cluster", from: -0.5, to: Double(clusters.count) - 0.5, ticks: ticks),
        vertical: .covering(
          title, values.map { $0 * scale } + [reference?.0 ?? 0], from: column == "silhouette" ? nil : 0))
      if let reference { panel.references = [(height: reference.0, text: reference.1)] }
      var curve = Curve(kind: .points(every: 1, first: 0), number: number, rows: [], x: "cluster", y: column)
      curve.scale = scale
      panel.curves = [curve]
      return panel
    }
    let mean = Double(results.rows) / Double(clusters.count)
    var panels = [
      panel("rows", "count", clusters.map { Double($0.count) }, number: 2, scale: 1, reference: (mean, "mean"))
    ]
    let silhouettes = clusters.compactMap(\.silhouette)
    if let silhouette = results.silhouette, !silhouettes.isEmpty {
      panels.append(
        panel("silhouette", "silhouette", silhouettes + [0], number: 3, scale: 1, reference: (silhouette, "all rows")))
    }
    let shares = clusters.compactMap(\.commonestShare)
    if !shares.isEmpty {
      panels.append(
        panel("commonest label (%)", "commonest_share", shares + [1], number: 1, scale: 100, reference: nil))
    }
    let counts = clusters.map(\.count)
    return Figure(
      name: "clusters", title: "The clusters", conclusion: conclusion(counts),
      caption:
        "A point a cluster, numbered from 0. The silhouette of a row is 1 where its own cluster is far nearer than the "
        + "next, 0 between two, negative where another is nearer; the mean over the cluster's rows.",
      table: table, sheet: Sheet(title: "Clusters", panels: panels, boxHeight: 170))
  }

  private func conclusion(_ counts: [Int]) -> String {
    var text =
      "\(Wording.count(counts.count, "cluster")) of \(counts.min() ?? 0) to \(counts.max() ?? 0) rows"
    if let silhouette = results.silhouette { text += ", mean silhouette \(Wording.fixed(silhouette, decimals: 3))" }
    if let information = results.mutualInformation, let index = results.adjustedRandIndex,
      let accuracy = results.accuracy
    {
      text +=
        "; against the labels NMI \(Wording.fixed(information, decimals: 3)), ARI \(Wording.fixed(index, decimals: 3)) and "
        + "\(Wording.percent(accuracy)) in the cluster that is matched to their label"
    }
    return text + "."
  }

  /// The sample in the plane, in the colours of the clusters and, where there are at most as many labels as colours, in
  /// those of the labels.
  public func embedding() -> Figure? {
    guard let first = results.embeddings.first else { return nil }
    var table = CSVTable(columns: ["method", "cluster", "label", "x", "y"])
    for embedding in results.embeddings {
      for (index, (x, y)) in zip(embedding.x, embedding.y).enumerated() where embedding.clusters.indices.contains(index)
      {
        let label = embedding.labels.flatMap { $0.indices.contains(index) ? "\($0[index])" : nil } ?? ""
        table.append([
          .text(embedding.method), .text("\(embedding.clusters[index])"), .text(label), .number(x), .number(y),
        ])
      }
    }
    let numbers = Set(results.embeddings.flatMap(\.clusters)).sorted()
    let labels = Set(results.embeddings.flatMap { $0.labels ?? [] }).sorted()
    var panels = results.embeddings.map { panel($0, "cluster", numbers, title: "\($0.method), clusters") }
    if let last = results.embeddings.last, !labels.isEmpty, labels.count <= Look.all.count {
      panels.append(panel(last, "label", labels, title: "\(last.method), labels"))
    }
    let shownNumbers = numbers.count <= 20
    return Figure(
      name: "embedding", title: "The rows in the plane",
      conclusion:
        "\(first.x.count == results.rows ? "All" : "A sample of") \(Wording.count(first.x.count, "row")) by "
        + "\(Wording.list(results.embeddings.map(\.method))).",
      caption:
        "Principal components are the directions of largest variance; places by t-SNE have no meaning but for their neighbourhood. "
        + "Colours and symbols are those of the clusters\(panels.count > results.embeddings.count ? ", in the last picture those of the labels" : "")"
        + "\(shownNumbers ? "" : "; they return after \(Look.all.count)").",
      table: table,
      sheet: Sheet(
        title: "Embedding", panels: panels, columns: 2, boxHeight: 300,
        key: shownNumbers ? numbers.map { (text: "\($0)", number: LookBook.number($0)) } : []))
  }

  private func panel(_ embedding: ClusterResults.Embedding, _ column: String, _ values: [Int], title: String) -> Panel {
    func bare(_ values: [Double]) -> Axis {
      let (low, high) = (values.min() ?? 0, values.max() ?? 1)
      let room = (high - low) * 0.04
      return Axis("", from: low - room, to: high + room, ticks: [])
    }
    var panel = Panel(title: title, horizontal: bare(embedding.x), vertical: bare(embedding.y))
    panel.curves = values.map { value in
      Curve(
        kind: .points(every: 1, first: 0), number: LookBook.number(value),
        rows: [(column: "method", value: embedding.method), (column: column, value: "\(value)")], x: "x", y: "y")
    }
    return panel
  }
}

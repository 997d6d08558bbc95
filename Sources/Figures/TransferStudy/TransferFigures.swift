import Foundation
public import Studies

/// Draws the figures of the transfer study from its results.
///
/// The words under a figure are chosen by the numbers: a layer or a method that does not help is said not to.
public struct TransferFigures: Sendable {
  /// The results that are drawn.
  public let results: TransferStudyResults

  /// Figures of `results`.
  public init(_ results: TransferStudyResults) { self.results = results }

  private static let methods = [
    (name: TransferStudy.scratch, text: "from scratch", look: 1),
    (name: TransferStudy.probe, text: "linear probe", look: 2),
    (name: TransferStudy.fineTuned, text: "fine-tuned", look: 3),
  ]

  private var sizes: [Int] { Set(results.runs.map(\.perClass)).sorted() }

  /// The test error on the new digits over the labelled images of each.
  public func curve() -> Figure? {
    guard !results.runs.isEmpty else { return nil }
    var table = CSVTable(columns: ["method", "per_class", "mean", "low", "high"])
    var panel = Panel(
      title: "", horizontal: .logarithmic("labelled images a digit", sizes.map(Double.init)),
      vertical: Axis("test error (%)", from: 0, to: 1))
    var heights: [Double] = []
    for method in Self.methods {
      var last: (size: Int, mean: Double)?
      for size in sizes {
        let errors = results.errors(method.name, perClass: size)
        guard !errors.isEmpty else { continue }
        let estimate = Estimate(errors)
        table.append([
          .text(method.text), .integer(size), .number(estimate.mean), .number(max(estimate.lower, 0)),
          .number(estimate.upper),
        ])
        heights.append(estimate.upper * 100)
        last = (size, estimate.mean)
      }
      guard let last else { continue }
      let rows = [(column: "method", value: method.text)]
      panel.curves.append(Curve(kind: .band, number: method.look, rows: rows, x: "per_class", scale: 100))
      panel.curves.append(Curve(kind: .marked(every: 1), number: method.look, rows: rows, x: "per_class", scale: 100))
      panel.labels.append(
        DirectLabel(text: method.text, x: Double(last.size), y: last.mean * 100, number: method.look))
    }
    panel.vertical = .covering("test error (%)", heights, from: 0)
    return Figure(
      name: "transfer", title: "What few labels teach", conclusion: curveConclusion,
      caption:
        "LeNet-5 on the digits 5 to 9. Linear probe: ridge regression on what \(Wording.list(TransferStudy.probedLayers)) of a "
        + "network of 0 to 4 give, its strength by leave-one-out on the same images; fine-tuned: all layers but the head are the "
        + "beginning. Rate and updates of fine-tuning, and of training from scratch, are the best of several on training digits held "
        + "out. Bands: 95\u{A0}% intervals of the mean over the seeds. All methods of a seed see the same images.",
      table: table, sheet: Sheet(title: "Transfer", panels: [panel], boxHeight: 300))
  }

  private var curveConclusion: String {
    guard let size = sizes.contains(10) ? 10 : sizes.first else { return "" }
    let scratch = results.errors(TransferStudy.scratch, perClass: size)
    let parts = Self.methods.dropFirst().map { method -> String in
      let errors = results.errors(method.name, perClass: size)
      guard errors.count == scratch.count, !errors.isEmpty else { return "" }
      let gain = Estimate(zip(scratch, errors).map { 100 * ($0 - $1) })
      let clear = gain.lower > 0 || gain.upper < 0
      let ends = gain.mean >= 0 ? (gain.lower, gain.upper) : (-gain.upper, -gain.lower)
      return
        "\(method.text) \(Wording.percent(Statistics.mean(errors))) (\(Wording.fixed(abs(gain.mean), decimals: 1)) points "
        + "\(gain.mean >= 0 ? "less" : "more") than from scratch, \(clear ? "clear of 0" : "not clear of 0"): interval "
        + "\(Wording.fixed(ends.0, decimals: 1)) to \(Wording.fixed(ends.1, decimals: 1)))"
    }
    var text =
      "With \(size) labelled images a digit the test error is \(Wording.percent(Statistics.mean(scratch))) from scratch, "
      + Wording.list(parts.filter { !$0.isEmpty }) + "."
    let moved = (
      results.errors(TransferStudy.movedScratch, perClass: size),
      results.errors(TransferStudy.movedFineTuned, perClass: size)
    )
    if !moved.0.isEmpty, moved.0.count == moved.1.count {
      let gain = Estimate(zip(moved.0, moved.1).map { 100 * ($0 - $1) })
      text +=
        " Where the labelled images are moved a little each time, it is \(Wording.percent(Statistics.mean(moved.0))) from scratch and "
        + "\(Wording.percent(Statistics.mean(moved.1))) fine-tuned: a difference of \(Wording.fixed(gain.mean, decimals: 1)) points "
        + "(interval \(Wording.fixed(gain.lower, decimals: 1)) to \(Wording.fixed(gain.upper, decimals: 1)))."
    }
    if let last = sizes.last, last > size {
      let errors = Self.methods.map { (text: $0.text, mean: Statistics.mean(results.errors($0.name, perClass: last))) }
      if let best = errors.min(by: { $0.mean < $1.mean }) {
        text += " With \(last) the least is \(Wording.percent(best.mean)), \(best.text)."
      }
    }
    return text
  }

  /// " (8 epochs)" by an option of the results; nothing where they do not say it.
  private func epochs(_ option: String) -> String {
    guard let count = results.options.first(where: { $0.name == option }).flatMap({ Int($0.text) }) else { return "" }
    return " (\(Wording.count(count, "epoch")))"
  }

  /// All that was tried at the size of the depths, from the least error up, beside training from scratch.
  func methods() -> HTMLTable? {
    guard let size = results.runs.first(where: { $0.method == TransferStudy.movedScratch })?.perClass else {
      return nil
    }
    let scratch = results.errors(TransferStudy.scratch, perClass: size)
    var table = HTMLTable(
      caption: "All that was tried with \(size) labelled images a digit",
      note: """
        Less: points of error less than from scratch, the mean over the seeds and its 95\u{A0}% interval. Training from scratch and the \
        probe of pixels begin at no network of 0 to 4. Plain: what begins at networks of 0 to 4 that saw their images as they \
        are\(epochs(TransferStudy.plainEpochsOption)), and five classes; all other rows that begin at such networks have ones that saw them \
        moved, turned and mirrored\(epochs(TransferStudy.changedEpochsOption)). Moved: the labelled images of 5 to 9 are moved a little each \
        time they are seen, which no other row does.
        """,
      headings: ["method", "test error", "less than from scratch", "interval"])
    let names = results.runs.filter { $0.perClass == size }.map(\.method)
    let means = Set(names).map { (name: $0, errors: results.errors($0, perClass: size)) }
      .sorted { (Statistics.mean($0.errors), $0.name) < (Statistics.mean($1.errors), $1.name) }
    for (name, errors) in means {
      let title = TransferStudy.frozenLayers.contains(name) ? "frozen through \(name)" : name
      var row = [title, Wording.percent(Statistics.mean(errors)), "", ""]
      if name != TransferStudy.scratch, errors.count == scratch.count {
        let gain = Estimate(zip(scratch, errors).map { 100 * ($0 - $1) })
        row[2] = Wording.fixed(gain.mean, decimals: 1)
        row[3] = "\(Wording.fixed(gain.lower, decimals: 1)) to \(Wording.fixed(gain.upper, decimals: 1))"
      }
      table.rows.append(row)
    }
    return table
  }

  /// The error over the layer through which the network was frozen.
  public func depth() -> Figure? {
    let runs = results.runs.filter { TransferStudy.frozenLayers.prefix(3).contains($0.method) }
    guard let size = runs.first?.perClass else { return nil }
    let names = [TransferStudy.fineTuned] + TransferStudy.frozenLayers
    let scratch = Statistics.mean(results.errors(TransferStudy.scratch, perClass: size))
    let values = names.map { results.errors($0, perClass: size) }
    let titles = ["none"] + TransferStudy.frozenLayers
    return categories(
      name: "depth", title: "How transfer falls with depth", label: "test error (%)", names: titles, values: values,
      scale: 100, reference: (scratch * 100, "from scratch"), axis: "frozen through",
      conclusion: depthConclusion(titles, values, size),
      caption:
        "\(size) labelled images a digit. Layers up to the named one are left as the network of 0 to 4 has them, those behind it begin "
        + "there and are trained; f6 is all but the head. Bars: 95\u{A0}% intervals of the mean over the seeds.")
  }

  private func depthConclusion(_ titles: [String], _ values: [[Double]], _ size: Int) -> String {
    let means = values.map(Statistics.mean)
    guard let best = means.indices.min(by: { means[$0] < means[$1] }),
      let worst = means.indices.max(by: { means[$0] < means[$1] })
    else { return "" }
    return
      "With \(size) images a digit the least error is \(Wording.percent(means[best])) with \(Self.frozen(titles[best])), the "
      + "largest \(Wording.percent(means[worst])) with \(Self.frozen(titles[worst]))."
  }

  private static func frozen(_ title: String) -> String {
    title == "none" ? "no layer frozen" : "all layers through \(title) frozen"
  }

  /// How much the clusters of every space tell of the digits.
  public func clusters() -> Figure? {
    let spaces = results.spaces
    guard !spaces.isEmpty else { return nil }
    let values = spaces.map(results.mutualInformation)
    let pixels = results.mutualInformation(TransferStudy.pixels)
    return categories(
      name: "clusters", title: "Clusters without labels", label: "normalised mutual information", names: spaces,
      values: values, scale: 1, reference: (Statistics.mean(pixels), "pixels"), axis: "k-means on",
      conclusion: clusterConclusion(spaces, values, pixels),
      caption:
        "k-means with k = 5 on the digits 5 to 9 of the test set, which no network has seen: on the pixels, on their leading principal "
        + "components, and on every layer of networks of the digits 0 to 4. Bars: 95\u{A0}% intervals of the mean over the seeds of "
        + "network and clusters.")
  }

  private func clusterConclusion(_ spaces: [String], _ values: [[Double]], _ pixels: [Double]) -> String {
    guard let best = results.bestLayer, let place = spaces.firstIndex(of: best), values[place].count == pixels.count
    else { return "" }
    let gain = Estimate(zip(values[place], pixels).map { $0 - $1 })
    let losing = spaces.indices.filter {
      spaces[$0] != TransferStudy.pixels && Statistics.mean(values[$0]) < Statistics.mean(pixels)
    }.map { spaces[$0] }
    return
      "The clusters of \(best) tell most: \(Wording.fixed(Statistics.mean(values[place]), decimals: 3)), "
      + "\(Wording.fixed(abs(gain.mean), decimals: 3)) \(gain.mean >= 0 ? "above" : "below") pixels (interval "
      + "\(Wording.fixed(gain.lower, decimals: 3)) to \(Wording.fixed(gain.upper, decimals: 3))). "
      + (losing.isEmpty ? "No space tells less than pixels." : "Less than pixels: \(Wording.list(losing)).")
  }

  /// One point with its interval for each of some names.
  private func categories(
    name: String, title: String, label: String, names: [String], values: [[Double]], scale: Double,
    reference: (Double, String), axis: String, conclusion: String, caption: String
  ) -> Figure {
    var table = CSVTable(columns: ["name", "place", "mean", "low", "high"])
    var heights = [reference.0]
    for (place, entry) in zip(names, values).enumerated() where !entry.1.isEmpty {
      let estimate = Estimate(entry.1)
      table.append([
        .text(entry.0), .integer(place), .number(estimate.mean), .number(estimate.lower), .number(estimate.upper),
      ])
      heights += [estimate.lower * scale, estimate.upper * scale]
    }
    let ticks = names.enumerated().map { Axis.Tick(value: Double($0), label: $1) }
    var panel = Panel(
      title: "", horizontal: Axis(axis, from: -0.5, to: Double(names.count) - 0.5, ticks: ticks),
      vertical: .covering(label, heights))
    panel.references = [(height: reference.0, text: reference.1)]
    var curve = Curve(kind: .bars, number: 2, rows: [], x: "place")
    curve.scale = scale
    panel.curves = [curve]
    return Figure(
      name: name, title: title, conclusion: conclusion, caption: caption, table: table,
      sheet: Sheet(title: title, panels: [panel], boxHeight: 280))
  }

  /// The images in the plane, by t-SNE.
  public func embedding() -> Figure? {
    guard !results.embeddings.isEmpty else { return nil }
    var table = CSVTable(columns: ["space", "digit", "x", "y"])
    var panels: [Panel] = []
    let digits = Set(results.embeddings.flatMap(\.digits)).sorted()
    for embedding in results.embeddings {
      for (digit, (x, y)) in zip(embedding.digits, zip(embedding.x, embedding.y)) {
        table.append([.text(embedding.space), .text("\(digit)"), .number(x), .number(y)])
      }
      func bare(_ values: [Double]) -> Axis {
        let (low, high) = (values.min() ?? 0, values.max() ?? 1)
        let room = (high - low) * 0.04
        return Axis("", from: low - room, to: high + room, ticks: [])
      }
      var panel = Panel(
        title: embedding.space, horizontal: bare(embedding.x), vertical: bare(embedding.y))
      panel.curves = digits.enumerated().map { place, digit in
        Curve(
          kind: .points(every: 1, first: 0), number: place + 1,
          rows: [(column: "space", value: embedding.space), (column: "digit", value: "\(digit)")], x: "x", y: "y")
      }
      panels.append(panel)
    }
    let names = results.embeddings.map(\.space)
    return Figure(
      name: "embedding", title: "The digits in the plane",
      conclusion:
        "The same \(results.embeddings[0].digits.count) images by t-SNE, as neighbours by \(Wording.list(names)).",
      caption:
        "Places have no meaning but for their neighbourhood: neighbours in the space are neighbours in the picture.",
      table: table,
      sheet: Sheet(
        title: "t-SNE", panels: panels, columns: 2, boxHeight: 300,
        key: digits.enumerated().map { (text: "\($1)", number: $0 + 1) }))
  }
}

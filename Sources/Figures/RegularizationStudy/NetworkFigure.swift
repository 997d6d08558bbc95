import Foundation
import Studies

extension RegularizationFigures {
  /// Train and test error against updates for no penalty, L2, L1 and dropout.
  public func network() -> Figure? {
    guard let network = results.network, !network.runs.isEmpty else { return nil }
    var table = CSVTable(columns: ["quantity", "method", "step", "mean", "low", "high"])
    let methods = NetworkMethod.allCases.filter { !network.runs(of: $0).isEmpty }
    var panels: [Panel] = []
    let noise = network.noise * network.noise
    for (quantity, title, error) in [
      ("train", "on the \(network.observations) examples that are trained on", \NetworkRecord.train),
      ("test", "on \(Wording.fixed(Double(network.testCount), decimals: 0)) other examples", \.test),
    ] {
      let curves = methods.map { method in network.curve(of: method) { $0[keyPath: error] } }
      // The first updates are the same for all, from weights that know nothing.
      let late = curves.flatMap { $0.filter { $0.step >= 20 } }.flatMap { [$0.estimate.lower, $0.estimate.upper] }
      var panel = Panel(
        title: title, horizontal: .logarithmic("updates", [1, Double(network.updates)]),
        vertical: .covering("mean squared error", late, from: 0, tickCount: 5))
      for (method, curve) in zip(methods, curves) {
        for point in curve where point.step > 0 {
          table.append([
            .text(quantity), .text(method.rawValue), .integer(point.step), .number(point.estimate.mean),
            .number(point.estimate.lower), .number(point.estimate.upper),
          ])
        }
        let rows = [("quantity", quantity), ("method", method.rawValue)]
        panel.curves.append(Self.curve(.band, Self.look(method), rows, x: "step"))
        panel.curves.append(
          Self.curve(.marked(every: max(1, curve.count / 8)), Self.look(method), rows, x: "step"))
        if let end = curve.last {
          panel.labels.append(
            DirectLabel(
              text: Self.name(method), x: Double(end.step), y: end.estimate.mean, number: Self.look(method)))
        }
      }
      panel.references = [(height: noise, text: "noise σ²")]
      panels.append(panel)
    }
    return Figure(
      name: "network", title: "Penalties and dropout in a network that overfits",
      conclusion: Self.conclusion(network, methods),
      caption:
        "\(Wording.fixed(Double(network.weights), decimals: 0)) parameters, \(network.observations) noisy examples; means over "
        + "\(network.runs(of: methods[0]).count) seeds with 95\u{A0}% intervals as bands. Errors are measured without penalty and "
        + "without dropout. "
        + methods.filter { $0 != .none }.map { method in
          let strength = network.runs(of: method).first?.strength ?? 0
          return "\(Self.name(method)): \(method == .dropout ? "probability" : "λ =") \(Wording.number(strength))"
        }.joined(separator: "; ")
        + ", each chosen on other seeds.",
      table: table, sheet: Sheet(title: "Network", panels: panels, boxHeight: 215))
  }

  static func look(_ method: NetworkMethod) -> Int {
    switch method {
    case .none: 7
    case .l2: 2
    case .l1: 1
    case .dropout: 3
    }
  }

  static func name(_ method: NetworkMethod) -> String {
    switch method {
    case .none: "none"
    case .l2: "L2"
    case .l1: "L1"
    case .dropout: "dropout"
    }
  }

  /// The last errors of each method, and how they differ from none.
  func networkTable() -> HTMLTable? {
    guard let network = results.network, !network.runs.isEmpty else { return nil }
    let methods = NetworkMethod.allCases.filter { !network.runs(of: $0).isEmpty }
    var table = HTMLTable(
      caption: "Mean squared errors after \(Wording.count(network.updates, "update"))",
      note:
        "Mean ± half of the 95\u{A0}% interval over the seeds; the difference is taken seed by seed, with the same examples "
        + "and first weights. Least on the way: the smallest mean test error of any update, which early stopping could have had.",
      headings: ["method", "strength", "training error", "test error", "difference to none", "least on the way"])
    for method in methods {
      let curve = network.curve(of: method, \.test).map(\.estimate.mean).filter(\.isFinite)
      table.rows.append([
        Self.name(method),
        method == .none ? "–" : Wording.number(network.runs(of: method).first?.strength ?? 0),
        Estimate(network.finalErrors(of: method, \.train)).text(),
        Estimate(network.finalErrors(of: method, \.test)).text(),
        method == .none ? "–" : network.difference(of: method).text(),
        Wording.number(curve.min() ?? .nan),
      ])
    }
    return table
  }

  /// The strengths that were tried.
  func selectionTable() -> HTMLTable? {
    guard let selection = results.network?.selection, !selection.isEmpty else { return nil }
    var table = HTMLTable(
      caption: "Strengths tried on other seeds",
      note: "Mean squared error on examples of those seeds that were not trained on, after the last update.",
      headings: ["method", "strength", "error"])
    for candidate in selection {
      table.rows.append([
        Self.name(candidate.method), Wording.number(candidate.strength), Self.text(candidate.validationError),
      ])
    }
    return table
  }

  private static func conclusion(_ network: NetworkResults, _ methods: [NetworkMethod]) -> String {
    let noise = network.noise * network.noise
    let train = Estimate(network.finalErrors(of: .none, \.train))
    let test = Estimate(network.finalErrors(of: .none, \.test))
    guard train.mean.isFinite, test.mean.isFinite else { return "Without a penalty the network diverges." }
    let overfits = train.mean < 0.5 * noise && test.lower > 2 * train.mean
    var text =
      overfits
      ? "Without a penalty the network learns the noise by heart: its training error falls to "
        + "\(train.mean < 1e-6 ? "less than 10⁻⁶" : Wording.number(train.mean, digits: 2)), far below the noise's \(Wording.number(noise, digits: 2)), while its test error is "
        + "\(test.text())"
      : "Without a penalty the training error ends at \(Wording.number(train.mean, digits: 2)) and the test error at "
        + "\(test.text()); this network hardly overfits"
    let others = methods.filter { $0 != .none }
    let differences = others.map { (method: $0, estimate: network.difference(of: $0)) }
    let helping = differences.filter { $0.estimate.upper < 0 }.sorted { $0.estimate.mean < $1.estimate.mean }
    let harming = differences.filter { $0.estimate.lower > 0 }
    let unclear = differences.filter { difference in
      !helping.contains { $0.method == difference.method } && !harming.contains { $0.method == difference.method }
    }
    func list(_ verb: String, _ entries: [(method: NetworkMethod, estimate: Estimate)]) -> String {
      Wording.list(
        entries.enumerated().map { index, entry in
          let size = Estimate.text(mean: abs(entry.estimate.mean), halfWidth: entry.estimate.halfWidth)
          return "\(name(entry.method)) \(index == 0 ? verb + " it " : "")by \(size)"
        })
    }
    if !helping.isEmpty { text += "; \(list("lowers", helping))" }
    if !harming.isEmpty { text += "; \(list("raises", harming))" }
    if !unclear.isEmpty {
      text +=
        "; \(Wording.list(unclear.map { name($0.method) })) \(unclear.count == 1 ? "does" : "do") not change it clearly"
    }
    let stopped = network.curve(of: .none, \.test).filter { $0.estimate.mean.isFinite }
      .min { $0.estimate.mean < $1.estimate.mean }
    if let stopped, stopped.step < network.updates {
      text +=
        ". Stopping without a penalty after \(Wording.count(stopped.step, "update")) would have given "
        + stopped.estimate.text()
    }
    return text + "."
  }
}

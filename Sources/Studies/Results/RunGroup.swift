/// The runs that share model, data and activation and so may be compared by initializer.
public struct RunGroup: Sendable, Hashable {
  /// The runs, at least one.
  public internal(set) var runs: [InitializerRun]
  /// The confidence of the intervals.
  public let confidence: Double

  /// The model's name.
  public var model: String { runs[0].model }
  /// The data's name.
  public var dataset: String { runs[0].dataset }
  /// The activation's name.
  public var activation: String { runs[0].activation }

  init(runs: [InitializerRun], confidence: Double) {
    self.runs = runs
    self.confidence = confidence
  }

  func accepts(_ run: InitializerRun) -> Bool {
    run.model == model && run.dataset == dataset && run.activation == activation
  }

  /// The initializers in order of first appearance.
  public var initializers: [String] {
    var seen: Set<String> = []
    return runs.map(\.initializer).filter { seen.insert($0).inserted }
  }

  /// The runs of `initializer`, one a seed.
  public func runs(of initializer: String) -> [InitializerRun] { runs.filter { $0.initializer == initializer } }

  /// The largest number of seeds that an initializer was run with.
  public var seedCount: Int { initializers.map { runs(of: $0).count }.max() ?? 0 }

  /// How many runs of `initializer` diverged.
  public func divergedCount(of initializer: String) -> Int {
    runs(of: initializer).count { $0.divergedAtStep != nil }
  }

  /// The layers of `initializer`'s runs, numbered and named as in the first of them.
  public func layers(of initializer: String) -> [LayerStatistics] { runs(of: initializer).first?.layers ?? [] }

  /// A quantity of each layer over the seeds of `initializer`, in the order of `layers(of:)`.
  public func layerEstimates(
    of initializer: String, _ quantity: (LayerStatistics) -> Double
  ) -> [Estimate] {
    let runs = runs(of: initializer)
    return layers(of: initializer).indices.map { index in
      Estimate(
        runs.map { $0.layers.indices.contains(index) ? quantity($0.layers[index]) : .nan }, confidence: confidence)
    }
  }

  /// The factor by which a quantity grows from one layer to the next, the geometric mean over layers and seeds.
  ///
  /// Below 1 where the quantity falls towards the output; NaN for fewer than two layers or where a value is not
  /// positive.
  public func factorPerLayer(of initializer: String, _ quantity: (LayerStatistics) -> Double) -> Double {
    let factors = runs(of: initializer).flatMap { run in
      zip(run.layers, run.layers.dropFirst()).map { quantity($1) / quantity($0) }
    }
    return Statistics.geometricMean(factors)
  }

  /// A histogram of each layer with the seeds' counts added up; nil where there is none or the bins differ.
  public func layerHistograms(
    of initializer: String, _ quantity: (LayerStatistics) -> Histogram?
  ) -> [Histogram?] {
    let runs = runs(of: initializer)
    return layers(of: initializer).indices.map { index in
      let histograms = runs.map { $0.layers.indices.contains(index) ? quantity($0.layers[index]) : nil }
      let present = histograms.compactMap(\.self)
      return present.count == histograms.count ? Histogram.merged(present) : nil
    }
  }

  /// A quantity over training, at the steps that every seed of `initializer` has; it ends where a seed diverges.
  public func curve(of initializer: String, _ series: (InitializerRun) -> [StepValue]) -> [CurvePoint] {
    let runs = runs(of: initializer)
    var values: [Int: [Double]] = [:]
    for run in runs {
      for entry in series(run) { values[entry.step, default: []].append(entry.value) }
    }
    return values.filter { $0.value.count == runs.count && $0.value.allSatisfy(\.isFinite) }
      .sorted { $0.key < $1.key }
      .map { CurvePoint(step: $0.key, estimate: Estimate($0.value, confidence: confidence)) }
  }

  /// The last training loss; NaN where a seed diverged.
  public func finalLoss(of initializer: String) -> Estimate {
    Estimate(
      runs(of: initializer).map { $0.divergedAtStep == nil ? $0.loss.last?.value ?? .nan : .nan },
      confidence: confidence)
  }

  /// The test error of the last weights, a fraction; NaN where a seed diverged.
  public func testError(of initializer: String) -> Estimate {
    Estimate(
      runs(of: initializer).map { $0.divergedAtStep == nil ? $0.testError : .nan }, confidence: confidence)
  }
}

/// A point of a curve over training: an estimate over seeds after so many updates.
public struct CurvePoint: Sendable, Hashable {
  /// How many updates had been made.
  public let step: Int
  /// The mean over seeds with its interval.
  public let estimate: Estimate
}

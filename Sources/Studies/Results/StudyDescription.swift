/// How a study was done: everything a reader needs to judge its numbers, stated in the report.
public struct StudyDescription: Codable, Sendable, Hashable {
  /// The data and how they are split: "Shapeset-3x2, generated, 9 classes; 10,000 test examples".
  public var data: String
  /// What is done to the inputs, with the standard deviation that comes of it.
  public var inputNormalisation: String
  /// On what the statistics at initialisation are taken: "300 fixed test examples".
  public var statisticsExamples: String
  /// When an activation counts as saturated.
  public var saturation: String
  /// The confidence of the intervals over seeds.
  public var confidence: Double
  /// The networks and how each is trained: a name of `InitializerRun.model` and a sentence.
  public var models: [NamedText]
  /// The initializers with their formulas: a name of `InitializerRun.initializer` and its distribution.
  public var initializers: [NamedText]
  /// The quantities that theory predicts, with the formulas used.
  public var predictions: [NamedText]
  /// The options of the run, by name.
  public var options: [NamedText]
  /// The commands that reproduce the report.
  public var commands: [String]
  /// How many runs the study was to make; nil where that is not known.
  public var plannedRuns: Int?
  /// How long the study took, in seconds.
  @Measured public var seconds: Double

  /// A description; parts that are empty are left out of the report.
  public init(
    data: String = "", inputNormalisation: String = "", statisticsExamples: String = "",
    saturation: String = "|activation| > 0.95 of the function's bound", confidence: Double = 0.95,
    models: [NamedText] = [], initializers: [NamedText] = [], predictions: [NamedText] = [],
    options: [NamedText] = [], commands: [String] = [], plannedRuns: Int? = nil,
    seconds: Double = .nan
  ) {
    self.data = data
    self.inputNormalisation = inputNormalisation
    self.statisticsExamples = statisticsExamples
    self.saturation = saturation
    self.confidence = confidence
    self.models = models
    self.initializers = initializers
    self.predictions = predictions
    self.options = options
    self.commands = commands
    self.plannedRuns = plannedRuns
    self.seconds = seconds
  }

  enum CodingKeys: String, CodingKey {
    case data, saturation, confidence, models, initializers, predictions, options, commands, seconds
    case inputNormalisation = "input_normalisation"
    case statisticsExamples = "statistics_examples"
    case plannedRuns = "planned_runs"
  }
}

/// A name and what is said of it.
public struct NamedText: Codable, Sendable, Hashable {
  /// The name, as it appears in the runs.
  public var name: String
  /// A sentence or a formula; `x_in` is set as a subscript in the report.
  public var text: String

  /// `text` about `name`.
  public init(_ name: String, _ text: String) {
    self.name = name
    self.text = text
  }
}

/// The machine and the software that a study ran on.
public struct StudyEnvironment: Codable, Sendable, Hashable {
  /// The processor's name.
  public var cpu: String
  /// The operating system's name.
  public var operatingSystem: String
  /// The BLAS library that answered: "OpenBLAS 0.3.21".
  public var blasLibrary: String
  /// The library's own account of how it was built and which kernel it chose.
  public var blasConfiguration: String
  /// The SIMD level of the engine's own kernels: "x86-64-v4".
  public var simdLevel: String
  /// How many threads computed.
  public var threads: Int
  /// Versions by name: the engine, Swift, gnuplot.
  public var versions: [String: String]
  /// The first seed; the runs count on from it.
  public var seed: UInt64

  /// An environment; what is not known may be left out.
  public init(
    cpu: String = "", operatingSystem: String = "", blasLibrary: String = "", blasConfiguration: String = "",
    simdLevel: String = "", threads: Int = 1, versions: [String: String] = [:], seed: UInt64 = 1
  ) {
    self.cpu = cpu
    self.operatingSystem = operatingSystem
    self.blasLibrary = blasLibrary
    self.blasConfiguration = blasConfiguration
    self.simdLevel = simdLevel
    self.threads = threads
    self.versions = versions
    self.seed = seed
  }

  enum CodingKeys: String, CodingKey {
    case cpu, threads, versions, seed
    case operatingSystem = "operating_system"
    case blasLibrary = "blas_library"
    case blasConfiguration = "blas_configuration"
    case simdLevel = "simd_level"
  }
}

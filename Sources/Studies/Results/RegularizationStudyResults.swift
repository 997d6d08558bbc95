public import Foundation

/// Everything that the regularization study found: what `results.json` holds and the report is drawn from.
public struct RegularizationStudyResults: StudyResults, Codable, Hashable {
  /// The machine and the software.
  public var environment: StudyEnvironment
  /// How the study was done.
  public var study: RegularizationStudyDescription
  /// The certificates of all fits together.
  public var fits = FitLedger()
  /// Coefficients along lambda; nil where this part was left out, as with every part.
  public var paths: PathResults?
  /// Diamond and disc.
  public var geometry: GeometryResults?
  /// Shrinkage on an orthonormal design.
  public var shrinkage: ShrinkageResults?
  /// Bias, variance and test error, a world an entry; empty where this part was left out.
  public var spread: [SpreadResults] = []
  /// One input in other units.
  public var rescaling: RescalingResults?
  /// Penalties and dropout in a network.
  public var network: NetworkResults?
  /// One sentence a figure, filled by the report from the numbers.
  public var conclusions: [NamedText] = []

  /// Results without any part.
  public init(environment: StudyEnvironment, study: RegularizationStudyDescription) {
    self.environment = environment
    self.study = study
  }

  /// Reads a file of results, `results.json` of a report.
  ///
  /// - Throws: `StudyResultsError` that names the file, and the key where there is one.
  public init(contentsOf url: URL) throws {
    self = try StudyResultsError.reading(url) { try Self(json: $0) }
  }

  /// Reads results from JSON as `jsonData()` writes it.
  ///
  /// - Throws: `StudyResultsError` that names the key and what is wrong with it.
  public init(json: Data) throws {
    do {
      self = try JSONDecoder().decode(RegularizationStudyResults.self, from: json)
    } catch let error as DecodingError {
      throw StudyResultsError(error)
    }
  }
}

/// How a regularization study was done: everything a reader needs to judge its numbers, stated in the report.
public struct RegularizationStudyDescription: Codable, Sendable, Hashable {
  /// The data.
  public var data: String
  /// The formulas, by what they are of.
  public var formulas: [NamedText]
  /// How each part was done.
  public var methods: [NamedText]
  /// The options of the run, by name.
  public var options: [NamedText]
  /// The commands that reproduce the report.
  public var commands: [String]
  /// The parts that were asked for and not finished, because the study was stopped.
  public var unfinishedParts: [RegularizationStudyOptions.Part]
  /// How long the study took, in seconds.
  @Measured public var seconds: Double

  /// A description; what is empty is left out of the report.
  public init(
    data: String = "", formulas: [NamedText] = [], methods: [NamedText] = [], options: [NamedText] = [],
    commands: [String] = [], unfinishedParts: [RegularizationStudyOptions.Part] = [], seconds: Double = .nan
  ) {
    self.data = data
    self.formulas = formulas
    self.methods = methods
    self.options = options
    self.commands = commands
    self.unfinishedParts = unfinishedParts
    self.seconds = seconds
  }

  enum CodingKeys: String, CodingKey {
    case data, formulas, methods, options, commands, seconds
    case unfinishedParts = "unfinished_parts"
  }
}

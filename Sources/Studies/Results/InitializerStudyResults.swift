public import Foundation

/// Everything that the initializer study measured: what `results.json` holds and the report is drawn from.
public struct InitializerStudyResults: StudyResults, Codable, Hashable {
  /// The machine and the software.
  public var environment: StudyEnvironment
  /// How the study was done.
  public var study: StudyDescription
  /// Every run, in the order in which the tables show initializers and activations.
  public var runs: [InitializerRun]
  /// One sentence a figure, filled by the report from the numbers.
  public var conclusions: [NamedText]

  /// Results of `runs`.
  public init(
    environment: StudyEnvironment, study: StudyDescription, runs: [InitializerRun], conclusions: [NamedText] = []
  ) {
    self.environment = environment
    self.study = study
    self.runs = runs
    self.conclusions = conclusions
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
      self = try JSONDecoder().decode(InitializerStudyResults.self, from: json)
    } catch let error as DecodingError {
      throw StudyResultsError(error)
    }
  }

  /// Whether every run that was planned is there; a study that was stopped has fewer.
  public var isComplete: Bool { runs.count >= study.plannedRuns ?? 0 }

  /// The runs of one part of the study, grouped by model, data and activation in order of first appearance.
  public func groups(_ experiment: InitializerExperiment) -> [RunGroup] {
    var groups: [RunGroup] = []
    for run in runs where run.experiment == experiment {
      if let index = groups.firstIndex(where: { $0.accepts(run) }) {
        groups[index].runs.append(run)
      } else {
        groups.append(RunGroup(runs: [run], confidence: study.confidence))
      }
    }
    return groups
  }
}

public import Foundation

/// Where training writes what it needs to go on after it was interrupted, and how often.
///
/// ```swift
/// let checkpoints = Checkpoints(directory: url, everySteps: 500, resumes: true)
/// try trainer.fit(images, epochs: 60, batch: 64, checkpoints: checkpoints)
/// ```
///
/// The file `checkpoint.safetensors` in the folder holds every variable, the optimizer's included, the weights of the best
/// epoch where training may stop early, and the place in the data. It is written beside its place and renamed, so that there
/// is a whole one at any time. A run that goes on from it makes the same steps, to the last bit, as one that was never
/// interrupted.
public struct Checkpoints: Sendable, Hashable {
  /// The folder; it is made where there is none.
  public let directory: URL
  /// How many steps lie between two checkpoints; one is written at the end of each epoch besides, and when training is asked
  /// to stop.
  public let everySteps: Int
  /// Whether training goes on from a checkpoint that is there; otherwise the first one that is written replaces it.
  public let resumes: Bool
  /// What the caller wants to be the same when training goes on, besides what the trainer knows itself: the name of the
  /// architecture, the augmentation of the data.
  public let identity: [String: String]

  /// Checkpoints in a folder.
  public init(directory: URL, everySteps: Int, resumes: Bool, identity: [String: String] = [:]) {
    self.directory = directory
    self.everySteps = everySteps
    self.resumes = resumes
    self.identity = identity
  }

  /// The file.
  public var file: URL { directory.appendingPathComponent("checkpoint.safetensors") }
}

/// Why a checkpoint cannot be gone on from.
public enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There are to be at least 1 step between two checkpoints.
  case interval(Int)
  /// The folder cannot be made, or the file not be written in it.
  case unwritable(file: String, reason: String)
  /// The file is a file of tensors, but no checkpoint.
  case notACheckpoint(file: String)
  /// The file is of another version of the format.
  case version(file: String, expected: String, found: String)
  /// The run that wrote the file differs from this one.
  case differs(file: String, what: String, expected: String, found: String)
  /// A variable is missing, left over or of another shape.
  case variables(file: String, missing: [String], extra: [String], misshapen: [String])
  /// What the file says of the place in training cannot be read.
  case damaged(file: String, reason: String)

  /// One sentence that says what was expected, what was found and where.
  public var description: String {
    switch self {
    case .interval(let steps): return "there is at least 1 step between two checkpoints, found \(steps)"
    case .unwritable(let file, let reason): return "the checkpoint \(file) cannot be written: \(reason)"
    case .notACheckpoint(let file): return "\(file) holds tensors, but is no checkpoint of a training run"
    case .version(let file, let expected, let found):
      return "\(file) is a checkpoint of format \(found), this program reads format \(expected)"
    case .differs(let file, let what, let expected, let found):
      return "\(file) is the checkpoint of another run: its \(what) is \(found), here it is \(expected)"
    case .variables(let file, let missing, let extra, let misshapen):
      let parts = [("missing", missing), ("not in the network", extra), ("of another shape", misshapen)]
        .filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1.joined(separator: ", "))" }
      return "the variables in \(file) are not those of this network; \(parts.joined(separator: "; "))"
    case .damaged(let file, let reason): return "\(file) is damaged: \(reason)"
    }
  }
}

import Autodiff
import Foundation
import Tensors

/// A checkpoint as a safetensors file: variables as `variable/NAME`, the best epoch's as `best/NAME`, the losses of all steps,
/// and JSON in the metadata.
struct CheckpointFile {
  static let format = "ridgeline-checkpoint"
  static let version = "1"

  private struct Position: Codable {
    var trainer: TrainerPosition
    var run: TrainingRun
  }

  let url: URL
  /// What must be the same in the run that goes on, in the order in which it is compared.
  let identity: [(what: String, value: String)]

  /// Whether there is a checkpoint to go on from; what cannot be looked at is reported by reading it.
  var exists: Bool { FileManager.default.fileExists(atPath: url.path) }

  /// Writes the file, whole or not at all; the variables are written from where they lie, without a copy.
  func write(_ trainer: TrainerPosition, _ run: TrainingRun, state: State<Float>) throws {
    var run = run
    let losses = Tensor([run.history.stepLosses.count], run.history.stepLosses)
    run.history.stepLosses = []
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    // The loss of validation data may be infinite where it is so under any weights.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let position = String(decoding: try encoder.encode(Position(trainer: trainer, run: run)), as: UTF8.self)
    var metadata = ["format": Self.format, "version": Self.version, "position": position]
    for (what, value) in identity { metadata["identity " + what] = value }

    var small = run.bestWeights.map { (name: "best/" + $0.key, tensor: $0.value) }
    small.append(("step losses", losses))
    small.sort { $0.name < $1.name }
    let variables = state.names.filter { !GradientSums.isSum($0) }
    let entries =
      small.map { (name: $0.name, elementType: SafetensorsEntry.ElementType.float32, shape: $0.tensor.shape) }
      + variables.compactMap { name in state[shapeOf: name].map { ("variable/" + name, .float32, $0) } }
    try SafetensorsFile.write(entries, metadata: metadata, to: url) { index, writer in
      if index < small.count {
        try small[index].tensor.withUnsafeBufferPointer { try writer.write(UnsafeRawBufferPointer($0)) }
      } else {
        try state.withElements(of: variables[index - small.count]) { try writer.write(UnsafeRawBufferPointer($0)) }
      }
    }
  }

  /// Makes the folder, and finds out now whether the file can be written, not after hours of training.
  func prepare() throws(CheckpointError) {
    let folder = url.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw .unwritable(file: url.path, reason: error.localizedDescription)
    }
    do {
      try AtomicFile.checkWritable(url)
    } catch {
      throw .unwritable(file: url.path, reason: "\(error)")
    }
  }

  /// Reads the file and compares it with this run.
  ///
  /// - Parameter variables: those of this run, whose names and shapes the file's must have.
  func read(
    variables expected: [String: Shape]
  ) throws -> (trainer: TrainerPosition, run: TrainingRun, variables: [String: Tensor<Float>]) {
    let file = try NamedTensors(contentsOf: url)
    guard file.metadata["format"] == Self.format else { throw CheckpointError.notACheckpoint(file: url.path) }
    let version = file.metadata["version"] ?? "none"
    guard version == Self.version else {
      throw CheckpointError.version(file: url.path, expected: Self.version, found: version)
    }
    for (what, value) in identity {
      let found = file.metadata["identity " + what] ?? "not said"
      guard found == value else {
        throw CheckpointError.differs(file: url.path, what: what, expected: value, found: found)
      }
    }
    let variables = try tensors(in: file, under: "variable/", expected, mayLack: false)
    var position: Position
    do {
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      position = try decoder.decode(Position.self, from: Data((file.metadata["position"] ?? "").utf8))
    } catch {
      throw CheckpointError.damaged(file: url.path, reason: "the place in training cannot be read")
    }
    try check(position)
    let names = Set(file.names.filter { $0.hasPrefix("best/") }.map { String($0.dropFirst(5)) })
    position.run.bestWeights = try tensors(
      in: file, under: "best/", expected.filter { names.contains($0.key) }, mayLack: true)
    guard let losses: Tensor<Float> = try? file.tensor("step losses") else {
      throw CheckpointError.damaged(file: url.path, reason: "the losses of the steps are missing")
    }
    position.run.history.stepLosses = losses.elements
    return (position.trainer, position.run, variables)
  }

  private func check(_ position: Position) throws {
    let pass = position.run.pass
    let numbers = [
      position.trainer.stepCount, position.trainer.epochCount, position.run.waited, pass?.steps ?? 0,
      pass?.examples ?? 0,
    ]
    guard numbers.allSatisfy({ (0..<1 << 53).contains($0) }) else {
      throw CheckpointError.damaged(file: url.path, reason: "a count in it is negative or too large")
    }
  }

  private func tensors(
    in file: NamedTensors, under prefix: String, _ expected: [String: Shape], mayLack: Bool
  ) throws -> [String: Tensor<Float>] {
    var (missing, misshapen): ([String], [String]) = ([], [])
    var result: [String: Tensor<Float>] = [:]
    for (name, shape) in expected {
      guard let stored = file[prefix + name] else {
        missing.append(name)
        continue
      }
      guard stored.shape == shape, let tensor: Tensor<Float> = stored.tensor(allowingRounding: false) else {
        misshapen.append("\(name) (expected \(shape), found \(stored.shape))")
        continue
      }
      result[name] = tensor
    }
    let extra = file.names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
      .filter { expected[$0] == nil }
    guard missing.isEmpty || mayLack, misshapen.isEmpty, extra.isEmpty else {
      throw CheckpointError.variables(
        file: url.path, missing: missing.sorted(), extra: extra.sorted(), misshapen: misshapen.sorted())
    }
    return result
  }
}

public import Foundation
import Tensors

/// The program `ridgeline-hdf5`, which reads HDF5 files in a process of its own.
///
/// libhdf5 is not safe on hostile files, so it is not linked into any program that imports this module: what it does to a damaged
/// file ends another process, which has a limit of time and of memory, follows no links to other files and loads no plugins.
public struct HDF5Program: Sendable, Hashable {
  /// How long the program may take before it is ended.
  struct Limits: Hashable, Sendable {
    /// Seconds of a processor for a list and for a dataset; libhdf5 goes round in circles in some damaged files.
    var listProcessor = 15
    var readProcessor = 40
    /// Seconds that pass meanwhile, which are more where others use the machine.
    var list = 50.0
    var read = 150.0
  }

  /// Where the program is.
  public let executable: URL
  let limits: Limits

  /// The program at `executable`.
  public init(executable: URL) { self.init(executable: executable, limits: Limits()) }

  init(executable: URL, limits: Limits) { (self.executable, self.limits) = (executable, limits) }

  /// Looks for the program: where the environment's `RIDGELINE_HDF5` says, beside the running program, in the `PATH`.
  public static func find() -> HDF5Program? {
    let environment = ProcessInfo.processInfo.environment
    var places: [URL] = []
    if let path = environment["RIDGELINE_HDF5"] { places.append(URL(fileURLWithPath: path)) }
    if let own = Bundle.main.executableURL?.resolvingSymlinksInPath() {
      places.append(own.deletingLastPathComponent().appendingPathComponent("ridgeline-hdf5"))
    }
    for folder in (environment["PATH"] ?? "").split(separator: ":") where folder.hasPrefix("/") {
      places.append(URL(fileURLWithPath: String(folder)).appendingPathComponent("ridgeline-hdf5"))
    }
    return places.first { FileManager.default.isExecutableFile(atPath: $0.path) }.map { HDF5Program(executable: $0) }
  }

  /// A dataset as the program lists it.
  struct Dataset {
    let name: String
    let elementType: ElementType
    let shape: Shape
    /// What the group's attribute `name` says; empty where it has none.
    let label: String
  }

  /// The most that a list may have; names of some hundred thousand datasets.
  private static let listLimit = 64 << 20

  /// Every dataset of numbers, and the file's own attributes.
  func list(_ path: String) throws(ChildProcess.Failure) -> (datasets: [Dataset], attributes: [String: String]) {
    var process = try ChildProcess(
      executable.path, ["list", path, "\(limits.listProcessor)"], seconds: limits.list)
    var total = 0
    func bytes(_ count: Int) throws(ChildProcess.Failure) -> [UInt8] {
      total += count
      guard count <= 1 << 20, total <= Self.listLimit else {
        throw ChildProcess.Failure(reason: "its list is longer than \(Self.listLimit) bytes")
      }
      var bytes = [UInt8](repeating: 0, count: count)
      let found = try bytes.withUnsafeMutableBufferPointer { target throws(ChildProcess.Failure) in
        try process.read(into: UnsafeMutableRawBufferPointer(target))
      }
      guard found == count else {
        try process.finish()
        throw ChildProcess.Failure(reason: "its list ends early")
      }
      return bytes
    }
    func field() throws(ChildProcess.Failure) -> String {
      let length = try bytes(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let text = try bytes(Int(clamping: min(length, 1 << 40)))
      guard let field = String(validating: text, as: UTF8.self) else {
        throw ChildProcess.Failure(reason: "a name is not UTF-8")
      }
      return field
    }
    var datasets: [Dataset] = []
    var attributes: [String: String] = [:]
    while true {
      switch try bytes(1)[0] {
      case UInt8(ascii: "D"):
        let (name, code, extents, label) = (try field(), try field(), try field(), try field())
        let dimensions = extents.split(separator: ",").map { Int($0) ?? -1 }
        guard let type = ElementType(rawValue: code), let shape = UnpackedSize.shape(dimensions, type) else {
          throw ChildProcess.Failure(reason: "dataset \(name) has the shape [\(extents)], which cannot be counted")
        }
        datasets.append(Dataset(name: name, elementType: type, shape: shape, label: label))
      case UInt8(ascii: "A"):
        let name = try field()
        attributes[name] = try field()
      case UInt8(ascii: "E"): throw ChildProcess.Failure(reason: try field())
      case UInt8(ascii: "."):
        try process.finish()
        return (datasets, attributes)
      default: throw ChildProcess.Failure(reason: "its list cannot be understood")
      }
    }
  }

  /// Fills `target` with a dataset's elements.
  func read(
    _ dataset: String, of path: String, into target: UnsafeMutableRawBufferPointer
  ) throws(ChildProcess.Failure) {
    var process = try ChildProcess(
      executable.path, ["read", path, dataset, "\(limits.readProcessor)"], seconds: limits.read)
    let count = try process.read(into: target)
    var further: UInt8 = 0
    let more = try withUnsafeMutableBytes(of: &further) { (byte) throws(ChildProcess.Failure) in
      try process.read(into: byte)
    }
    // A program that has more to say is not waited for: it would wait to be read.
    if more == 0 { try process.finish() }
    guard count == target.count, more == 0 else {
      throw ChildProcess.Failure(
        reason: "expected \(target.count) bytes of it, found \(more == 0 ? "\(count)" : "more")")
    }
  }
}

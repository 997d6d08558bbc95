public import Foundation
import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The folder of a report, made, tried and held for one process at a time before the work that is to be reported begins.
///
/// ```swift
/// let folder = try ReportFolder(url, byteCount: 5_000_000)
/// let results = try InitializerStudy(options).run()      // hours later
/// let files = try Report(results).write(to: folder.url)
/// ```
public final class ReportFolder {
  /// Where the folder is.
  public let url: URL
  /// The folders that did not exist before, outermost first.
  private let made: [String]
  /// Holds the lock as long as it is open; -1 where the file system has no locks.
  private let descriptor: Int32

  /// Makes the folder of a report and those inside it where they are missing, claims it, and finds out whether its files can
  /// be written.
  ///
  /// Another process that has claimed the folder is respected until it ends, however it ends. File systems without locks, as
  /// some across a network, go without.
  ///
  /// - Parameter byteCount: how large a file to try, so that a full disk or a limit on files shows at once; it is removed.
  /// - Throws: `ReportError` where a folder cannot be made or is in use, or a file cannot be written. Folders that were made
  ///   are removed then.
  public init(_ url: URL, byteCount: Int = 0) throws(ReportError) {
    let folders = [url] + ["data", "figures"].map(url.appendingPathComponent)
    var made: [String] = []
    var descriptor: Int32 = -1
    do throws(ReportError) {
      for folder in folders { made += try Self.make(folder.path) }
      descriptor = try Self.lock(url.path)
      for name in ["index.html", "results.json", "data/probe.csv", "figures/probe.svg"] {
        try Self.attempt(url.appendingPathComponent(name).path) { try AtomicFile.checkWritable($0) }
      }
      let probe = url.appendingPathComponent(".ridgeline-probe")
      defer { unlink(probe.path) }
      try Self.attempt(probe.path) { try AtomicFile.write([UInt8](repeating: 0, count: max(0, byteCount)), to: $0) }
    } catch {
      if descriptor >= 0 { close(descriptor) }
      Self.removeEmpty(made)
      throw error
    }
    (self.url, self.made, self.descriptor) = (url, made, descriptor)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Removes the folders that were made for a report that there will not be; one that holds anything stays.
  public func removeIfEmpty() { Self.removeEmpty(made) }

  private static func removeEmpty(_ folders: [String]) {
    // The system refuses to remove a folder that is not empty.
    for folder in folders.reversed() { rmdir(folder) }
  }

  /// Makes a folder with those that it lies in.
  ///
  /// - Returns: the folders that were not there, outermost first.
  static func make(_ path: String) throws(ReportError) -> [String] {
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else {
        throw .cannotMakeFolder(path: path, reason: "something else than a folder stands there")
      }
      return []
    }
    // A file among the folders above is an error of its own, which names it.
    let isAbove = errno == ENOENT || errno == ENOTDIR
    let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let outer = isAbove && parent != path ? try make(parent) : []
    // Another process may have made it since.
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      let code = errno
      removeEmpty(outer)
      throw .cannotMakeFolder(path: path, reason: String(cString: strerror(code)))
    }
    return outer + [path]
  }

  /// Claims a folder for this process.
  private static func lock(_ path: String) throws(ReportError) -> Int32 {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return -1 }
    guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return descriptor }
    let isTaken = errno == EWOULDBLOCK
    close(descriptor)
    if isTaken { throw .inUse(path: path) }
    return -1
  }

  private static func attempt(_ path: String, _ body: (URL) throws -> Void) throws(ReportError) {
    do {
      try body(URL(fileURLWithPath: path))
    } catch {
      throw .cannotWrite(path: path, reason: "\(error)")
    }
  }
}

public import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Files that are written whole or not at all.
///
/// The bytes go to a temporary file in the same folder (`.ridgeline-<process>-<number>.tmp`), are forced to the disk and
/// take the old file's place in one step. Whatever fails, a full disk included, the old file stays as it was and the
/// temporary one is removed; only when the very last step fails, forcing the folder's new entry to the disk, is there an
/// error although the new file stands. After a crash or a power cut there is the old file or the new one, never a part.
///
/// An old file's permissions are kept; a symbolic link is followed and stays a link.
public enum AtomicFile {
  /// Writes a file in pieces.
  ///
  /// - Parameters:
  ///   - url: Where the file is to stand; a file URL.
  ///   - body: Writes the contents; what it throws is thrown on, and then nothing has changed.
  /// - Throws: ``FileError``, or what `body` throws.
  public static func write(to url: URL, _ body: (borrowing FileWriter) throws -> Void) throws {
    let target = try Target(path: url.path)
    var writer = FileWriter(try target.createTemporary())
    let temporary = writer.file.path
    do {
      try body(writer)
      try writer.file.synchronize()
      try writer.file.close()
      guard rename(temporary, target.path) == 0 else { throw FileError(errnoOf: .replace, target.path) }
    } catch {
      unlink(temporary)
      throw error
    }
    try target.synchronizeFolder()
  }

  /// Finds out whether a file can be written, by creating the temporary one and removing it; nothing is changed.
  ///
  /// What it says holds for the moment: a disk may still be full later.
  ///
  /// - Throws: ``FileError`` where there is no such folder, no right to write in it, or something else than a file stands at
  ///   `url`.
  public static func checkWritable(_ url: URL) throws(FileError) {
    let file = try Target(path: url.path).createTemporary()
    unlink(file.path)
  }

  /// Writes a file of some bytes.
  ///
  /// - Throws: ``FileError``.
  public static func write(_ bytes: some ContiguousBytes, to url: URL) throws {
    try write(to: url) { writer in
      try bytes.withUnsafeBytes { try writer.write($0) }
    }
  }

  /// Writes a text file in UTF-8.
  ///
  /// - Throws: ``FileError``.
  public static func write(_ text: String, to url: URL) throws {
    try write(Array(text.utf8), to: url)
  }
}

/// A file that is being written, front to back.
public struct FileWriter: ~Copyable {
  var file: FileDescriptor

  init(_ file: consuming FileDescriptor) { self.file = file }

  /// Writes all of `bytes` after what was written before.
  ///
  /// - Throws: ``FileError``, as when the disk is full.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) { try file.write(bytes) }

  /// Writes all of `bytes` after what was written before.
  ///
  /// - Throws: ``FileError``, as when the disk is full.
  public func write(_ bytes: [UInt8]) throws(FileError) {
    try bytes.withUnsafeBufferPointer { bytes throws(FileError) in try file.write(UnsafeRawBufferPointer(bytes)) }
  }

  /// Writes a text in UTF-8 after what was written before.
  ///
  /// - Throws: ``FileError``, as when the disk is full.
  public func write(_ text: String) throws(FileError) {
    try write(Array(text.utf8))
  }
}

/// The place a file is written to.
private struct Target {
  let path: String
  let folder: String
  /// The permissions of the file that stands there.
  let permissions: mode_t?

  init(path: String) throws(FileError) {
    var status = stat()
    if stat(path, &status) == 0 {
      guard isRegularFile(status) else { throw FileError(path: path, operation: .replace, cause: .notRegularFile) }
      guard let resolved = realpath(path, nil) else { throw FileError(errnoOf: .open, path) }
      defer { free(resolved) }
      self.path = String(cString: resolved)
      permissions = status.st_mode
    } else {
      // A name that is too long, for instance, would otherwise show only when the temporary file is to be renamed.
      guard errno == ENOENT else { throw FileError(errnoOf: .open, path) }
      self.path = path
      permissions = nil
    }
    let components = self.path.split(separator: "/", omittingEmptySubsequences: false)
    let leading = components.dropLast().joined(separator: "/")
    folder = components.count == 1 ? "." : (leading.isEmpty ? "/" : leading)
  }

  /// A new file beside the target.
  func createTemporary() throws(FileError) -> FileDescriptor {
    var number = 0
    while true {
      let temporary = "\(folder)/.ridgeline-\(getpid())-\(number).tmp"
      do throws(FileError) {
        let file = try FileDescriptor(temporary, flags: O_WRONLY | O_CREAT | O_EXCL)
        do throws(FileError) {
          if let permissions { try file.setPermissions(permissions) }
        } catch {
          unlink(temporary)
          throw error
        }
        return file
      } catch {
        // Another thread's file, or one left by a crash: the next number.
        guard error.cause == .system(EEXIST), number < 10_000 else {
          throw FileError(path: path, operation: error.operation, cause: error.cause)
        }
        number += 1
      }
    }
  }

  /// Forces the new name to the disk.
  func synchronizeFolder() throws(FileError) {
    do throws(FileError) {
      try FileDescriptor(folder, flags: O_RDONLY | O_DIRECTORY).synchronize()
    } catch {
      // Some file systems cannot synchronise folders, and some folders may be written but not read; the file is whole.
      guard [.system(EINVAL), .system(EACCES), .system(ENOTSUP)].contains(error.cause) else { throw error }
    }
  }
}

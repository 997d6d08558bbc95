#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// An open file, closed when it goes out of use.
struct FileDescriptor: ~Copyable {
  let path: String
  private var descriptor: Int32

  /// Opens a file; `flags` and `mode` as for `open(2)`.
  init(_ path: String, flags: Int32, mode: mode_t = 0o666) throws(FileError) {
    let descriptor = retryingInterrupted { open(path, flags | O_CLOEXEC, mode) }
    guard descriptor >= 0 else { throw FileError(errnoOf: .open, path) }
    self.path = path
    self.descriptor = descriptor
  }

  deinit {
    if descriptor >= 0 { _ = closeFile(descriptor) }
  }

  /// The kind, size and permissions.
  func status() throws(FileError) -> stat {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(errnoOf: .examine, path) }
    return status
  }

  func setPermissions(_ mode: mode_t) throws(FileError) {
    guard fchmod(descriptor, mode & 0o7777) == 0 else { throw FileError(errnoOf: .write, path) }
  }

  /// Reads until `target` is full.
  ///
  /// - Throws: ``FileError/Cause/endOfFile(offset:)`` when the file ends before.
  func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
    var done = 0
    while done < target.count {
      let count = retryingInterrupted {
        pread(descriptor, target.baseAddress! + done, target.count - done, off_t(offset + done))
      }
      guard count >= 0 else { throw FileError(errnoOf: .read, path) }
      guard count > 0 else { throw FileError(path: path, operation: .read, cause: .endOfFile(offset: offset + done)) }
      done += count
    }
  }

  /// Writes all of `bytes` at the end of what was written before.
  func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let count = retryingInterrupted { writeBytes(descriptor, bytes.baseAddress! + done, bytes.count - done) }
      guard count >= 0 else { throw FileError(errnoOf: .write, path) }
      done += count
    }
  }

  /// Waits until everything written is on the disk.
  func synchronize() throws(FileError) {
    guard retryingInterrupted({ fsync(descriptor) }) == 0 else { throw FileError(errnoOf: .synchronize, path) }
  }

  /// Closes the file and tells of errors that only then come to light, as on network file systems.
  mutating func close() throws(FileError) {
    let closing = descriptor
    descriptor = -1
    guard closeFile(closing) == 0 else { throw FileError(errnoOf: .close, path) }
  }
}

/// Whether a path's status is that of a regular file.
func isRegularFile(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFREG }

/// Calls `body` again as long as a signal interrupts it.
private func retryingInterrupted<Result: SignedInteger>(_ body: () -> Result) -> Result {
  while true {
    let result = body()
    if result >= 0 || errno != EINTR { return result }
  }
}

// The methods above hide the C functions of their names.
private func closeFile(_ descriptor: Int32) -> Int32 { close(descriptor) }
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

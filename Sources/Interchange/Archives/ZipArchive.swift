import CLibzip
import Foundation

/// A zip archive that is read: its members are stored or deflated, and all of them together keep within
/// ``UnpackedSize/limit(fileSize:)``.
///
/// libzip's handles may be used by one thread at a time; a lock is held while a member is read, which is what makes the
/// archive Sendable.
final class ZipArchive: @unchecked Sendable {
  /// A file of the archive.
  struct Member: Sendable {
    let name: String
    /// Unpacked.
    let size: Int
    fileprivate let index: UInt64
  }

  let path: String
  /// The archive's own size.
  let fileSize: Int
  let members: [Member]
  private let places: [String: Int]
  private let archive: OpaquePointer
  private let lock = NSLock()

  /// Opens an archive and reads its directory.
  init(_ url: URL) throws(InterchangeError) {
    let path = url.path
    let size = try FileStream(url).size
    var code: Int32 = 0
    guard let archive = zip_open(path, Int32(ZIP_RDONLY), &code) else {
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      defer { zip_error_fini(&error) }
      throw InterchangeError(
        file: path, reason: .malformed(expected: "a zip archive", found: String(cString: zip_error_strerror(&error))))
    }
    do throws(InterchangeError) {
      members = try Self.members(of: archive, path: path, fileSize: size)
    } catch {
      zip_discard(archive)
      throw error
    }
    // Names are different, as was checked.
    places = Dictionary(uniqueKeysWithValues: members.enumerated().map { ($1.name, $0) })
    (self.path, self.archive, fileSize) = (path, archive, size)
  }

  deinit { zip_discard(archive) }

  /// The member of a name.
  func member(named name: String) -> Member? { places[name].map { members[$0] } }

  private static func members(
    of archive: OpaquePointer, path: String, fileSize: Int
  ) throws(InterchangeError) -> [Member] {
    var members: [Member] = []
    var names: Set<String> = []
    var total = 0
    for index in 0..<UInt64(max(0, zip_get_num_entries(archive, 0))) {
      var status = zip_stat_t()
      let needed = UInt64(ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD)
      guard zip_stat_index(archive, index, 0, &status) == 0, status.valid & needed == needed,
        let name = String(validatingCString: status.name), let size = Int(exactly: status.size)
      else {
        throw InterchangeError(
          file: path, reason: .malformed(expected: "a name and a size for member \(index)", found: "neither"))
      }
      func error(_ reason: InterchangeError.Reason) -> InterchangeError {
        InterchangeError(file: path, member: name, reason: reason)
      }
      guard Int32(status.encryption_method) == ZIP_EM_NONE else { throw error(.unsupported("an encrypted member")) }
      guard [ZIP_CM_STORE, ZIP_CM_DEFLATE].contains(Int32(status.comp_method)) else {
        throw error(.unsupported("a member compressed by method \(status.comp_method)"))
      }
      guard names.insert(name).inserted else { throw error(.duplicateName) }
      let (sum, overflow) = total.addingReportingOverflow(size)
      total = overflow ? .max : sum
      let limit = UnpackedSize.limit(fileSize: fileSize)
      guard total <= limit else { throw error(.tooLarge(claimed: total, limit: limit)) }
      members.append(Member(name: name, size: size, index: index))
    }
    return members
  }

  /// Calls `body` with a member's unpacked bytes.
  func withStream<Result>(
    of member: Member, _ body: (ZipMemberStream) throws(InterchangeError) -> Result
  ) throws(InterchangeError) -> Result {
    lock.lock()
    defer { lock.unlock() }
    guard let file = zip_fopen_index(archive, member.index, 0) else {
      throw InterchangeError(
        file: path, member: member.name,
        reason: .malformed(expected: "a member that can be opened", found: String(cString: zip_strerror(archive))))
    }
    defer { zip_fclose(file) }
    return try body(ZipMemberStream(file, path: path, member: member))
  }

  /// A member's bytes, all of them.
  func bytes(of member: Member) throws(InterchangeError) -> [UInt8] {
    try withStream(of: member) { stream throws(InterchangeError) in
      let bytes = try stream.read(stream.size)
      try stream.checkSum()
      return bytes
    }
  }
}

/// A member of an archive, unpacked as it is read.
final class ZipMemberStream: ByteStream {
  private let file: OpaquePointer
  let path: String
  let member: String?
  let size: Int
  private(set) var position = 0

  fileprivate init(_ file: OpaquePointer, path: String, member: ZipArchive.Member) {
    (self.file, self.path, self.member, size) = (file, path, member.name, member.size)
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws(InterchangeError) {
    try require(target.count)
    var done = 0
    while done < target.count {
      let count = zip_fread(file, target.baseAddress! + done, UInt64(min(target.count - done, 1 << 30)))
      guard count >= 0 else { throw malformed("sound bytes", String(cString: zip_file_strerror(file))) }
      guard count > 0 else { throw error(.truncated(expected: target.count - done, found: 0)) }
      done += Int(count)
      position += Int(count)
    }
  }

  /// After the last byte: libzip compares the sum of all bytes with the directory's when it finds the end.
  func checkSum() throws(InterchangeError) {
    try expectEnd()
    var byte: UInt8 = 0
    let count = zip_fread(file, &byte, 1)
    guard count >= 0 else {
      throw malformed("the bytes that the check sum is of", String(cString: zip_file_strerror(file)))
    }
    guard count == 0 else { throw malformed("the end", "further bytes") }
  }
}

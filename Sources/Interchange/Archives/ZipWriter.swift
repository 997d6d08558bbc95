import CZlib
import Tensors

/// Writes a zip archive of stored members, front to back, so that it can go through ``AtomicFile``, which libzip, that writes
/// and renames files itself, cannot.
///
/// The sizes of members from 4 GiB on are given in the extra field of zip64 (APPNOTE.TXT, section 4.5.3).
struct ZipWriter {
  /// The most bytes that a name may have: its length is kept in 16 bits.
  static let nameLimit = 0xFFFF

  private struct Written {
    let name: [UInt8]
    let size: Int
    let checkSum: UInt32
    let offset: Int
    /// Whether the sum stands behind the bytes, where it was not known before them.
    var isStreamed = false
  }

  /// The member whose bytes are being written.
  private var open: (name: [UInt8], size: Int, written: Int, sum: UInt)?

  private var members: [Written] = []
  private var position = 0

  /// Writes one member, whose bytes are those of `parts`, one after the other.
  ///
  /// - Precondition: The name has at most ``nameLimit`` bytes.
  mutating func write(
    _ name: String, _ parts: [UnsafeRawBufferPointer], to file: borrowing FileWriter
  ) throws(FileError) {
    // zlib takes no bytes at all for a new beginning.
    let sum = parts.filter { !$0.isEmpty }
      .reduce(0) { crc32_z($0, $1.bindMemory(to: UInt8.self).baseAddress, $1.count) }
    let member = Written(
      name: Array(name.utf8), size: parts.reduce(0) { $0 + $1.count }, checkSum: UInt32(truncatingIfNeeded: sum),
      offset: position)
    let isLarge = member.size >= Self.limit
    let extra: [UInt8] = isLarge ? Self.extra([member.size, member.size]) : []
    try put(
      [0x50, 0x4B, 3, 4] + Self.common(member, isLarge: isLarge, extra: extra.count) + member.name + extra, to: file)
    for part in parts { try file.write(part) }
    position += member.size
    members.append(member)
  }

  /// Begins a member of `size` bytes, which ``append(_:to:)`` writes; its sum stands behind them (APPNOTE.TXT, section 4.3.9).
  ///
  /// - Precondition: The name has at most ``nameLimit`` bytes.
  mutating func begin(_ name: String, size: Int, to file: borrowing FileWriter) throws(FileError) {
    let member = Written(name: Array(name.utf8), size: size, checkSum: 0, offset: position, isStreamed: true)
    let isLarge = size >= Self.limit
    let extra: [UInt8] = isLarge ? Self.extra([size, size]) : []
    open = (member.name, size, 0, 0)
    members.append(member)
    try put(
      [0x50, 0x4B, 3, 4] + Self.common(member, isLarge: isLarge, extra: extra.count) + member.name + extra, to: file)
  }

  /// Writes more bytes of the member that was begun.
  mutating func append(_ bytes: UnsafeRawBufferPointer, to file: borrowing FileWriter) throws(FileError) {
    guard let member = open else { preconditionFailure("a member was begun") }
    // zlib takes no bytes at all for a new beginning.
    guard !bytes.isEmpty else { return }
    try file.write(bytes)
    position += bytes.count
    open?.sum = crc32_z(member.sum, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
    open?.written += bytes.count
  }

  /// Ends the member that was begun, whose bytes have all been written.
  mutating func end(_ file: borrowing FileWriter) throws(FileError) {
    guard let member = open, let begun = members.popLast() else { preconditionFailure("a member was begun") }
    precondition(member.written == member.size, "expected \(member.size) bytes, found \(member.written)")
    let sum = UInt32(truncatingIfNeeded: member.sum)
    members.append(
      Written(name: member.name, size: member.size, checkSum: sum, offset: begun.offset, isStreamed: true))
    open = nil
    let width = member.size >= Self.limit ? 8 : 4
    let size = Self.bytes(member.size, width)
    try put([0x50, 0x4B, 7, 8] + Self.bytes(Int(sum), 4) + size + size, to: file)
  }

  /// Writes the directory.
  mutating func finish(_ file: borrowing FileWriter) throws(FileError) {
    let start = position
    for member in members {
      let isLarge = member.size >= Self.limit
      let isFar = member.offset >= Self.limit
      let values: [Int] = (isLarge ? [member.size, member.size] : []) + (isFar ? [member.offset] : [])
      let extra: [UInt8] = values.isEmpty ? [] : Self.extra(values)
      var header: [UInt8] = [0x50, 0x4B, 1, 2] + Self.bytes(45, 2)
      header += Self.common(member, isLarge: isLarge, extra: extra.count)
      // No comment, the first disk, binary, no attributes.
      header += [UInt8](repeating: 0, count: 10)
      header += Self.bytes(isFar ? Self.limit : member.offset, 4) + member.name + extra
      try put(header, to: file)
    }
    let (end, size, count) = (position, position - start, members.count)
    if start >= Self.limit || size >= Self.limit || count >= 0xFFFF {
      var record: [UInt8] = [0x50, 0x4B, 6, 6] + Self.bytes(44, 8) + Self.bytes(45, 2) + Self.bytes(45, 2)
      record += [UInt8](repeating: 0, count: 8) + Self.bytes(count, 8) + Self.bytes(count, 8)
      record += Self.bytes(size, 8) + Self.bytes(start, 8)
      record += [0x50, 0x4B, 6, 7, 0, 0, 0, 0] + Self.bytes(end, 8) + Self.bytes(1, 4)
      try put(record, to: file)
    }
    let few = Self.bytes(min(count, 0xFFFF), 2)
    try put(
      [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + few + few + Self.bytes(min(size, Self.limit), 4)
        + Self.bytes(min(start, Self.limit), 4) + [0, 0], to: file)
  }

  private mutating func put(_ bytes: [UInt8], to file: borrowing FileWriter) throws(FileError) {
    try file.write(bytes)
    position += bytes.count
  }

  /// Where 32 bits say that the true number stands in the extra field.
  private static let limit = 0xFFFF_FFFF

  /// What a member's own header and its entry in the directory share: version 4.5, names in UTF-8, stored, 1 January 1980.
  private static func common(_ member: Written, isLarge: Bool, extra: Int) -> [UInt8] {
    let size = bytes(isLarge ? limit : member.size, 4)
    return bytes(45, 2) + bytes(member.isStreamed ? 0x0808 : 0x0800, 2) + bytes(0, 2) + bytes(0, 2) + bytes(0x21, 2)
      + bytes(Int(member.checkSum), 4) + size + size + bytes(member.name.count, 2) + bytes(extra, 2)
  }

  private static func extra(_ values: [Int]) -> [UInt8] {
    bytes(1, 2) + bytes(8 * values.count, 2) + values.flatMap { bytes($0, 8) }
  }

  private static func bytes(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

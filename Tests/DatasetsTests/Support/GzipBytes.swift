/// Writes gzip streams by hand: RFC 1951 (deflate) and RFC 1952 (gzip).
enum GzipBytes {
  /// A gzip member that stores its bytes without compression.
  static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var result = header
    var start = 0
    repeat {
      let block = bytes[start..<min(bytes.count, start + 65_535)]
      start += block.count
      let length = UInt16(block.count)
      result.append(start == bytes.count ? 1 : 0)
      result += littleEndian(length) + littleEndian(~length) + block
    } while start < bytes.count
    return result + littleEndian(checksum(bytes)) + littleEndian(UInt32(bytes.count))
  }

  /// A gzip member that unzips to `bytes` and about `258 * repetitions` copies of the last of them. Its checksum is wrong.
  static func bomb(_ bytes: [UInt8], repetitions: Int) -> [UInt8] {
    var bits = BitWriter()
    bits.write(0b1, count: 1)
    bits.write(0b01, count: 2)
    for byte in bytes {
      if byte < 144 {
        bits.writeCode(0x30 + UInt32(byte), count: 8)
      } else {
        bits.writeCode(0x190 + UInt32(byte) - 144, count: 9)
      }
    }
    for _ in 0..<repetitions {
      bits.writeCode(0b1100_0101, count: 8)  // length 258
      bits.writeCode(0, count: 5)  // distance 1
    }
    bits.writeCode(0, count: 7)
    return header + bits.finished() + [0, 0, 0, 0, 0, 0, 0, 0]
  }

  private static let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]

  private static func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    IDXBytes.bigEndian(value).reversed()
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
    return ~sum
  }

  private struct BitWriter {
    private var bytes: [UInt8] = []
    private var pending: UInt32 = 0
    private var pendingCount = 0

    /// Appends bits, least significant first.
    mutating func write(_ bits: UInt32, count: Int) {
      pending |= bits << pendingCount
      pendingCount += count
      while pendingCount >= 8 {
        bytes.append(UInt8(truncatingIfNeeded: pending))
        pending >>= 8
        pendingCount -= 8
      }
    }

    /// Appends a Huffman code, most significant bit first.
    mutating func writeCode(_ code: UInt32, count: Int) {
      for bit in (0..<count).reversed() { write(code >> bit & 1, count: 1) }
    }

    func finished() -> [UInt8] { pendingCount > 0 ? bytes + [UInt8(truncatingIfNeeded: pending)] : bytes }
  }
}

/// How a camera was held, as tag 0x0112 of a JPEG's EXIF segment tells it (Exif 2.3, section 4.6.4).
enum EXIFOrientation: UInt16 {
  case mirrored = 2
  case upsideDown = 3
  case flipped = 4
  case transposed = 5
  case turnedLeft = 6
  case transversed = 7
  case turnedRight = 8

  /// The orientation, or nil where it is upright, absent or not to be understood.
  init?(jpeg bytes: [UInt8]) {
    guard let segment = Self.exifSegment(bytes), let value = Self.value(segment) else { return nil }
    self.init(rawValue: value)
  }

  /// Brings an image upright.
  func turned(_ image: Image) -> Image {
    let exchanges = rawValue >= 5
    let (height, width) = exchanges ? (image.width, image.height) : (image.height, image.width)
    return image.rearranged(
      height: height, width: width,
      Turning(orientation: self, height: height, width: width, old: image.width, channels: image.channels))
  }

  private struct Turning: PixelRearrangement {
    let orientation: EXIFOrientation
    let height: Int
    let width: Int
    let old: Int
    let channels: Int

    func move<Sample>(_ source: UnsafePointer<Sample>, to target: UnsafeMutablePointer<Sample>) {
      for row in 0..<height {
        for column in 0..<width {
          let (left, up) = (width - 1 - column, height - 1 - row)
          let (y, x) =
            switch orientation {
            case .mirrored: (row, left)
            case .upsideDown: (up, left)
            case .flipped: (up, column)
            case .transposed: (column, row)
            case .turnedLeft: (left, row)
            case .transversed: (left, up)
            case .turnedRight: (column, up)
            }
          let (to, from) = (target + (row * width + column) * channels, source + (y * old + x) * channels)
          to.update(from: from, count: channels)
        }
      }
    }
  }

  /// The TIFF part of the first EXIF segment before the image's data.
  private static func exifSegment(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
    var position = 2
    while position + 4 <= bytes.count, bytes[position] == 0xFF {
      let marker = bytes[position + 1]
      // Fill bytes may stand before a marker.
      if marker == 0xFF {
        position += 1
        continue
      }
      guard marker != 0xDA, marker != 0xD9 else { return nil }
      let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
      guard length >= 2, position + 2 + length <= bytes.count else { return nil }
      let segment = bytes[(position + 4)..<(position + 2 + length)]
      if marker == 0xE1, segment.starts(with: [0x45, 0x78, 0x69, 0x66, 0, 0]) { return segment.dropFirst(6) }
      position += 2 + length
    }
    return nil
  }

  /// The tag's value in the first directory of a TIFF header.
  private static func value(_ tiff: ArraySlice<UInt8>) -> UInt16? {
    let isLittle = tiff.starts(with: [0x49, 0x49, 42, 0])
    guard isLittle || tiff.starts(with: [0x4D, 0x4D, 0, 42]) else { return nil }
    func number(at offset: Int, _ size: Int) -> Int? {
      guard offset >= 0, offset + size <= tiff.count else { return nil }
      let part = tiff[(tiff.startIndex + offset)..<(tiff.startIndex + offset + size)]
      return (isLittle ? Array(part.reversed()) : Array(part)).reduce(0) { $0 << 8 | Int($1) }
    }
    guard let directory = number(at: 4, 4), let count = number(at: directory, 2) else { return nil }
    for entry in 0..<count {
      let start = directory + 2 + 12 * entry
      guard let tag = number(at: start, 2) else { return nil }
      // A single number of two bytes.
      if tag == 0x0112, number(at: start + 2, 2) == 3, number(at: start + 4, 4) == 1 {
        return number(at: start + 8, 2).map { UInt16($0) }
      }
    }
    return nil
  }
}

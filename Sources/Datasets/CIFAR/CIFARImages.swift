public import Foundation
public import Tensors

/// Images of CIFAR-10's binary files, in memory as bytes.
///
/// A record has 3,073 bytes: the label, then 32x32 levels of red, of green and of blue.
public struct CIFARImages: ImageSource {
  /// The number of images.
  public var count: Int { records.count / Self.recordSize }
  /// The names of the classes.
  public var classNames: [String] { CIFAR10.classNames }

  /// The bytes of a record.
  public static let recordSize = 1 + 3 * side * side
  /// The most records that a file may hold; CIFAR-10's have 10,000.
  public static let maximumRecords = 100_000
  private static let side = 32

  private var records: [UInt8] = []

  /// Reads files one after the other.
  ///
  /// - Throws: ``CIFARError`` for a file that is not there, is no whole number of records or holds a label above 9.
  public init(_ files: [URL]) throws(CIFARError) {
    for file in files { try append(file) }
  }

  private mutating func append(_ url: URL) throws(CIFARError) {
    var bytes: [UInt8] = []
    var size = 0
    do throws(FileError) {
      var file = try FileReader(url)
      size = file.size
      if Self.isWhole(size) {
        bytes = [UInt8](repeating: 0, count: size)
        _ = try file.read(into: &bytes)
      }
    } catch {
      throw .file(error)
    }
    guard Self.isWhole(size) else { throw .size(file: url.path, found: size) }
    for start in stride(from: 0, to: size, by: Self.recordSize) where Int(bytes[start]) >= CIFAR10.classNames.count {
      throw .label(file: url.path, record: start / Self.recordSize, offset: start, found: bytes[start])
    }
    records += bytes
  }

  private static func isWhole(_ size: Int) -> Bool {
    size > 0 && size.isMultiple(of: recordSize) && size / recordSize <= maximumRecords
  }

  /// Image `index`, `[32, 32, 3]`.
  public func image(_ index: Int) -> Image {
    let area = Self.side * Self.side
    let start = index * Self.recordSize + 1
    return Image(
      height: Self.side, width: Self.side, channels: 3,
      bytes: [UInt8](unsafeUninitializedCapacity: 3 * area) { target, count in
        for pixel in 0..<area {
          for channel in 0..<3 { target[3 * pixel + channel] = records[start + channel * area + pixel] }
        }
        count = 3 * area
      })
  }

  /// The class of image `index`.
  public func classIndex(of index: Int) -> Int { Int(records[index * Self.recordSize]) }

  /// As in "image 12".
  public func name(of index: Int) -> String { "image \(index)" }
}

/// What is wrong with one of CIFAR-10's binary files.
public enum CIFARError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The system refuses the file.
  case file(FileError)
  /// The file is no whole number of records, 1 to ``CIFARImages/maximumRecords``.
  case size(file: String, found: Int)
  /// A record's label, at byte `offset`, names no class.
  case label(file: String, record: Int, offset: Int, found: UInt8)

  /// The file, what was expected and what was found.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .size(let file, let found):
      "\(file): expected 1 to \(CIFARImages.maximumRecords) records of \(CIFARImages.recordSize) bytes, found \(found) bytes"
    case .label(let file, let record, let offset, let found):
      "\(file), byte \(offset): expected a label in 0...9, found \(found) in record \(record)"
    }
  }
}

public import Tensors

/// Why a file gives no image.
public struct ImageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: Hashable, Sendable {
    /// The system refuses the file.
    case file(FileError)
    /// The file has no bytes.
    case empty
    /// The first bytes are those of no format that is read here; what the file is called says nothing.
    case unknownFormat(firstBytes: [UInt8])
    /// The file ends before the image does.
    case truncated(format: String, byteCount: Int)
    /// The library that reads the format cannot make sense of the bytes.
    case corrupt(format: String, message: String)
    /// A sound file of a kind that is not read here.
    case unsupported(format: String, message: String)
    /// The image has more pixels than is allowed.
    case tooLarge(width: Int, height: Int, limit: Int)
    /// The file is longer than an image within the limit can be.
    case tooManyBytes(found: Int, limit: Int)
    /// The system gives no memory.
    case noMemory(format: String)
    /// There is no such format for this number of channels.
    case channels(found: Int)
  }

  /// The file.
  public let file: String
  /// What is wrong.
  public let reason: Reason

  /// Makes an error.
  public init(file: String, reason: Reason) {
    self.file = file
    self.reason = reason
  }

  /// The file, what was expected and what was found.
  public var description: String {
    switch reason {
    case .file(let error): return error.description
    case .empty: return "\(file): expected a PNG or a JPEG, found an empty file"
    case .unknownFormat(let bytes):
      let text = bytes.map { String($0, radix: 16, uppercase: false) }
        .map { $0.count < 2 ? "0\($0)" : $0 }.joined(separator: " ")
      return "\(file): expected a PNG or a JPEG, found a file that begins with the bytes \(text)"
    case .truncated(let format, let count):
      return "\(file): the \(format) ends before its image does, after \(count) bytes"
    case .corrupt(let format, let message): return "\(file): the \(format) is damaged: \(message)"
    case .unsupported(let format, let message):
      return "\(file): a \(format) of a kind that is not read here: \(message)"
    case .tooLarge(let width, let height, let limit):
      return "\(file): expected an image of at most \(limit) pixels, found \(width)x\(height)"
    case .tooManyBytes(let found, let limit):
      return
        "\(file): expected a file of at most \(limit) bytes, which is ample for the largest image that is allowed, "
        + "found \(found)"
    case .noMemory(let format): return "\(file): there is no memory to read the \(format)"
    case .channels(let found): return "\(file): a PNG is written of 1 or 3 channels, found \(found)"
    }
  }
}

import CImageCodecs
public import Foundation
import Tensors

extension Image {
  /// Reads a PNG or a JPEG; the first bytes say which, whatever the file is called.
  ///
  /// Palettes and CMYK become RGB, and 16-bit samples levels between bytes. Samples are taken as they stand: a PNG's gamma
  /// and both formats' colour profiles are passed over, as by PIL and torchvision.
  ///
  /// - Throws: ``ImageError``; images of more pixels than `decoding` allows are refused before memory is taken for them.
  public init(contentsOf url: URL, decoding: ImageDecoding = ImageDecoding()) throws(ImageError) {
    try self.init(
      encoded: Self.contents(of: url, limit: decoding.maximumBytes), file: url.path, decoding: decoding)
  }

  private static func contents(of url: URL, limit: Int) throws(ImageError) -> [UInt8] {
    var (size, bytes) = (0, [UInt8]())
    do throws(FileError) {
      var file = try FileReader(url)
      size = file.size
      if size <= limit {
        bytes = [UInt8](repeating: 0, count: size)
        _ = try file.read(into: &bytes)
      }
    } catch {
      throw ImageError(file: url.path, reason: .file(error))
    }
    guard size <= limit else { throw ImageError(file: url.path, reason: .tooManyBytes(found: size, limit: limit)) }
    return bytes
  }

  /// Reads a PNG or a JPEG that lies in memory.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - file: What errors call it.
  ///   - decoding: What there is to choose.
  /// - Throws: ``ImageError``.
  public init(
    encoded bytes: [UInt8], file: String = "image", decoding: ImageDecoding = ImageDecoding()
  ) throws(ImageError) {
    let format = try Format(bytes, file: file)
    let samples = try format.decode(bytes, file: file, maximumPixels: decoding.maximumPixels)
    let image = samples.image(alpha: decoding.alpha)
    guard decoding.turnsUpright, format == .jpeg, let orientation = EXIFOrientation(jpeg: bytes) else {
      self = image
      return
    }
    self = orientation.turned(image)
  }

  /// A format that is read here.
  private enum Format: String {
    case png = "PNG"
    case jpeg = "JPEG"

    init(_ bytes: [UInt8], file: String) throws(ImageError) {
      if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
        self = .png
      } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
        self = .jpeg
      } else if bytes.isEmpty {
        throw ImageError(file: file, reason: .empty)
      } else {
        throw ImageError(file: file, reason: .unknownFormat(firstBytes: Array(bytes.prefix(8))))
      }
    }

    func decode(_ bytes: [UInt8], file: String, maximumPixels: Int) throws(ImageError) -> DecodedSamples {
      var header = ridgeline_image_header()
      try read(bytes, file: file, &header, into: nil)
      let (width, height) = (Int(header.width), Int(header.height))
      guard width > 0, height > 0 else {
        throw ImageError(file: file, reason: .corrupt(format: rawValue, message: "a size of \(width)x\(height)"))
      }
      guard height <= maximumPixels / width else {
        throw ImageError(file: file, reason: .tooLarge(width: width, height: height, limit: maximumPixels))
      }
      let count = width * height * Int(header.channels)
      let isWide = header.bits == 16
      var result = DecodedSamples(
        height: height, width: width, channels: Int(header.channels), isCMYK: self == .jpeg && header.channels == 4,
        bytes: [UInt8](repeating: 0, count: isWide ? 0 : count),
        words: [UInt16](repeating: 0, count: isWide ? count : 0))
      if isWide {
        try result.words.withUnsafeMutableBufferPointer { target throws(ImageError) in
          try read(bytes, file: file, &header, into: UnsafeMutableRawBufferPointer(target))
        }
      } else {
        try result.bytes.withUnsafeMutableBufferPointer { target throws(ImageError) in
          try read(bytes, file: file, &header, into: UnsafeMutableRawBufferPointer(target))
        }
      }
      return result
    }

    /// Calls the library: for the header alone, or with room for the pixels too.
    private func read(
      _ bytes: [UInt8], file: String, _ header: inout ridgeline_image_header,
      into pixels: UnsafeMutableRawBufferPointer?
    ) throws(ImageError) {
      let read = self == .png ? ridgeline_png_read : ridgeline_jpeg_read
      var message = [CChar](repeating: 0, count: Int(RIDGELINE_IMAGE_MESSAGE_SIZE))
      let status = read(bytes, bytes.count, &header, pixels?.baseAddress, pixels?.count ?? 0, &message)
      guard status != RIDGELINE_IMAGE_OK else { return }
      let text = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      let reason: ImageError.Reason =
        switch status {
        case RIDGELINE_IMAGE_TRUNCATED: .truncated(format: rawValue, byteCount: bytes.count)
        case RIDGELINE_IMAGE_UNSUPPORTED: .unsupported(format: rawValue, message: text)
        case RIDGELINE_IMAGE_NO_MEMORY: .noMemory(format: rawValue)
        default: .corrupt(format: rawValue, message: text)
        }
      throw ImageError(file: file, reason: reason)
    }
  }
}

import CImageCodecs
public import Foundation
import Tensors

extension Image {
  /// The image as a PNG of 8 bits, grey or RGB.
  ///
  /// - Parameter file: What errors call it.
  /// - Throws: ``ImageError/Reason/channels(found:)`` for other than 1 or 3 channels.
  public func pngBytes(file: String = "image") throws(ImageError) -> [UInt8] {
    guard channels == 1 || channels == 3 else { throw ImageError(file: file, reason: .channels(found: channels)) }
    guard let rows = UInt32(exactly: height), let columns = UInt32(exactly: width), max(rows, columns) < 1 << 31 else {
      throw ImageError(file: file, reason: .tooLarge(width: width, height: height, limit: 1 << 31))
    }
    var encoded: UnsafeMutablePointer<UInt8>?
    var count = 0
    var message = [CChar](repeating: 0, count: Int(RIDGELINE_IMAGE_MESSAGE_SIZE))
    let status = ridgeline_png_write(bytes, columns, rows, UInt32(channels), &encoded, &count, &message)
    guard status == RIDGELINE_IMAGE_OK, let encoded else {
      throw ImageError(file: file, reason: .noMemory(format: "PNG"))
    }
    defer { ridgeline_image_free(encoded) }
    return Array(UnsafeBufferPointer(start: encoded, count: count))
  }

  /// Writes the image as a PNG, whole or not at all.
  ///
  /// - Throws: ``ImageError``; an old file is then as it was.
  public func writePNG(to url: URL) throws(ImageError) {
    let bytes = try pngBytes(file: url.path)
    do {
      try AtomicFile.write(bytes, to: url)
    } catch let error as FileError {
      throw ImageError(file: url.path, reason: .file(error))
    } catch {
      preconditionFailure("nothing else is thrown: \(error)")
    }
  }
}

public import BLAS
public import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

#if _endian(big)
  #error("safetensors files are little-endian and are read and written without swapping")
#endif

/// A safetensors file, opened and checked; its tensors are read when asked for.
///
/// The format: the header's length in 8 bytes, a JSON header, then the elements. Everything the header claims is
/// checked when the file is opened, so reading a tensor fails only on the file system or for want of memory.
///
/// Source: the format's description in huggingface/safetensors, `README.md`.
public struct SafetensorsFile: Sendable {
  /// Where the file stands.
  public let url: URL
  /// The tensors, sorted by the bytes of their names.
  public let entries: [SafetensorsEntry]
  /// What the file says of itself.
  public let metadata: [String: String]

  private let positions: [String: Int]

  /// The most bytes a header may have, as in the reference implementation.
  static let headerLimit = 100_000_000

  /// Opens a file and checks its header.
  ///
  /// - Throws: ``SafetensorsError``.
  public init(_ url: URL) throws(SafetensorsError) {
    let path = url.path
    let start = SafetensorsHeaderScanner.start
    let file = try SafetensorsFile.openRegularFile(path)
    let size = try SafetensorsFile.size(of: file)
    guard size >= start else {
      throw SafetensorsError(file: path, offset: size, reason: .noHeaderLength(fileSize: size))
    }
    let lengthBytes = try SafetensorsFile.readBytes(start, at: 0, from: file)
    let length = lengthBytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let limit = min(size - start, SafetensorsFile.headerLimit)
    guard length <= limit else {
      throw SafetensorsError(file: path, offset: 0, reason: .headerLength(length, limit: limit))
    }
    let header = try SafetensorsFile.readBytes(Int(length), at: start, from: file)
    var scanner = SafetensorsHeaderScanner(file: path, bytes: header)
    let (claims, metadata) = try scanner.read()
    let dataStart = start + Int(length)
    entries = try SafetensorsEntry.validated(claims, dataStart: dataStart, dataSize: size - dataStart, file: path)
    positions = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($0.element.name, $0.offset) })
    self.metadata = metadata
    self.url = url
  }

  /// The tensor of a name, as the header describes it; nil when there is none.
  public func entry(named name: String) -> SafetensorsEntry? {
    positions[name].map { entries[$0] }
  }

  /// Reads one tensor.
  ///
  /// - Parameters:
  ///   - name: The tensor's name.
  ///   - type: The scalar to read it as. Half precision and bfloat16 widen to `Float`, everything widens to `Double`.
  ///   - allowingRounding: Whether `F64` may be read as `Float`.
  /// - Throws: ``SafetensorsError`` when there is no such tensor, its elements are no floating-point numbers or would
  ///   lose digits, or the file has been shortened since it was opened.
  public func tensor<S: Scalar>(
    _ name: String, of type: S.Type = S.self, allowingRounding: Bool = false
  ) throws(SafetensorsError) -> Tensor<S> {
    guard let entry = entry(named: name) else {
      throw SafetensorsError(file: url.path, key: name, reason: .missingTensor)
    }
    let file = try SafetensorsFile.openRegularFile(url.path)
    let stored = try SafetensorsFile.read(entry, from: file)
    guard let tensor = stored.tensor(of: S.self, allowingRounding: allowingRounding) else {
      throw SafetensorsError(
        file: url.path, key: name, offset: entry.byteRange.lowerBound,
        reason: .elementType(found: entry.elementType.rawValue, expected: "\(S.self)"))
    }
    return tensor
  }

  /// Fills `target` with a tensor's bytes as they stand in the file: row-major and little-endian.
  ///
  /// - Precondition: The entry is of this file and `target` has its size.
  package func read(_ entry: SafetensorsEntry, into target: UnsafeMutableRawBufferPointer) throws(SafetensorsError) {
    let file = try SafetensorsFile.openRegularFile(url.path)
    do throws(FileError) {
      try file.read(into: target, at: entry.byteRange.lowerBound)
    } catch {
      throw SafetensorsError(
        file: url.path, key: entry.name, offset: entry.byteRange.lowerBound, reason: .file(error))
    }
  }

  /// Reads every tensor.
  ///
  /// - Throws: ``SafetensorsError`` when a tensor's elements are no floating-point numbers or the file has been
  ///   shortened since it was opened.
  public func readAll() throws(SafetensorsError) -> NamedTensors {
    let file = try SafetensorsFile.openRegularFile(url.path)
    var tensors = NamedTensors(metadata: metadata)
    for entry in entries { tensors[entry.name] = try SafetensorsFile.read(entry, from: file) }
    return tensors
  }
}

extension SafetensorsFile {
  /// Opens a file; without waiting, should it be a pipe.
  private static func openRegularFile(_ path: String) throws(SafetensorsError) -> FileDescriptor {
    do throws(FileError) {
      let file = try FileDescriptor(path, flags: O_RDONLY | O_NONBLOCK)
      guard isRegularFile(try file.status()) else {
        throw FileError(path: path, operation: .read, cause: .notRegularFile)
      }
      return file
    } catch {
      throw SafetensorsError(file: path, reason: .file(error))
    }
  }

  private static func size(of file: borrowing FileDescriptor) throws(SafetensorsError) -> Int {
    do throws(FileError) {
      return Int(try file.status().st_size)
    } catch {
      throw SafetensorsError(file: file.path, reason: .file(error))
    }
  }

  private static func readBytes(
    _ count: Int, at offset: Int, from file: borrowing FileDescriptor
  ) throws(SafetensorsError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    do throws(FileError) {
      try bytes.withUnsafeMutableBufferPointer { target throws(FileError) in
        try file.read(into: UnsafeMutableRawBufferPointer(target), at: offset)
      }
    } catch {
      throw SafetensorsError(file: file.path, offset: offset, reason: .file(error))
    }
    return bytes
  }

  private static func read(
    _ entry: SafetensorsEntry, from file: borrowing FileDescriptor
  ) throws(SafetensorsError) -> AnyTensor {
    // A sparse file can claim any size without having it on the disk.
    guard UInt64(entry.byteRange.count) <= ProcessInfo.processInfo.physicalMemory else {
      throw SafetensorsError(
        file: file.path, key: entry.name, reason: .tooLargeForMemory(byteCount: entry.byteRange.count))
    }
    switch entry.elementType {
    case .float32: return .float(try readElements(entry, from: file))
    case .float64: return .double(try readElements(entry, from: file))
    case .float16, .bfloat16:
      let bytes = try readBytes(entry.byteRange.count, at: entry.byteRange.lowerBound, from: file)
      let isHalf = entry.elementType == .float16
      return .float(
        Tensor(entry.shape) { target in
          bytes.withUnsafeBytes { source in
            for index in 0..<target.count {
              let bits = source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
              (target.baseAddress! + index).initialize(to: isHalf ? float(half: bits) : float(brain: bits))
            }
          }
        })
    default:
      throw SafetensorsError(
        file: file.path, key: entry.name, offset: entry.byteRange.lowerBound,
        reason: .elementType(found: entry.elementType.rawValue, expected: "floating-point numbers"))
    }
  }

  /// Reads elements that are stored as they lie in memory, straight into the tensor.
  private static func readElements<S: Scalar>(
    _ entry: SafetensorsEntry, from file: borrowing FileDescriptor
  ) throws(SafetensorsError) -> Tensor<S> {
    do throws(FileError) {
      return try Tensor(entry.shape) { target throws(FileError) in
        try file.read(into: UnsafeMutableRawBufferPointer(target), at: entry.byteRange.lowerBound)
      }
    } catch {
      throw SafetensorsError(
        file: file.path, key: entry.name, offset: entry.byteRange.lowerBound, reason: .file(error))
    }
  }
}

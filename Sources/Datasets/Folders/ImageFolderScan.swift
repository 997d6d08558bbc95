import Foundation

/// One walk through a folder of images.
struct ImageFolderScan {
  private(set) var otherFileCount = 0
  /// The path by which each folder was reached first, by its device and number.
  private var reached: [FolderIdentity: String] = [:]

  private struct FolderIdentity: Hashable {
    let device: UInt64
    let number: UInt64
  }

  private enum Kind {
    case folder(FolderIdentity)
    case file
    case other
  }

  /// The names of the folders in a folder, in order.
  mutating func classes(in path: String) throws(ImageFolderError) -> [String] {
    guard case .folder(let identity) = try kind(path) else { throw .wrongKind(path, expected: "a folder of classes") }
    reached[identity] = path
    var names: [String] = []
    for name in try entries(path) {
      if case .folder = try kind("\(path)/\(name)") { names.append(name) }
    }
    return names
  }

  /// The images of a class, in order.
  mutating func images(under path: String) throws(ImageFolderError) -> [String] {
    var images: [String] = []
    var other: String?
    try collect(path, &images, &other)
    guard !images.isEmpty else { throw .emptyClass(path, other: other) }
    return images
  }

  private mutating func collect(
    _ path: String, _ images: inout [String], _ other: inout String?
  ) throws(ImageFolderError) {
    guard case .folder(let identity) = try kind(path) else { return }
    if let before = reached.updateValue(path, forKey: identity) { throw .reachedTwice(path, before: before) }
    for name in try entries(path) {
      let inner = "\(path)/\(name)"
      switch try kind(inner) {
      case .folder: try collect(inner, &images, &other)
      case .file where Self.isImage(name): images.append(inner)
      case .other where Self.isImage(name): throw .wrongKind(inner, expected: "an image's file")
      case .file, .other:
        otherFileCount += 1
        other = other ?? name
      }
    }
  }

  private static func isImage(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    return ["png", "jpg", "jpeg", "jpe"].contains(name[name.index(after: dot)...].lowercased())
  }

  /// The names in a folder in the order of their bytes, without those that begin with a dot.
  private func entries(_ path: String) throws(ImageFolderError) -> [String] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw .unreadable(path, reason: error.localizedDescription)
    }
    return names.filter { !$0.hasPrefix(".") }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// What a path leads to, links followed; a link that leads nowhere, or to itself, is an error.
  private func kind(_ path: String) throws(ImageFolderError) -> Kind {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .unreadable(path, reason: String(cString: strerror(errno))) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR:
      return .folder(
        FolderIdentity(
          device: UInt64(truncatingIfNeeded: status.st_dev), number: UInt64(truncatingIfNeeded: status.st_ino)))
    case S_IFREG:
      guard access(path, R_OK) == 0 else { throw .unreadable(path, reason: String(cString: strerror(errno))) }
      return .file
    default: return .other
    }
  }
}

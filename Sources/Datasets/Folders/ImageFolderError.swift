/// What is wrong with a folder of images.
public enum ImageFolderError: Error, Sendable, CustomStringConvertible {
  /// The system refuses a folder or a file: its path and why.
  case unreadable(String, reason: String)
  /// There is something else where a folder, or an image's file, is expected.
  case wrongKind(String, expected: String)
  /// The folder has no folders of classes in it.
  case noClasses(String)
  /// There is a single class, which leaves nothing to tell apart.
  case oneClass(String, name: String)
  /// A class has no images; `other` is a file of another name in it, if there is one.
  case emptyClass(String, other: String?)
  /// A folder is reached by two paths, as by a symbolic link to one above.
  case reachedTwice(String, before: String)
  /// A class that is not among those that were trained.
  case unknownClass(String, known: [String])
  /// Images that cannot be read, of how many.
  case corrupt([ImageError], count: Int)
  /// An image was read but does not suit the preparation.
  case preparation(String, ImageTransformationError)

  /// The path, what was expected and what was found.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
    case .wrongKind(let path, let expected): "\(path): expected \(expected), found something else"
    case .noClasses(let path): "\(path): expected a folder for each class, found none"
    case .oneClass(let path, let name): "\(path): expected two classes or more, found only '\(name)'"
    case .emptyClass(let path, let other):
      "\(path): expected images (.png, .jpg, .jpeg) of this class, found "
        + (other.map { "none, but files such as '\($0)'" } ?? "none")
    case .reachedTwice(let path, let before):
      "\(path): expected a folder of its own, found one that was reached as \(before) before (a symbolic link in a loop?)"
    case .unknownClass(let path, let known):
      "\(path): expected one of the classes \(known.prefix(20).joined(separator: ", "))"
        + "\(known.count > 20 ? ", ..." : ""), found another"
    case .corrupt(let errors, let count):
      "\(errors.count) of \(count) images cannot be read:\n" + ImageFolder.list(errors)
    case .preparation(let name, let error): "\(name): \(error)"
    }
  }
}

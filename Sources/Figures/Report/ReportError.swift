/// Why a report was not written.
public enum ReportError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A folder could not be made.
  case cannotMakeFolder(path: String, reason: String)
  /// Another process has claimed the folder.
  case inUse(path: String)
  /// A file could not be written; whatever stood in its place still does.
  case cannotWrite(path: String, reason: String)

  /// What could not be written, where and why.
  public var description: String {
    switch self {
    case .cannotMakeFolder(let path, let reason): "The report's folder '\(path)' cannot be made: \(reason)"
    case .inUse(let path):
      "The report's folder '\(path)' is in use: another study is going to write its report there"
    case .cannotWrite(let path, let reason): "The report's file '\(path)' cannot be written: \(reason)"
    }
  }
}

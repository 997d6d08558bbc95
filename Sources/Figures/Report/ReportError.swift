/// Why a report was not written.
public enum ReportError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A folder could not be made.
  case cannotMakeFolder(path: String, reason: String)
  /// A file could not be written; whatever stood in its place still does.
  case cannotWrite(path: String, reason: String)

  /// What could not be written, where and why.
  public var description: String {
    switch self {
    case .cannotMakeFolder(let path, let reason): "The report's folder '\(path)' cannot be made: \(reason)"
    case .cannotWrite(let path, let reason): "The report's file '\(path)' cannot be written: \(reason)"
    }
  }
}

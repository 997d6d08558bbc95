import Foundation

/// A file of results that cannot be read, with the place and the reason.
public struct StudyResultsError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file, where the results come from one.
  public let file: String?
  /// The keys that lead to the fault: `runs[3].layers[0].layer`; empty for the file as a whole.
  public let path: String
  /// What is wrong there.
  public let reason: String

  /// Where and what, in a sentence.
  public var description: String {
    "The results \(file.map { "in '\($0)' " } ?? "")cannot be read\(path.isEmpty ? "" : " at '\(path)'"): \(reason)"
  }

  init(file: String?, path: String, reason: String) { (self.file, self.path, self.reason) = (file, path, reason) }

  /// What of `url` can be read, with the file's name in every fault.
  static func reading<Results>(_ url: URL, _ results: (Data) throws -> Results) throws -> Results {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      // Foundation does not always say why.
      let isReadable = access(url.path, R_OK) == 0
      let reason =
        if isReadable {
          "it is no file that can be read"
        } else if errno == ENOENT {
          "there is no such file"
        } else {
          String(cString: strerror(errno))
        }
      throw StudyResultsError(file: url.path, path: "", reason: reason)
    }
    do {
      return try results(data)
    } catch let error as StudyResultsError {
      throw StudyResultsError(file: url.path, path: error.path, reason: error.reason)
    }
  }

  init(_ error: DecodingError) {
    let context =
      switch error {
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
        .dataCorrupted(let context):
        context
      @unknown default: DecodingError.Context(codingPath: [], debugDescription: "unknown fault")
      }
    let path = context.codingPath.reduce("") { path, key in
      if let index = key.intValue { return path + "[\(index)]" }
      return path.isEmpty ? key.stringValue : path + "." + key.stringValue
    }
    self.init(file: nil, path: path, reason: context.debugDescription)
  }
}

/// A small check that every element of an XML text is closed in order and that no identifier occurs twice.
struct XMLCheck {
  private static let void: Set<String> = ["meta", "br", "!DOCTYPE"]

  /// Whether the elements nest.
  func isWellFormed(_ text: String) -> Bool {
    var open: [Substring] = []
    for part in text.split(separator: "<").dropFirst(text.hasPrefix("<") ? 0 : 1) {
      guard let end = part.firstIndex(of: ">") else { return false }
      let tag = part[..<end]
      if tag.hasPrefix("?") || tag.hasPrefix("!") || tag.hasSuffix("/") { continue }
      let name = tag.prefix { !$0.isWhitespace }
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst().prefix(while: { !$0.isWhitespace }) else { return false }
      } else if !Self.void.contains(String(name)) {
        open.append(name)
      }
    }
    return open.isEmpty
  }

  /// The identifiers, `id="..."` and `id='...'`.
  func identifiers(_ text: String) -> [String] {
    ["\"", "'"].flatMap { quote in
      text.split(separator: " id=\(quote)", omittingEmptySubsequences: false).dropFirst().map {
        String($0.prefix { String($0) != quote })
      }
    }
  }
}

/// Text for a terminal, cut into lines between words.
public enum Paragraph {
  /// The words of `text` in lines of at most `width` characters; a longer word has a line of its own.
  public static func wrapped(_ text: String, width: Int) -> String {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, TextTable.width(last) + 1 + TextTable.width(String(word)) <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines.joined(separator: "\n")
  }
}

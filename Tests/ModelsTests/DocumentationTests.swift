import Foundation
import Testing

/// The pages of the modules name all public types, and only what there is.
@Suite("Documentation pages")
struct DocumentationTests {
  static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Sources")

  /// The library modules: every folder of Swift sources that is not an executable.
  static let modules: [String] = {
    let folders = (try? FileManager.default.contentsOfDirectory(atPath: sources.path)) ?? []
    return folders.filter { module in
      let names = (try? FileManager.default.subpathsOfDirectory(atPath: sources.appending(path: module).path)) ?? []
      return module != "RidgelineCommand" && names.contains { $0.hasSuffix(".swift") }
    }.sorted()
  }()

  private func text(_ module: String, _ isWanted: (String) -> Bool) throws -> String {
    let folder = sources(module)
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter(isWanted)
    return try names.map { try String(contentsOf: folder.appending(path: $0), encoding: .utf8) }.joined(separator: "\n")
  }

  private func sources(_ module: String) -> URL { Self.sources.appending(path: module) }

  @Test("there are modules to look at")
  func found() { #expect(Self.modules.count >= 10 && Self.modules.contains("Autodiff"), "\(Self.modules)") }

  @Test("list every public type", arguments: modules)
  func types(_ module: String) throws {
    let page = try String(
      contentsOf: sources(module).appending(path: "\(module).docc/\(module).md"), encoding: .utf8)
    // Types within others are found on the pages of those; declarations at the start of a line are within none.
    let types = try text(module) { $0.hasSuffix(".swift") }.matches(
      of:
        /(?m)^(?:@\w+(?:\([^)]*\))? +)*public (?:final |indirect )*(?:struct|class|enum|protocol|actor|typealias) +(\w+)/
    ).map { String($0.output.1) }
    #expect(!types.isEmpty || module == "Ridgeline")
    for type in types { #expect(page.contains("- ``\(type)``\n"), "\(type) is not on the page of \(module)") }
  }

  @Test("exist for every module, and the sources declare every symbol on them", arguments: modules)
  func symbols(_ module: String) throws {
    let page = try String(
      contentsOf: sources(module).appending(path: "\(module).docc/\(module).md"), encoding: .utf8)
    #expect(page.hasPrefix("# ``\(module)``\n"))
    // Blocks of code are fenced by three backticks, symbols stand between two.
    let prose = page.components(separatedBy: "```").enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
    let symbols = prose.flatMap { part in
      part.components(separatedBy: "``").enumerated().filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
    }
    let declared = Set(
      try text(module) { $0.hasSuffix(".swift") }.matches(
        of: /\b(?:struct|class|enum|protocol|actor|typealias|func|var|let|case|init)\b *`?(\w*)/
      ).map { String($0.output.1) })
    for symbol in symbols where symbol != module {
      for part in symbol.split(separator: "/") {
        let name = String(part.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        #expect(declared.contains(name) || name == "init", "\(symbol) stands on the page of \(module)")
      }
    }
  }
}

import Figures
import Foundation
import Studies
import Testing

@Suite struct ReportTests {
  @Test func writesEverythingWithGnuplot() throws {
    // Set RIDGELINE_REPORT_PREVIEW to a folder to keep the report and look at it.
    let kept = ProcessInfo.processInfo.environment["RIDGELINE_REPORT_PREVIEW"]
    let folder = kept.map { URL(fileURLWithPath: $0) } ?? temporaryFolder()
    defer { if kept == nil { try? FileManager.default.removeItem(at: folder) } }
    let results = SyntheticStudy().results
    let files = try Report(results).write(to: folder)
    print(files.notice ?? "no notice")
    print(ComparisonTable(results).text(width: 140))
    print(ComparisonTable(results).text(width: 90, style: .ascii))
  }
}

func temporaryFolder() -> URL {
  FileManager.default.temporaryDirectory.appendingPathComponent("ridgeline-figures-\(UUID().uuidString)")
}

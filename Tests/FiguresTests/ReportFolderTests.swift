import Foundation
import Testing

@testable import Figures

@Suite struct ReportFolderTests {
  private func inFolder(_ body: (URL) throws -> Void) throws {
    let folder = temporaryFolder()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  private func names(_ folder: URL) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func itIsMadeAndRemovedAgain() throws {
    try inFolder { folder in
      let report = try ReportFolder(folder.appendingPathComponent("a/b"), byteCount: 1000)
      #expect(try names(folder) == ["a", "a/b", "a/b/data", "a/b/figures"])
      report.removeIfEmpty()
      #expect(try names(folder).isEmpty)
    }
  }

  @Test func whatHoldsAnythingStays() throws {
    try inFolder { folder in
      let url = folder.appendingPathComponent("report")
      let report = try ReportFolder(url)
      try Data().write(to: url.appendingPathComponent("data/notes.txt"))
      report.removeIfEmpty()
      #expect(try names(folder) == ["report", "report/data", "report/data/notes.txt"])
      // And a folder that was there before is not removed, however empty.
      let old = folder.appendingPathComponent("old")
      try FileManager.default.createDirectory(at: old, withIntermediateDirectories: true)
      try ReportFolder(old).removeIfEmpty()
      #expect(try names(folder).contains("old"))
    }
  }

  @Test func oneAtATime() throws {
    try inFolder { folder in
      var first: ReportFolder? = try ReportFolder(folder)
      // Another descriptor is refused like another process.
      #expect(throws: ReportError.inUse(path: folder.path)) { try ReportFolder(folder) }
      withExtendedLifetime(first) {}
      first = nil
      _ = try ReportFolder(folder)
    }
  }

  @Test(arguments: ["index.html", "results.json", "data", "figures"])
  func somethingInTheWay(_ name: String) throws {
    try inFolder { folder in
      let report = folder.appendingPathComponent("report")
      let place = report.appendingPathComponent(name)
      if name.contains(".") {
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      } else {
        try FileManager.default.createDirectory(at: report, withIntermediateDirectories: true)
        try Data().write(to: place)
      }
      let error = #expect(throws: ReportError.self) { try ReportFolder(report) }
      #expect(error?.description.contains(place.path) == true)
      #expect(try names(folder) == ["report", "report/\(name)"])
    }
  }
}

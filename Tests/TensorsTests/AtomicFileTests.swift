import Foundation
import Testing

@testable import Tensors

/// A folder of its own for one test, removed with all it holds.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("tensors-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  /// The names in the folder, hidden ones too.
  func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
}

struct AtomicFileTests {
  struct Stop: Error {}

  @Test func writesAndReplaces() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("report.txt")
    try AtomicFile.write("first, longer", to: file)
    try AtomicFile.write("second", to: file)
    #expect(try String(contentsOf: file, encoding: .utf8) == "second")
    try AtomicFile.write(to: file) { writer in
      try writer.write("in ")
      try writer.write(Array("pieces".utf8))
      try writer.write([])
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == "in pieces")
    try AtomicFile.write(Data(), to: file)
    #expect(try Data(contentsOf: file).isEmpty)
    #expect(try folder.names() == ["report.txt"])
  }

  @Test func aFailureLeavesTheOldFile() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("report.txt")
    try AtomicFile.write("old", to: file)
    #expect(throws: Stop.self) {
      try AtomicFile.write(to: file) { writer in
        try writer.write("half of the ne")
        throw Stop()
      }
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == "old")
    #expect(try folder.names() == ["report.txt"])
  }

  @Test func permissionsAndLinksStay() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("report.txt")
    let link = folder.file("latest.txt")
    try AtomicFile.write("old", to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file.path)
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)
    try AtomicFile.write("new", to: link)
    #expect(try String(contentsOf: file, encoding: .utf8) == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == file.path)
    let permissions = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
    #expect(permissions == 0o640)
  }

  @Test func unwritablePlaces() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("a file, not a folder", to: folder.file("file"))
    for (path, expected) in [
      (folder.file("missing/report.txt"), FileError.Cause.system(ENOENT)),
      (folder.file("file/report.txt"), .system(ENOTDIR)), (folder.url, .notRegularFile),
      (URL(fileURLWithPath: "/dev/null"), .notRegularFile),
      (folder.file(String(repeating: "long", count: 64)), .system(ENAMETOOLONG)),
    ] {
      #expect(
        throws: FileError(path: path.path, operation: expected == .notRegularFile ? .replace : .open, cause: expected)
      ) {
        try AtomicFile.checkWritable(path)
      }
      let error = #expect(throws: FileError.self) { try AtomicFile.write("text", to: path) }
      #expect(error?.cause == expected)
      #expect(error?.path == path.path)
      #expect(error?.description.contains(path.path) == true)
    }
    #expect(try folder.names() == ["file"])
  }

  @Test func checkingChangesNothing() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("old", to: folder.file("report.txt"))
    try AtomicFile.checkWritable(folder.file("report.txt"))
    try AtomicFile.checkWritable(folder.file("new.txt"))
    #expect(try String(contentsOf: folder.file("report.txt"), encoding: .utf8) == "old")
    #expect(try folder.names() == ["report.txt"])
  }

  @Test func leftOverTemporaryFilesDoNotHinder() throws {
    let folder = try TemporaryFolder()
    let leftOver = ".ridgeline-\(getpid())-0.tmp"
    try Data("left over".utf8).write(to: folder.file(leftOver))
    try AtomicFile.write("text", to: folder.file("report.txt"))
    #expect(try folder.names() == [leftOver, "report.txt"])
    #expect(try String(contentsOf: folder.file(leftOver), encoding: .utf8) == "left over")
  }

  @Test func concurrentWritersLeaveOneWholeFile() async throws {
    let folder = try TemporaryFolder()
    let file = folder.file("report.txt")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask { try AtomicFile.write(String(repeating: "\(writer)", count: 100_000), to: file) }
      }
      try await group.waitForAll()
    }
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.utf8.count == 100_000 && Set(text).count == 1)
    #expect(try folder.names() == ["report.txt"])
  }

  #if os(Linux)
    /// Every write to `/dev/full` fails as on a full disk.
    @Test func aFullDiskIsATypedError() throws {
      let writer = FileWriter(try FileDescriptor("/dev/full", flags: O_WRONLY))
      let error = #expect(throws: FileError.self) { try writer.write("text") }
      #expect(error == FileError(path: "/dev/full", operation: .write, cause: .system(ENOSPC)))
      #expect(error?.description.contains("No space left on device") == true)
    }
  #endif
}

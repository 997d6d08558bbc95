import Datasets
import Foundation
import Tensors
import Testing

@Suite struct ImageFolderTests {
  /// A folder with two classes of some images each; damaged and arranged by the tests.
  private struct Folder {
    let temporary: TemporaryFolder
    var url: URL { temporary.url }

    init(_ files: [String] = ["cat/2.png", "cat/1.jpg", "ape/b.png", "ape/a.PNG", "ape/deep/c.jpeg"]) throws {
      temporary = try TemporaryFolder()
      for file in files {
        try write(file, ImageFixtures.bytes(file.lowercased().hasSuffix("png") ? "rgb8.png" : "rgb444.jpg"))
      }
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
      let file = url.appendingPathComponent(name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: file)
    }

    func link(_ name: String, to target: String) throws {
      try FileManager.default.createSymbolicLink(
        atPath: url.appendingPathComponent(name).path, withDestinationPath: target)
    }

    func error() throws -> String {
      let error = try #require(throws: ImageFolderError.self) { try ImageFolder(url) }
      return "\(error)".replacingOccurrences(of: url.path, with: "")
    }
  }

  @Test func classesAndFilesComeInOrder() throws {
    let folder = try Folder()
    try folder.write("cat/.DS_Store", [1])
    try folder.write("cat/notes.txt", [1])
    try folder.write("README.md", [1])
    let set = try ImageFolder(folder.url)
    #expect(set.classNames == ["ape", "cat"] && set.count == 5 && set.otherFileCount == 1)
    let names = (0..<5).map { set.name(of: $0).dropFirst(folder.url.path.count + 1) }
    #expect(names == ["ape/a.PNG", "ape/b.png", "ape/deep/c.jpeg", "cat/1.jpg", "cat/2.png"])
    #expect((0..<5).map(set.classIndex(of:)) == [0, 0, 0, 1, 1])
    #expect(ImageFixtures.distance(try set.image(0), try ImageFixtures.expected("rgb8.png")) == 0)
    #expect(ImageFixtures.distance(try set.image(3), try ImageFixtures.expected("rgb444.jpg")) == 0)
  }

  @Test func trainAndTest() throws {
    let folder = try Folder(["train/cat/1.png", "train/ape/1.png", "val/cat/7.png"])
    let (train, test) = try ImageFolder.split(folder.url)
    #expect(train.classNames == ["ape", "cat"] && test?.classNames == ["ape", "cat"])
    #expect(test?.count == 1 && test?.classIndex(of: 0) == 1)
    #expect(try ImageFolder.split(folder.url.appendingPathComponent("train")).test == nil)
    try folder.write("val/dog/1.png", [1])
    let error = #expect(throws: ImageFolderError.self) { try ImageFolder.split(folder.url) }
    #expect(error.map { "\($0)".contains("val/dog: expected one of the classes ape, cat") } == true)
  }

  @Test func foldersThatAreNone() throws {
    #expect(try Folder([]).error() == ": expected a folder for each class, found none")
    #expect(try Folder(["only.png"]).error().contains("expected a folder for each class"))
    #expect(try Folder(["cat/1.png"]).error() == ": expected two classes or more, found only 'cat'")
    let missing = try TemporaryFolder().url.appendingPathComponent("missing")
    let error = #expect(throws: ImageFolderError.self) { try ImageFolder(missing) }
    #expect(error.map { "\($0)" } == "\(missing.path) cannot be read: No such file or directory")
    let file = try Folder(["cat/1.png"]).temporary
    let other = #expect(throws: ImageFolderError.self) { try ImageFolder(file.url.appendingPathComponent("cat/1.png")) }
    #expect(other.map { "\($0)".contains("expected a folder of classes") } == true)
  }

  @Test func emptyClassesAreNamed() throws {
    let folder = try Folder()
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("bee"), withIntermediateDirectories: true)
    #expect(try folder.error() == "/bee: expected images (.png, .jpg, .jpeg) of this class, found none")
    try folder.write("bee/picture.gif", [1])
    #expect(try folder.error().contains("found none, but files such as 'picture.gif'"))
  }

  @Test func linksAreFollowedAndLoopsRefused() throws {
    let folder = try Folder()
    let elsewhere = try Folder(["dog/1.png"])
    try folder.link("dog", to: elsewhere.url.appendingPathComponent("dog").path)
    try folder.link("cat/3.png", to: "2.png")
    #expect(try ImageFolder(folder.url).count == 7)
    try folder.link("cat/up", to: "..")
    #expect(try folder.error().contains("/cat/up: expected a folder of its own"))
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("cat/up"))
    try folder.link("cat/self.png", to: "self.png")
    #expect(try folder.error().hasPrefix("/cat/self.png cannot be read: Too many levels of symbolic links"))
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("cat/self.png"))
    try folder.link("cat/gone.png", to: "nowhere.png")
    #expect(try folder.error() == "/cat/gone.png cannot be read: No such file or directory")
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("cat/gone.png"))
    try folder.link("kitten", to: "cat")
    #expect(try folder.error().contains("reached as"), "one folder cannot be two classes")
  }

  @Test func whatIsNoFile() throws {
    let folder = try Folder()
    #expect(mkfifo(folder.url.appendingPathComponent("cat/pipe.png").path, 0o600) == 0)
    #expect(try folder.error() == "/cat/pipe.png: expected an image's file, found something else")
  }

  @Test func corruptImagesAreNamedAndSkippedOrRefused() throws {
    let folder = try Folder()
    try folder.write("cat/broken.png", Array(ImageFixtures.bytes("rgb8.png").prefix(200)))
    try folder.write("ape/empty.jpg", [])
    let set = try ImageFolder(folder.url)
    #expect(set.count == 7)
    let refusal = #expect(throws: ImageFolderError.self) { try set.refuseCorrupt() }
    let text = refusal.map { "\($0)" } ?? ""
    #expect(text.hasPrefix("2 of 7 images cannot be read:") && text.contains("ape/empty.jpg: expected a PNG or a JPEG"))
    #expect(text.contains("cat/broken.png: the PNG ends before its image does, after 200 bytes"))
    let sound = try set.skippingCorrupt()
    #expect(sound.count == 5 && sound.skipped.count == 2 && (0..<5).map(sound.classIndex(of:)) == [0, 0, 0, 1, 1])
    try sound.refuseCorrupt()
    // While training, the example that fails is named too, on any number of threads.
    let prepared = try PreparedImages(set, by: ImagePipeline([CentreCrop(5)], encoding: PixelEncoding(channels: 3)))
    for workers in [1, 3] {
      let batches = try BatchLoader(prepared, batch: 2, workers: workers).batches()
      #expect(try batches.next()?.count == 2)
      let error = #expect(throws: DatasetError.self) { while try batches.next() != nil {} }
      #expect(error.map { "\($0)".contains("ape/empty.jpg") } == true, "\(workers)")
    }
    for name in ["cat/1.jpg", "cat/2.png"] { try folder.write(name, [1, 2, 3]) }
    let lost = #expect(throws: ImageFolderError.self) { try ImageFolder(folder.url).skippingCorrupt() }
    #expect(lost.map { "\($0)".contains("/cat: expected images") } == true)
  }
}

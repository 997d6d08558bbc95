import Datasets
import Foundation
import Tensors
import Testing

/// MNIST's reader on small folders made for the purpose.
@Suite struct MNISTTests {
  private let folder = try! TemporaryFolder()
  private let trainPixels: [UInt8] = (0..<24).map { UInt8($0 * 10) }
  private let trainLabels: [UInt8] = [3, 0, 9]

  /// Writes three training and two test images of 2x4 pixels.
  private func writeFiles(
    suffix: String = "", separator: String = "-", prefixes: (String, String) = ("train", "t10k"),
    labels: [UInt8]? = nil, zipped: Bool = false
  ) throws {
    func write(_ bytes: [UInt8], _ name: String, rank: Int) throws {
      try folder.write(
        zipped ? GzipBytes.stored(bytes) : bytes, to: "\(name)\(separator)idx\(rank)-ubyte\(suffix)")
    }
    let labels = labels ?? trainLabels
    try write(IDXBytes.bytes([3, 2, 4], trainPixels), "\(prefixes.0)-images", rank: 3)
    try write(IDXBytes.bytes([labels.count], labels), "\(prefixes.0)-labels", rank: 1)
    try write(IDXBytes.bytes([2, 2, 4], Array(repeating: 255, count: 16)), "\(prefixes.1)-images", rank: 3)
    try write(IDXBytes.bytes([2], [1, 2]), "\(prefixes.1)-labels", rank: 1)
  }

  @Test(arguments: [("", "-", false), (".gz", "-", true), ("", ".", false), (".gz", ".", true)])
  func findsEverySpelling(suffix: String, separator: String, zipped: Bool) throws {
    try writeFiles(suffix: suffix, separator: separator, zipped: zipped)
    let mnist = try MNIST(directory: folder.url)
    #expect(mnist.train.count == 3)
    #expect(mnist.test.count == 2)
    #expect(mnist.train.exampleShape == [2, 4, 1])
    #expect(mnist.train.targetShape == [])
    #expect(mnist.train.classNames.count == 10)
    let batch = try mnist.train.batch()
    #expect(batch.inputs.elements == trainPixels.map { Float(Double($0) / 255) })
    #expect(batch.targets.elements == [3, 0, 9])
    #expect(try (0..<3).map(mnist.train.classIndex) == [3, 0, 9])
    #expect(try mnist.test.batch().inputs.elements.allSatisfy { $0 == 1 })
  }

  @Test func scalesPixels() throws {
    try writeFiles()
    func first(_ scaling: PixelScaling) throws -> [Float] {
      try MNIST(directory: folder.url, scaling: scaling).train.batch([1]).inputs.elements
    }
    let levels = trainPixels[8..<16].map { Double($0) / 255 }
    #expect(try first(.lecun1998) == levels.map { Float(1.275 * $0 - 0.1) })
    #expect(try first(.meanZero(mean: 0.25)) == levels.map { Float($0 - 0.25) })
    for (found, level) in zip(try first(.standardised(mean: 0.5, deviation: 0.25, to: 2)), levels) {
      #expect(abs(Double(found) - (level - 0.5) / 0.25 * 2) < 1e-6)
    }
    let images = try MNIST(directory: folder.url).train
    #expect(try images.scaled(.lecun1998).batch([1]).inputs.elements == first(.lecun1998))
    let white = try MNIST(directory: folder.url, scaling: .lecun1998).test.batch([0]).inputs.elements
    #expect(white.allSatisfy { $0 == 1.175 })
  }

  @Test func padsWithTheBackground() throws {
    try writeFiles()
    let padded = try MNIST(directory: folder.url, scaling: .lecun1998, padding: 2).train
    let plain = try MNIST(directory: folder.url, scaling: .lecun1998).train
    #expect(padded.exampleShape == [6, 8, 1])
    for index in 0..<3 {
      let image = try padded.batch([index]).inputs
      let inner = try plain.batch([index]).inputs
      for row in 0..<6 {
        for column in 0..<8 {
          let isInside = (2..<4).contains(row) && (2..<6).contains(column)
          #expect(image[0, row, column, 0] == (isInside ? inner[0, row - 2, column - 2, 0] : -0.1))
        }
      }
    }
  }

  @Test func measuresStatistics() throws {
    let images = try LabelledImages(
      pixels: [0, 0, 255, 255], labels: [0, 1], size: (1, 2, 1), classNames: ["a", "b"], padding: 3)
    #expect(images.statistics() == PixelStatistics(mean: 0.5, deviation: 0.5))
  }

  @Test func readsTheLettersOfEMNIST() throws {
    try writeFiles(prefixes: ("emnist-letters-train", "emnist-letters-test"), labels: [1, 26, 2])
    let train = try MNIST(directory: folder.url, family: .emnistLetters).train
    #expect(train.exampleShape == [4, 2, 1])
    #expect(train.classNames.count == 26)
    let batch = try train.batch([1])
    #expect(batch.targets.elements == [25])
    // Stored column by column: the first stored row is the first column of the picture.
    let stored = trainPixels[8..<16].map { Float(Double($0) / 255) }
    #expect(batch.inputs.elements == [0, 4, 1, 5, 2, 6, 3, 7].map { stored[$0] })
  }

  @Test func readsColours() throws {
    let images = try folder.write(IDXBytes.bytes([1, 2, 1, 3], [0, 51, 102, 153, 204, 255]), to: "images")
    let labels = try folder.write(IDXBytes.bytes([1], [0]), to: "labels")
    let set = try LabelledImages(images: images, labels: labels, classNames: ["only"], padding: 1)
    #expect(set.exampleShape == [4, 3, 3])
    let image = try set.batch().inputs
    #expect(image[0, 1, 1, 2] == 0.4)
    #expect(image[0, 2, 1, 0] == 0.6)
    #expect(image.elements.reduce(0, +) == 3)
  }

  @Test func namesMissingFiles() throws {
    let error = try #require(throws: MNISTError.self) { try MNIST(directory: folder.url) }
    for part in [
      folder.url.path, "t10k-images-idx3-ubyte", "t10k-images-idx3-ubyte.gz", "t10k-images.idx3-ubyte",
      "scripts/fetch-mnist",
    ] {
      #expect(error.description.contains(part))
    }
    #expect(throws: MNISTError.self) { try MNIST(directory: folder.url.appendingPathComponent("nowhere")) }
  }

  @Test func refusesADirectoryInPlaceOfAFile() throws {
    try writeFiles()
    let url = folder.url.appendingPathComponent("train-labels-idx1-ubyte")
    try FileManager.default.removeItem(at: url)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    let error = try #require(throws: IDXError.self) { try MNIST(directory: folder.url) }
    #expect(error.reason == .notARegularFile)
    #expect(error.file == url.path)
  }

  @Test func refusesMislabelledFiles() throws {
    try writeFiles(labels: [3, 10, 9])
    let label = try #require(throws: MNISTError.self) { try MNIST(directory: folder.url) }
    guard case .labelOutOfRange(_, let offset, let index, 10, 0..<10) = label else {
      Issue.record("found \(label)")
      return
    }
    #expect(offset == 9)
    #expect(index == 1)

    try writeFiles(labels: [3, 1])
    let count = try #require(throws: MNISTError.self) { try MNIST(directory: folder.url) }
    guard case .countMismatch(_, 3, _, 2) = count else {
      Issue.record("found \(count)")
      return
    }
  }

  @Test func refusesExchangedFiles() throws {
    let images = try folder.write(IDXBytes.bytes([1, 2, 2], [0, 1, 2, 3]), to: "images")
    let labels = try folder.write(IDXBytes.bytes([1], [0]), to: "labels")
    let error = try #require(throws: IDXError.self) {
      try LabelledImages(images: labels, labels: images, classNames: ["only"])
    }
    #expect(error.reason == .unexpectedDimensions)
    let wide = try folder.write(IDXBytes.header(type: 0x0C, dimensions: [1]) + [0, 0, 0, 0], to: "wide")
    let type = try #require(throws: IDXError.self) {
      try LabelledImages(images: images, labels: wide, classNames: ["only"])
    }
    #expect(type.reason == .unexpectedElementType)
  }

  @Test func refusesEmptySets() throws {
    let images = try folder.write(IDXBytes.bytes([0, 28, 28], []), to: "images")
    let labels = try folder.write(IDXBytes.bytes([0], []), to: "labels")
    #expect(throws: MNISTError.self) { try LabelledImages(images: images, labels: labels, classNames: ["only"]) }
    let flat = try folder.write(IDXBytes.bytes([1, 0, 28], []), to: "flat")
    let one = try folder.write(IDXBytes.bytes([1], [0]), to: "one")
    #expect(throws: DatasetError.self) { try LabelledImages(images: flat, labels: one, classNames: ["only"]) }
  }

  @Test func refusesWrongBuffersAndIndices() throws {
    let images = try LabelledImages(pixels: [1, 2], labels: [0], size: (1, 2, 1), classNames: ["only"])
    #expect(throws: DatasetError.self) { try images.batch([1]) }
    #expect(throws: DatasetError.self) { try images.batch([-1]) }
    #expect(throws: DatasetError.self) { try images.classIndex(of: 1) }
    var small: [Float] = [0]
    var target: [Float] = [0]
    #expect(throws: DatasetError.self) {
      try small.withUnsafeMutableBufferPointer { small in
        try target.withUnsafeMutableBufferPointer { try images.copyExample(0, into: small, target: $0) }
      }
    }
    #expect(throws: DatasetError.self) {
      try LabelledImages(pixels: [1, 2, 3], labels: [0], size: (1, 2, 1), classNames: ["only"])
    }
    #expect(throws: DatasetError.self) {
      try LabelledImages(pixels: [1, 2], labels: [1], size: (1, 2, 1), classNames: ["only"])
    }
    #expect(throws: DatasetError.self) {
      try LabelledImages(pixels: [1, 2], labels: [0], size: (1, 2, 1), classNames: ["only"], padding: -1)
    }
  }
}

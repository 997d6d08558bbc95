import Foundation

/// A small set of the four IDX files of MNIST: each digit is a bright column of its own, so that it is learnt at once.
struct Digits {
  static let files = [
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
  ]

  let folder: URL

  init(in folder: URL, training: Int = 100, test: Int = 20) throws {
    self.folder = folder.appendingPathComponent("digits")
    try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
    for (prefix, count) in [("train", training), ("t10k", test)] {
      try write(Self.images(count), to: "\(prefix)-images-idx3-ubyte")
      try write(Self.labels((0..<count).map { UInt8($0 % 10) }), to: "\(prefix)-labels-idx1-ubyte")
    }
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: folder.appendingPathComponent(name))
  }

  func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appendingPathComponent(name))) }

  /// The flags that name this set.
  var flags: [String] { ["--dataset", "mnist", "--data-directory", folder.path] }

  static func images(_ count: Int, size: Int = 28) -> [UInt8] {
    let pixels = (0..<(count * size * size)).map { index -> UInt8 in
      let (image, column) = (index / (size * size), index % size)
      return column / 2 == image % 10 + 2 ? 250 : UInt8(index * 7 % 30)
    }
    return header([count, size, size]) + pixels
  }

  static func labels(_ labels: [UInt8]) -> [UInt8] { header([labels.count]) + labels }

  /// The magic number of unsigned bytes and the dimensions.
  private static func header(_ dimensions: [Int]) -> [UInt8] {
    [0, 0, 8, UInt8(dimensions.count)]
      + dimensions.flatMap { size in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } }
  }
}

import Foundation
import Testing

@Suite("ridgeline: damaged data")
struct DataFileTests {
  /// Trains with an output on a set that `damage` has spoilt: it must fail and leave an old file of weights as it was.
  func expectRefusal(naming parts: [String], _ damage: (Digits) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let digits = try Digits(in: folder)
      try damage(digits)
      let weights = folder.appendingPathComponent("weights.safetensors")
      try Data("an old file".utf8).write(to: weights)
      try Program.expectFailure(
        ["train", "lenet5", "--epochs", "1", "--output", weights.path] + digits.flags, naming: parts)
      #expect(try String(contentsOf: weights, encoding: .utf8) == "an old file")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["digits", "weights.safetensors"])
    }
  }

  @Test("an empty file", arguments: Digits.files)
  func empty(_ name: String) throws {
    try expectRefusal(naming: [name, "byte 0", "expected", "found 0"]) { try $0.write([], to: name) }
  }

  @Test("a truncated file", arguments: Digits.files)
  func truncated(_ name: String) throws {
    try expectRefusal(naming: [name, "expected", "found"]) { try $0.write($0.read(name).dropLast(), to: name) }
  }

  @Test("a wrong magic number")
  func magic() throws {
    try expectRefusal(naming: ["t10k-images-idx3-ubyte", "magic number", "89 50 4e 47"]) {
      try $0.write(
        [0x89, 0x50, 0x4E, 0x47] + $0.read("t10k-images-idx3-ubyte").dropFirst(4), to: "t10k-images-idx3-ubyte")
    }
  }

  @Test("a header of 255 dimensions is not printed in full")
  func rank() throws {
    try expectRefusal(naming: ["train-images-idx3-ubyte", "1, 1, 1, 1, 1, 1, ...], 255 of them"]) {
      try $0.write(
        [0, 0, 8, 255] + [UInt8](repeating: 0, count: 3) + (0..<254).flatMap { _ in [1, 0, 0, 0] as [UInt8] } + [1, 7],
        to: "train-images-idx3-ubyte")
    }
  }

  @Test("labels where images belong")
  func swapped() throws {
    try expectRefusal(naming: ["train-images-idx3-ubyte", "dimensions"]) {
      try $0.write($0.read("train-labels-idx1-ubyte"), to: "train-images-idx3-ubyte")
    }
  }

  @Test("a label that is no class, and more classes than outputs")
  func labels() throws {
    try expectRefusal(naming: ["train-labels-idx1-ubyte", "10"]) {
      try $0.write(Digits.labels((0..<100).map { UInt8($0 % 11) }), to: "train-labels-idx1-ubyte")
    }
    try expectRefusal(naming: ["t10k-labels-idx1-ubyte", "25"]) {
      try $0.write(Digits.labels([25] + (1..<20).map { UInt8($0 % 10) }), to: "t10k-labels-idx1-ubyte")
    }
  }

  @Test("fewer labels than images")
  func counts() throws {
    try expectRefusal(naming: ["train-labels-idx1-ubyte", "100", "99"]) {
      try $0.write(Digits.labels([UInt8](repeating: 3, count: 99)), to: "train-labels-idx1-ubyte")
    }
  }

  @Test("images of another size, and none at all")
  func sizes() throws {
    for (name, count) in [("train-images-idx3-ubyte", 100), ("t10k-images-idx3-ubyte", 20)] {
      try expectRefusal(naming: [name, "images of 28x28, found 20x20"]) {
        try $0.write(Digits.images(count, size: 20), to: name)
      }
    }
    try expectRefusal(naming: ["train-images-idx3-ubyte", "at least one image"]) {
      try $0.write(Digits.images(0), to: "train-images-idx3-ubyte")
      try $0.write(Digits.labels([]), to: "train-labels-idx1-ubyte")
    }
  }

  @Test("a file or the folder is missing, or the folder is a file")
  func missing() throws {
    try expectRefusal(naming: ["digits", "t10k-labels-idx1-ubyte"]) {
      try FileManager.default.removeItem(at: $0.folder.appendingPathComponent("t10k-labels-idx1-ubyte"))
    }
    let train = ["train", "lenet5", "--epochs", "1"]
    try Program.expectFailure(train + ["--dataset", "mnist"], naming: ["--data-directory"])
    try Program.expectFailure(train + ["--data-directory", "/no/such/folder"], naming: ["/no/such/folder"])
    try Program.expectFailure(train + ["--data-directory", "/dev/null"], naming: ["/dev/null"])
  }
}

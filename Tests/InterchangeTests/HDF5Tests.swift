import Foundation
import Tensors
import Testing

@testable import Interchange

@Suite struct HDF5Tests {
  /// The program stands beside the tests: beside the program that runs them, or beside their bundle on macOS.
  static let program: HDF5Program? = {
    if let found = HDF5Program.find() { return found }
    let arguments = CommandLine.arguments
    guard let flag = arguments.firstIndex(of: "--test-bundle-path"), flag + 1 < arguments.count else { return nil }
    var bundle = URL(fileURLWithPath: arguments[flag + 1])
    while bundle.pathComponents.count > 1, bundle.pathExtension != "xctest" { bundle.deleteLastPathComponent() }
    let executable = bundle.deletingLastPathComponent().appendingPathComponent("ridgeline-hdf5")
    return FileManager.default.isExecutableFile(atPath: executable.path) ? HDF5Program(executable: executable) : nil
  }()

  static func found() throws -> HDF5Program { try #require(program, "ridgeline-hdf5 was not built") }

  static func open(_ name: String) throws -> HDF5File {
    try HDF5File(Fixtures.url(name), program: try found())
  }

  @Test(arguments: ["types-earliest.h5", "types-v110.h5"])
  func everyElementTypeAndLayout(_ name: String) throws {
    let file = try Self.open(name)
    for code in ["little/f2", "little/f4", "little/f8", "big/f4", "big/f8"] {
      #expect(try file.tensor(code) == Fixtures.counted([2, 3]) as Tensor<Double>, "\(code)")
    }
    for code in ["little/i1", "little/i4", "little/u2", "big/i8"] {
      #expect(try file.tensor(code) == Tensor<Double>([2, 3], repeating: 0), "\(code)")
    }
    #expect(try file.tensor("deflated") == Fixtures.counted([40, 30]) as Tensor<Float>)
    #expect(try file.tensor("scalar") == Tensor<Float>(scalar: 2.5))
    #expect(try file.tensor("again") == Tensor<Float>(scalar: 2.5))
    #expect(try file.tensor("empty") == Tensor<Float>([0, 3], []))
    // Texts are no tensors, and a link that is another name is none either.
    #expect(!file.entries.contains { $0.name == "text" || $0.name == "soft" })
  }

  @Test func modelsAndWeightsOfKeras() throws {
    let kernel: Tensor<Float> = Fixtures.counted([3, 3, 2, 3])
    let bias: Tensor<Float> = Fixtures.counted([2], plus: 3)
    let model = try Self.open("small.h5")
    #expect(try model.tensor("model_weights/block1_conv1/block1_conv1/kernel") == kernel)
    #expect(model.metadata["keras_version"]?.hasPrefix("3.") == true)
    let weights = try Self.open("small.weights.h5")
    #expect(try weights.tensor("block1_conv1/0") == kernel)
    let archive = try KerasFile(Fixtures.url("small.keras"), program: try Self.found())
    #expect(try archive.tensor("block1_conv1/0") == kernel)
    #expect(try archive.tensor("fc1/1") == bias)
    #expect(archive.metadata["keras_version"]?.hasPrefix("3.") == true)
    for source in [model, weights] as [any TensorSource] {
      let names = Set(ForeignNames.known(source, .keras).map(\.name))
      #expect(names == ["block1_conv1/kernel", "block1_conv1/bias", "fc1/kernel", "fc1/bias"])
    }
  }

  @Test func modelsAndWeightsOfKeras2() throws {
    let kernel: Tensor<Float> = Fixtures.counted([3, 3, 2, 3])
    let bias: Tensor<Float> = Fixtures.counted([2], plus: 3)
    let model = try Self.open("small-keras2.h5")
    #expect(try model.tensor("model_weights/block1_conv1/block1_conv1/kernel:0") == kernel)
    #expect(model.metadata["keras_version"] == "2.15.0")
    let weights = try Self.open("small-keras2-weights.h5")
    #expect(try weights.tensor("fc1/fc1/bias:0") == bias)
    let archive = try KerasFile(Fixtures.url("small-keras2.keras"), program: try Self.found())
    #expect(archive.metadata["keras_version"] == "2.15.0")
    #expect(try archive.tensor("block1_conv1/0") == kernel && archive.tensor("fc1/1") == bias)
    for source in [model, weights, archive] as [any TensorSource] {
      let names = Set(ForeignNames.known(source, .keras).map(\.name))
      #expect(names == ["block1_conv1/kernel", "block1_conv1/bias", "fc1/kernel", "fc1/bias"])
    }
    // Nothing in a file of weights alone says which layer is whose.
    let unnamed = try Self.open("small-keras2.weights.h5")
    #expect(try unnamed.tensor("layers/conv2d/vars/0") == kernel)
    #expect(
      Set(ForeignNames.known(unnamed, .keras).map(\.name))
        == ["layers/conv2d/vars/0", "layers/conv2d/vars/1", "layers/dense/vars/0", "layers/dense/vars/1"])
  }

  @Test func layersOfAConfigurationHaveTheGroupsThatKerasGaveThem() {
    #expect(KerasLayerNames.snakeCase("Conv2D") == "conv2d")
    #expect(KerasLayerNames.snakeCase("MaxPooling2D") == "max_pooling2d")
    #expect(KerasLayerNames.snakeCase("BatchNormalization") == "batch_normalization")
    let layers = ["InputLayer", "Conv2D", "Conv2D", "Dense"].enumerated()
      .map { "{\"class_name\": \"\($1)\", \"config\": {\"name\": \"layer \($0)\"}}" }.joined(separator: ",")
    let names = KerasLayerNames.byGroup(configuration: Data("{\"config\": {\"layers\": [\(layers)]}}".utf8))
    #expect(names == ["input_layer": "layer 0", "conv2d": "layer 1", "conv2d_1": "layer 2", "dense": "layer 3"])
    #expect(KerasLayerNames.named("layers/conv2d_1/vars/1", by: names) == "layer 2/1")
    for other in [
      "layers/lstm/vars/0", "optimizer/vars/0", "layers/conv2d/cell/vars/0", "optimizer/conv2d/vars/0",
      "layers/conv2d/vars/0/1",
    ] {
      #expect(KerasLayerNames.named(other, by: names) == other)
    }
    for wrong in ["", "[]", "{\"config\": {}}", "{\"config\": {\"layers\": [{\"class_name\": 1}]}}"] {
      #expect(KerasLayerNames.byGroup(configuration: Data(wrong.utf8)).isEmpty, "\(wrong)")
    }
  }

  @Test(arguments: [
    ("external-link.h5", "another file"), ("external-data.h5", "another file"), ("unwritten.h5", "unpacked"),
    ("null.h5", "dataset nothing has no elements"),
  ])
  func whatLeadsElsewhereOrIsOutOfProportionIsRefused(_ name: String, _ words: String) {
    let error = #expect(throws: InterchangeError.self) { try Self.open(name) }
    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
  }

  @Test func groupsThatHoldThemselvesEndInAnError() {
    #expect(throws: InterchangeError.self) { try Self.open("circle.h5") }
  }

  @Test func truncationsAreErrors() throws {
    let program = try Self.found()
    let whole = try Fixtures.bytes("small.weights.h5").count
    try Fixtures.truncations("small.weights.h5", step: whole / 12) { url, count in
      #expect(throws: InterchangeError.self, "\(count) bytes") { try HDF5File(url, program: program).readAll() }
    }
  }

  @Test(.timeLimit(.minutes(1))) func aProgramThatNeverEndsIsNotWaitedFor() throws {
    try Fixtures.withFolder { folder in
      let url = folder.appendingPathComponent("endless")
      try Fixtures.write("#!/bin/sh\nexec yes\n".utf8, to: url)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
      let program = HDF5Program(executable: url)
      var bytes = [UInt8](repeating: 0, count: 16)
      let failure = #expect(throws: ChildProcess.Failure.self) {
        try bytes.withUnsafeMutableBytes { try program.read("kernel", of: "file", into: $0) }
      }
      #expect(failure?.reason == "expected 16 bytes of it, found more")
    }
  }

  /// `small.h5` with some bytes changed, in which libhdf5 1.10 goes round in circles as it looks for the groups.
  @Test(.timeLimit(.minutes(1))) func aFileInWhichTheLibraryGoesRoundInCirclesIsAnError() throws {
    var limits = HDF5Program.Limits()
    limits.listProcessor = 1
    let program = HDF5Program(executable: try Self.found().executable, limits: limits)
    let error = #expect(throws: InterchangeError.self) {
      try HDF5File(Fixtures.url("endless.h5"), program: program)
    }
    #expect(error?.description.contains("ended it: the file is damaged") == true, "\(String(describing: error))")
  }

  @Test(.timeLimit(.minutes(1))) func aProgramThatSaysNothingIsEnded() throws {
    try Fixtures.withFolder { folder in
      let (url, identifier) = (folder.appendingPathComponent("silent"), folder.appendingPathComponent("identifier"))
      try Fixtures.write("#!/bin/sh\necho $$ > '\(identifier.path)'\nexec sleep 300\n".utf8, to: url)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
      var limits = HDF5Program.Limits()
      (limits.list, limits.read) = (1, 1)
      let program = HDF5Program(executable: url, limits: limits)
      var bytes = [UInt8](repeating: 0, count: 16)
      for reads in [false, true] {
        let failure = #expect(throws: ChildProcess.Failure.self) {
          if reads {
            try bytes.withUnsafeMutableBytes { try program.read("kernel", of: "file", into: $0) }
          } else {
            _ = try program.list("file")
          }
        }
        #expect(failure?.reason == "it took too long")
        let text = try String(contentsOf: identifier, encoding: .utf8)
        let number = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(number, 0) == -1 && errno == ESRCH)
      }
    }
  }

  @Test func aProgramThatIsMissingOrAnotherOneIsAnError() {
    let url = Fixtures.url("small.h5")
    #expect(throws: InterchangeError.self) { try HDF5File(url, program: nil) }
    for path in ["/bin/true", "/bin/false", "/bin/echo", "/nonexistent"] {
      #expect(throws: InterchangeError.self, "\(path)") {
        try HDF5File(url, program: HDF5Program(executable: URL(fileURLWithPath: path)))
      }
    }
  }
}

import Datasets
import Foundation
import Tensors
import Testing

/// A folder of images of two classes that are told apart at once: bright above or bright below.
struct Pictures {
  let folder: URL

  init(in folder: URL, training: Int = 40, test: Int = 10, classes: [String] = ["above", "below"]) throws {
    self.folder = folder.appendingPathComponent("pictures")
    for (set, count) in [("train", training), ("test", test)] {
      for (number, name) in classes.enumerated() {
        for index in 0..<count { try write("\(set)/\(name)/\(index).png", Self.picture(number, index)) }
      }
    }
  }

  /// A picture whose bright half is at the top (0), at the bottom (1), left (2), ...; sizes and colours differ.
  static func picture(_ kind: Int, _ index: Int) -> Image {
    let (height, width) = (20 + index % 3, 24 - index % 2)
    var bytes: [UInt8] = []
    for row in 0..<height {
      for column in 0..<width {
        let isBright = kind == 0 ? row < height / 2 : kind == 1 ? row >= height / 2 : column < width / 2
        for channel in 0..<3 {
          bytes.append(UInt8((isBright ? 180 : 30) + (row * 7 + column * 3 + index * 11 + channel * 5) % 40))
        }
      }
    }
    return Image(height: height, width: width, channels: 3, bytes: bytes)
  }

  func url(_ name: String) -> URL { folder.appendingPathComponent(name) }

  func write(_ name: String, _ image: Image) throws {
    try FileManager.default.createDirectory(
      at: url(name).deletingLastPathComponent(), withIntermediateDirectories: true)
    try image.writePNG(to: url(name))
  }

  var flags: [String] { ["--images", folder.path] }
}

@Suite("ridgeline: folders of images")
struct ImageTests {
  let train = ["train", "lenet5", "--epochs", "3", "--batch", "8", "--threads", "1"]

  @Test("images are learnt, evaluated and predicted")
  func wholeWay() throws {
    try withTemporaryFolder { folder in
      let pictures = try Pictures(in: folder)
      let weights = folder.appendingPathComponent("weights.safetensors")
      let training = try Program.run(train + pictures.flags + ["--output", weights.path, "--json"])
      #expect(training.status == 0, "\(training)")
      #expect(training.errors.contains("80 training and 20 test images of 2 classes"), "\(training)")
      #expect(try training.json()["dataset"] as? String == "images")
      #expect(try training.json()["test_error"] as? Double == 0, "\(training)")
      let metadata = try NamedTensors(contentsOf: weights).metadata
      #expect(
        metadata["class_names"] == #"["above","below"]"#
          && metadata["preparation"]?.contains("resizeShorterSide") == true)

      for (more, loss) in [([], training), (["--batch", "3"], training)] {
        let evaluation = try Program.run(["evaluate", "--weights", weights.path, "--json"] + pictures.flags + more)
        #expect(evaluation.status == 0, "\(evaluation)")
        let report = try evaluation.json()
        #expect(report["top1_error"] as? Double == 0 && report["top5_error"] as? Double == 0)
        let confusion = try #require(report["confusion"] as? [[Int]])
        #expect(confusion.map { Array($0.prefix(2)) } == [[10, 0], [0, 10]])
        let expected = try #require(try loss.json()["test_loss"] as? Double)
        #expect(abs((report["test_loss"] as? Double ?? .nan) - expected) < 1e-5)
      }
      let views = try Program.run(["evaluate", "--weights", weights.path, "--ten-crop"] + pictures.flags)
      #expect(views.status == 0 && views.output.hasPrefix("images: test error 0.00 %"), "\(views)")
      #expect(views.output.contains("above") && views.output.contains("error"), "\(views)")

      // In a folder of its own, and a file whose name says another kind.
      let photo = pictures.url("photo.jpg")
      try Pictures.picture(1, 99).writePNG(to: photo)
      let prediction = try Program.run(["predict", "--weights", weights.path, photo.path, "--json"])
      #expect(try prediction.json()["predicted"] as? String == "below", "\(prediction)")
      let example = try Program.run(["predict", "--weights", weights.path, "--count", "2"] + pictures.flags)
      #expect(example.output.contains("images example 1: predicted above, label above"), "\(example)")
      // A broken file is named, and the others are answered.
      try Data([1, 2, 3]).write(to: pictures.url("bad.png"))
      let some = try Program.run([
        "predict", "--weights", weights.path, pictures.url("bad.png").path, photo.path, folder.path,
      ])
      #expect(
        some.status == 1 && some.errors.contains("bad.png") && some.output.contains("photo.jpg: below"), "\(some)")
      try Program.expectFailure(["evaluate", "--weights", weights.path], naming: ["images", "--images"])
    }
  }

  @Test("a deeper VGG starts from a trained A, and curves are written; what does not fit is refused")
  func startAndCurves() throws {
    try withTemporaryFolder { folder in
      let pictures = try Pictures(in: folder, training: 4, test: 2)
      let (weights, curves) = (folder.path + "/a.safetensors", folder.path + "/curves")
      let options = ["--input", "32", "--augmentation", "small", "--epochs", "1", "--batch", "4"] + pictures.flags
      let first = try Program.run(["train", "vgg11-bn", "--output", weights, "--curves", curves] + options)
      #expect(first.status == 0 && first.errors.contains("the curves are in \(curves)"), "\(first)")
      let table = try String(contentsOfFile: curves + "/data/vgg11-bn.csv", encoding: .utf8)
      #expect(table.hasPrefix("epoch,learning_rate,train_loss") && table.split(separator: "\n").count == 2)
      let second = try Program.run(["train", "vgg13-bn", "--start", weights, "--learning-rate", "1e-9"] + options)
      #expect(second.status == 0 && second.errors.contains("conv1_1.kernel"), "\(second)")
      try Program.expectFailure(["train", "lenet5", "--start", weights], naming: ["--start", "lenet5"])
      let small = folder.path + "/lenet.safetensors"
      #expect(try Program.run(train + pictures.flags + ["--output", small]).status == 0)
      try Program.expectFailure(
        ["train", "vgg13-bn", "--start", small] + options, naming: ["lenet.safetensors", "conv1_1.kernel"])
    }
  }

  @Test("the same seed gives the same weights on any number of threads")
  func threads() throws {
    try withTemporaryFolder { folder in
      let pictures = try Pictures(in: folder, training: 20, test: 3)
      var files: [Data] = []
      for threads in ["1", "2"] {
        let weights = folder.appendingPathComponent("\(threads).safetensors")
        let outcome = try Program.run(
          [
            "train", "lenet5", "--epochs", "2", "--threads", threads, "--output", weights.path,
          ] + pictures.flags)
        #expect(outcome.status == 0, "\(outcome)")
        files.append(try Data(contentsOf: weights))
      }
      #expect(files[0] == files[1])
    }
  }

  @Test("without a test set nothing is claimed")
  func trainingAlone() throws {
    try withTemporaryFolder { folder in
      let pictures = try Pictures(in: folder, training: 4, test: 0)
      let outcome = try Program.run(train + ["--images", pictures.url("train").path, "--json"])
      #expect(outcome.status == 0, "\(outcome)")
      #expect(try outcome.json()["test_error"] == nil && outcome.json()["train_loss"] != nil)
    }
  }

  @Test("damaged images are refused by name, or skipped and counted")
  func damaged() throws {
    try withTemporaryFolder { folder in
      let pictures = try Pictures(in: folder, training: 5, test: 2)
      try Data().write(to: pictures.url("train/above/0.png"))
      let whole = try Data(contentsOf: pictures.url("test/below/1.png"))
      try whole.prefix(100).write(to: pictures.url("test/below/1.png"))
      let weights = folder.appendingPathComponent("weights.safetensors")
      let call = train + pictures.flags + ["--output", weights.path]
      try Program.expectFailure(call, naming: ["train/above/0.png", "empty file", "1 of 10", "--corrupt-images skip"])
      #expect(!FileManager.default.fileExists(atPath: weights.path))
      let skipping = try Program.run(call + ["--corrupt-images", "skip"])
      #expect(skipping.status == 0, "\(skipping)")
      for part in [
        "1 of 10 images are left out", "train/above/0.png", "test/below/1.png", "9 training and 3 test images",
      ] {
        #expect(skipping.errors.contains(part), "\(skipping)")
      }
      try Program.expectFailure(
        ["evaluate", "--weights", weights.path] + pictures.flags, naming: ["test/below/1.png", "ends before"])
      try Program.expectFailure(
        train + pictures.flags + ["--maximum-pixels", "100"], naming: ["at most 100 pixels, found 24x20"])
    }
  }

  @Test("folders that are no sets of images")
  func folders() throws {
    try withTemporaryFolder { folder in
      let one = try Pictures(in: folder.appendingPathComponent("one"), training: 1, test: 1, classes: ["only"])
      try Program.expectFailure(train + one.flags, naming: ["only", "two classes"])
      let pictures = try Pictures(in: folder, training: 1, test: 1)
      try FileManager.default.createDirectory(at: pictures.url("train/none"), withIntermediateDirectories: true)
      try Program.expectFailure(train + pictures.flags, naming: ["train/none", "expected images"])
      try FileManager.default.removeItem(at: pictures.url("train/none"))
      try FileManager.default.createSymbolicLink(atPath: pictures.url("train/above/up").path, withDestinationPath: "..")
      try Program.expectFailure(train + pictures.flags, naming: ["train/above/up", "loop"])
      for missing in ["/no/such/folder", "/dev/null"] {
        try Program.expectFailure(train + ["--images", missing], naming: [missing])
      }
      try Program.expectFailure(train + ["--images", ""], naming: ["--images"])
      try Program.expectFailure(train + ["--images", "/tmp", "--dataset", "shapeset"], naming: ["--images"])
      try Program.expectFailure(train + ["--dataset", "images"], naming: ["--images"])
    }
  }

  @Test("a file of weights that prepares images otherwise than its network takes them is refused")
  func preparation() throws {
    try withTemporaryFolder { folder in
      let pictures = try Pictures(in: folder, training: 2, test: 1)
      let weights = folder.appendingPathComponent("weights.safetensors")
      let outcome = try Program.run(train + pictures.flags + ["--output", weights.path])
      #expect(outcome.status == 0, "\(outcome)")
      let good = try NamedTensors(contentsOf: weights)
      let preparation = try #require(good.metadata["preparation"])
      for (text, part) in [
        ("{}", "preparation"), (preparation.replacingOccurrences(of: "28", with: "29"), "prepares images to"),
        (preparation.replacingOccurrences(of: "28", with: "-1"), "preparation"),
      ] {
        var bad = good
        bad.metadata["preparation"] = text
        try bad.write(to: weights)
        try Program.expectFailure(
          ["predict", "--weights", weights.path, pictures.url("test/above/0.png").path], naming: [weights.path, part])
      }
    }
  }

  @Test("the input's size and the preparation are chosen, and kept in the file")
  func choices() throws {
    try withTemporaryFolder { folder in
      let pictures = try Pictures(in: folder, training: 10, test: 4)
      let weights = folder.appendingPathComponent("weights.safetensors")
      let outcome = try Program.run(
        train + pictures.flags + [
          "--output", weights.path, "--input", "32", "--augmentation", "small", "--recipe", "paper",
        ])
      #expect(outcome.status == 0, "\(outcome)")
      #expect(outcome.errors.contains("random 32x32 of the image with a border of 4, flip"), "\(outcome)")
      let metadata = try NamedTensors(contentsOf: weights).metadata
      #expect(metadata["input"] == "32x32x1" && metadata["classes"] == "2", "\(metadata)")
      #expect(metadata["preparation"]?.contains("centreCrop") == true, "evaluation has nothing at random")
      let evaluation = try Program.run(["evaluate", "--weights", weights.path, "--json"] + pictures.flags)
      #expect(try evaluation.json()["count"] as? Int == 8, "\(evaluation)")
      #expect((try evaluation.json()["confusion"] as? [[Int]])?.allSatisfy { $0.count == 2 } == true, "\(evaluation)")
      try Program.expectFailure(["train", "lenet5", "--augmentation", "small"], naming: ["--images"])
      try Program.expectFailure(train + pictures.flags + ["--input", "0"], naming: ["lenet5", "found 0"])
      try Program.expectFailure(["train", "alexnet"], naming: ["--images"])
    }
  }
}

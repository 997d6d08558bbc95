import BLAS
import Datasets
import Foundation
import Tensors
import Testing

@Suite struct ImagePipelineTests {
  private func noise(_ count: Int, seed: UInt64 = 1) -> [Image] {
    (0..<count).map { number in
      var generator = RandomGenerator(seed: seed, stream: "image").fork(number)
      let height = 8 + number % 3
      return Image(
        height: height, width: 9, channels: 3,
        bytes: (0..<(height * 27)).map { _ in UInt8(generator.next(upperBound: 256)) })
    }
  }

  @Test func statisticsAreThoseOfAllPixels() throws {
    let source = ListedImages(noise(40))
    let statistics = try source.statistics()
    let pixels = (0..<40).flatMap { number in
      let levels = source.images[number].levels.map { Double($0) / 255 }
      return stride(from: 0, to: levels.count, by: 3).map { Array(levels[$0..<($0 + 3)]) }
    }
    let count = Double(pixels.count)
    #expect(statistics.pixelCount == pixels.count)
    for row in 0..<3 {
      let mean = pixels.reduce(0) { $0 + $1[row] } / count
      #expect(abs(statistics.mean[row] - mean) < 1e-12)
      for column in 0..<3 {
        let other = pixels.reduce(0) { $0 + $1[column] } / count
        let covariance = pixels.reduce(0) { $0 + ($1[row] - mean) * ($1[column] - other) } / count
        #expect(abs(statistics.covariance[row][column] - covariance) < 1e-12)
      }
      #expect(abs(statistics.deviation[row] * statistics.deviation[row] - statistics.covariance[row][row]) < 1e-12)
    }
    let colours = try statistics.principalColours()
    // C v = l v, with vectors of length 1 that are at right angles.
    for first in 0..<3 {
      let vector = colours.vectors[first]
      for row in 0..<3 {
        let product = (0..<3).reduce(0) { $0 + statistics.covariance[row][$1] * vector[$1] }
        #expect(abs(product - colours.values[first] * vector[row]) < 1e-12)
      }
      for second in 0..<3 {
        let dot = zip(vector, colours.vectors[second]).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(dot - (first == second ? 1 : 0)) < 1e-12)
      }
    }
    let grey = try source.statistics(channels: 1)
    let lumas = pixels.map { 0.299 * $0[0] + 0.587 * $0[1] + 0.114 * $0[2] }
    #expect(abs(grey.mean[0] - lumas.reduce(0, +) / count) < 1e-6)
  }

  @Test func recipesMakePipelines() throws {
    let statistics = try ListedImages(noise(10)).statistics()
    let (training, evaluation) = try Augmentation.alexNet.pipelines(input: [227, 227, 3], statistics: statistics)
    let mean = statistics.mean.map { $0 * 255 }
    let encoding = PixelEncoding(channels: 3, full: 255, mean: mean)
    #expect(evaluation == ImagePipeline([ResizeShorterSide(259), CentreCrop(227)], encoding: encoding))
    #expect(
      training
        == ImagePipeline(
          [ResizeShorterSide(259), RandomCrop(227), HorizontalFlip(), try statistics.principalColours()],
          encoding: encoding))
    #expect(evaluation.outputSize() == ImageSize(height: 227, width: 227))
    #expect(evaluation.tenCrop?.pipeline == ImagePipeline([ResizeShorterSide(259)], encoding: encoding))
    #expect(training.tenCrop == nil)
    let vgg = try Augmentation.vgg.pipelines(input: [224, 224, 3], statistics: statistics)
    #expect(vgg.evaluation.steps.first as? ResizeShorterSide == ResizeShorterSide(256))
    #expect(throws: ImageTransformationError.missingStatistics) {
      try Augmentation.small.pipelines(input: [32, 32, 3])
    }
    #expect(throws: ImageTransformationError.input([32])) { try Augmentation.none.pipelines(input: [32]) }
    #expect(
      Augmentation.alexNet.description
        == "shorter side to 256/224 of the input's, random crops, flips, principal colours N(0, 0.1²), RGB 0...255, "
        + "minus the training images' mean")
    let grey = try Augmentation(.lecun1998).pipelines(input: [28, 28, 1]).training
    let image = Image(height: 28, width: 28, channels: 1, bytes: [UInt8](repeating: 255, count: 784))
    #expect(try grey.input(image, using: RandomGenerator(seed: 1)).elements.allSatisfy { abs($0 - 1.175) < 1e-6 })
  }

  @Test func pipelinesAndRecipesGoThroughFiles() throws {
    let statistics = try ListedImages(noise(10)).statistics()
    for augmentation in [
      Augmentation.alexNet, .small, .none,
      Augmentation(crop: .resized(smallestArea: 0.2), mean: .given([0.4, 0.5, 0.6])),
    ] {
      let data = try JSONEncoder().encode(augmentation)
      #expect(try JSONDecoder().decode(Augmentation.self, from: data) == augmentation)
      let (training, evaluation) = try augmentation.pipelines(input: [24, 24, 3], statistics: statistics)
      for pipeline in [training, evaluation] {
        let text = try JSONEncoder().encode(pipeline)
        #expect(try JSONDecoder().decode(ImagePipeline.self, from: text) == pipeline, "\(pipeline)")
      }
      #expect(training != evaluation || augmentation == .none)
    }
  }

  @Test(
    arguments: [
      #"{"resizeShorterSide":{"side":-1}}"#, #"{"resizeShorterSide":{"side":0}}"#, #"{"blur":{"radius":3}}"#, "{}",
      #"{"centreCrop":{"size":{"height":0,"width":5}}}"#, #"{"horizontalFlip":{"probability":3}}"#,
      #"{"randomCrop":{"size":{"height":4,"width":4},"padding":4611686018427387904}}"#,
      #"{"randomResizedCrop":{"size":{"height":4,"width":4},"smallestArea":2}}"#,
      #"{"principalColours":{"values":[1],"vectors":[[1]],"deviation":0.1}}"#,
    ])
  func stepsFromFilesAreChecked(_ step: String) throws {
    let encoding = #"{"channels":3,"order":"RGB","full":1,"mean":[0,0,0],"deviation":[1,1,1]}"#
    let text = #"{"steps":[\#(step)],"encoding":\#(encoding)}"#
    #expect(throws: (any Error).self) { try JSONDecoder().decode(ImagePipeline.self, from: Data(text.utf8)) }
    let good = #"{"steps":[{"centreCrop":{"size":{"height":4,"width":5}}}],"encoding":\#(encoding)}"#
    #expect(
      try JSONDecoder().decode(ImagePipeline.self, from: Data(good.utf8)).steps.first as? CentreCrop
        == CentreCrop(height: 4, width: 5))
    for bad in [#""deviation":[1,0,1]"#, #""deviation":[1,1]"#] {
      let broken = good.replacingOccurrences(of: #""deviation":[1,1,1]"#, with: bad)
      #expect(throws: (any Error).self) { try JSONDecoder().decode(ImagePipeline.self, from: Data(broken.utf8)) }
    }
  }

  @Test func drawsDependOnSeedEpochAndImageOnly() throws {
    let source = ListedImages(noise(50))
    let pipeline = ImagePipeline(
      [RandomCrop(7), HorizontalFlip(), try source.statistics().principalColours()],
      encoding: PixelEncoding(channels: 3))
    let set = try PreparedImages(source, by: pipeline, seed: 5)
    func epoch(_ epoch: Int, workers: Int, batch: Int) throws -> [[Float]] {
      let batches = try BatchLoader(set, batch: batch, order: .shuffled(seed: 2), workers: workers).batches(
        epoch: epoch)
      var rows: [[Float]] = []
      while let batch = try batches.next() {
        for row in 0..<batch.count {
          rows.append(Array(batch.inputs.elements[(row * 147)..<((row + 1) * 147)]) + [batch.targets.elements[row]])
        }
      }
      return rows
    }
    let expected = try epoch(3, workers: 1, batch: 8)
    #expect(expected.count == 50)
    for (workers, batch) in [(2, 8), (3, 5), (7, 50), (16, 1)] {
      #expect(try epoch(3, workers: workers, batch: batch) == expected, "\(workers) threads, batches of \(batch)")
    }
    #expect(try epoch(4, workers: 1, batch: 8) != expected)
    let first = try set.examples(forEpoch: 1).batch([7])
    #expect(try set.examples(forEpoch: 1).batch([3, 7]).inputs.elements.suffix(147) == first.inputs.elements[...])
    let other = try PreparedImages(source, by: pipeline, seed: 6).examples(forEpoch: 1).batch([7])
    #expect(other.inputs != first.inputs && other.targets == first.targets)
  }

  @Test func imagesThatDoNotSuitAreNamed() throws {
    let source = ListedImages(noise(6))
    let encoding = PixelEncoding(channels: 3)
    #expect(throws: ImageTransformationError.varyingSize) {
      try PreparedImages(source, by: ImagePipeline([HorizontalFlip()], encoding: encoding))
    }
    let large = try PreparedImages(source, by: ImagePipeline([CentreCrop(9)], encoding: encoding))
    let error = #expect(throws: ImageFolderError.self) { try large.batch([1, 0]) }
    #expect(error.map { "\($0)" } == "image 0: expected an image of at least 9x9, found 8x9")
    let fixed = PreparedImages(
      source, by: ImagePipeline([], encoding: encoding), size: ImageSize(height: 8, width: 9))
    #expect(try fixed.batch([0, 3]).count == 2)
    let other = #expect(throws: ImageFolderError.self) { try fixed.batch([0, 1]) }
    #expect(other.map { "\($0)" } == "image 1: expected an image of 8x9, found 9x9")
  }

  @Test func tenViewsAreOneExample() throws {
    let source = ListedImages(noise(6))
    let pipeline = ImagePipeline([ResizeShorterSide(12), CentreCrop(10)], encoding: PixelEncoding(channels: 3))
    let prepared = try PreparedImages(source, by: pipeline)
    let views = try TenCropImages(prepared)
    #expect(views.exampleShape == [10, 10, 10, 3] && views.count == 6)
    let batch = try views.batch([2, 4])
    #expect(batch.targets.elements == [0, 0])
    // The fifth view is the centre.
    let centres = try prepared.batch([2, 4]).inputs.elements
    #expect(Array(batch.inputs.elements[1200..<1500]) == Array(centres[..<300]))
    #expect(Array(batch.inputs.elements[4200..<4500]) == Array(centres[300...]))
    #expect(throws: ImageTransformationError.self) {
      try TenCropImages(PreparedImages(source, by: ImagePipeline([RandomCrop(8)], encoding: pipeline.encoding)))
    }
  }
}

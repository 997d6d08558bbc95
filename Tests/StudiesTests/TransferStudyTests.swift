import BLAS
import Datasets
import FeatureLearning
import Foundation
import Tensors
import Testing

@testable import Studies

@Suite struct TransferStudyTests {
  /// Images of ten kinds: a bright row and a bright column, on noise.
  static func digits(_ count: Int, seed: UInt64) throws -> TensorDataset {
    var generator = RandomGenerator(seed: seed)
    var images: [Float] = []
    for number in 0..<count {
      let digit = number % 10
      images += (0..<784).map { place in
        let isBright = place / 28 == 2 * digit + 3 || place % 28 == 22 - 2 * digit
        return Float((isBright ? 0.9 : 0.1) + 0.02 * generator.normal())
      }
    }
    return try TensorDataset(
      inputs: Tensor([count, 28, 28, 1], images), targets: Tensor([count], (0..<count).map { Float($0 % 10) }),
      classNames: (0..<10).map { "\($0)" })
  }

  static var options: TransferStudyOptions {
    var options = TransferStudyOptions()
    (options.seeds, options.sizes, options.depthSize) = (2, [2, 4], 2)
    (options.sourceEpochs, options.updates, options.clusterStarts, options.embedded) = (2, [8], 2, 40)
    (options.changedEpochs, options.rates) = (1, [0.02, 0.05])
    return options
  }

  static let results: Result<TransferStudyResults, any Error> = Result {
    try TransferStudy(train: digits(120, seed: 1), test: digits(80, seed: 2), options: options).run()
  }

  @Test func everyMethodSizeLayerAndSpaceIsThereOnce() throws {
    let results = try Self.results.get()
    #expect(results.sourceErrors.count == 2)
    for method in [TransferStudy.scratch, TransferStudy.fineTuned, TransferStudy.probe] {
      for size in [2, 4] { #expect(results.errors(method, perClass: size).count == 2, "\(method), \(size)") }
    }
    let others =
      TransferStudy.frozenLayers + [
        TransferStudy.plainHead, TransferStudy.plainFineTuned, TransferStudy.movedScratch, TransferStudy.movedFineTuned,
        TransferStudy.plainProbe, TransferStudy.pixelProbe,
      ] + ["s4", "c5", "f6"].map(TransferStudy.probe(of:))
    for method in others { #expect(results.errors(method, perClass: 2).count == 2, "\(method)") }
    #expect(results.runs.count == 2 * (3 * 2 + others.count))
    #expect(results.options.contains { $0.name == "scratch, images: rate, updates" && $0.text.hasPrefix("2: 0.0") })
    #expect(results.runs.allSatisfy { (0...1).contains($0.error) })
    #expect(results.spaces == [TransferStudy.pixels, TransferStudy.components] + TransferStudy.layers)
    for space in results.spaces { #expect(results.mutualInformation(space).count == 2) }
    // Five kinds that are nothing but five patterns are found in the pixels.
    let pixels = results.mutualInformation(TransferStudy.pixels)
    #expect(pixels.allSatisfy { $0 > 0.6 })
    #expect(results.embeddings.count == 2 && results.sheets.count == 2)
    for embedding in results.embeddings {
      #expect(embedding.x.count == 40 && embedding.y.count == 40 && Set(embedding.digits) == [5, 6, 7, 8, 9])
      let places = embedding.x + embedding.y
      #expect(places.allSatisfy { $0.isFinite })
    }
    for sheet in results.sheets { #expect(sheet.png.starts(with: [0x89, 0x50, 0x4E, 0x47])) }
  }

  @Test func theSameSeedGivesTheSameNumbersOnOtherThreads() throws {
    var options = Self.options
    (options.sizes, options.clusterStarts, options.embedded) = ([2], 1, 5)
    let (train, test) = (try Self.digits(60, seed: 1), try Self.digits(40, seed: 2))
    let both = try [1, 2].map { threads in
      try TransferStudy(train: train, test: test, options: options, pool: ThreadPool(threads: threads)).run()
    }
    func byName(_ runs: [TransferStudyResults.Run]) -> [TransferStudyResults.Run] {
      runs.sorted { ($0.method, $0.perClass, $0.seed) < ($1.method, $1.perClass, $1.seed) }
    }
    #expect(byName(both[0].runs) == byName(both[1].runs))
    #expect(both[0].clusterings == both[1].clusterings && both[0].embeddings == both[1].embeddings)
  }

  @Test func optionsOutOfRangeAreTypedErrorsBeforeTheWork() throws {
    let (train, test) = (try Self.digits(60, seed: 1), try Self.digits(20, seed: 2))
    let changes: [(inout TransferStudyOptions) -> Void] = [
      { $0.seeds = 0 }, { $0.seeds = 1 }, { $0.sizes = [] }, { $0.sizes = [0] }, { $0.depthSize = 0 },
      { $0.sourceEpochs = 0 }, { $0.updates = [0] },
      { $0.updates = [] }, { $0.rates = [] }, { $0.rates = [.nan] }, { $0.changedEpochs = 0 }, { $0.clusterStarts = 0 },
      { $0.embedded = 3 },
    ]
    for change in changes {
      var options = Self.options
      change(&options)
      #expect(throws: StudyError.self) { try TransferStudy(train: train, test: test, options: options) }
    }
    var options = Self.options
    options.sizes = [7]
    #expect(throws: TransferError.tooFewExamples(class: 0, expected: 7, found: 5)) {
      try TransferStudy(train: train, test: test, options: options)
    }
  }

  @Test func dataThatDoNotSuitAreTypedErrorsBeforeTheWork() throws {
    let (train, test) = (try Self.digits(60, seed: 1), try Self.digits(20, seed: 2))
    func images(_ shape: [Int]) throws -> TensorDataset {
      try TensorDataset(
        inputs: Tensor(Shape([10] + shape), [Float](repeating: 0, count: 10 * shape.reduce(1, *))),
        targets: Tensor([10], (0..<10).map { Float($0) }), classNames: (0..<10).map { "\($0)" })
    }
    for shape in [[28, 30, 1], [28, 28, 3], [32, 32, 1], [784]] {
      let others = try images(shape)
      #expect(throws: StudyError.data("the shape of training images", expected: "[28, 28, 1]", found: "\(shape)")) {
        try TransferStudy(train: others, test: test, options: Self.options)
      }
      #expect(throws: StudyError.data("the shape of test images", expected: "[28, 28, 1]", found: "\(shape)")) {
        try TransferStudy(train: train, test: others, options: Self.options)
      }
    }
    // Four of the digits up to 7, three of 8 and 9: none of these could be held out.
    let few = try Self.digits(38, seed: 1)
    let error = #expect(throws: StudyError.self) { try TransferStudy(train: few, test: test, options: Self.options) }
    #expect(
      error?.description
        == "training images: expected at least 4 of each of the digits 5 to 9, one of them to be held out, "
        + "found 3 of the digit 8")
    // A digit that is not there at all, in one set or the other.
    func without(_ digit: Int, _ data: TensorDataset) throws -> Subset {
      try Subset(of: data, indices: (0..<data.count).filter { $0 % 10 != digit })
    }
    for digit in [0, 4, 7] {
      let parts = digit < 5 ? [(true, "training"), (false, "test")] : [(false, "test")]
      for (isTraining, name) in parts {
        #expect(
          throws: StudyError.data(
            "\(name) images", expected: "at least 1 of each of the digits 0 to 9", found: "none of the digit \(digit)")
        ) {
          try TransferStudy(
            train: isTraining ? without(digit, train) : train.prefix(60),
            test: isTraining ? test.prefix(20) : without(digit, test), options: Self.options)
        }
      }
    }
    var options = Self.options
    (options.sizes, options.depthSize) = ([3], 3)
    let study = try TransferStudy(train: try Self.digits(40, seed: 1), test: test, options: options)
    #expect(study.heldOut.count == 5 && study.targetTrain.count == 15)
  }

  @Test func ofManyImagesMoreUpdatesAreMade() {
    let recipe = TransferStudy.Recipe(rate: 0.1, updates: 300)
    // 25 images are one batch; 5000 are 157, of which four epochs are made, one for 75 updates.
    #expect(recipe.epochs(of: 25) == 300 && recipe.steps(of: 25) == 300)
    #expect(recipe.epochs(of: 50) == 150 && recipe.steps(of: 50) == 300)
    #expect(recipe.epochs(of: 5000) == 4 && recipe.steps(of: 5000) == 628)
    #expect(TransferStudy.Recipe(rate: 0.1, updates: 8).steps(of: 5000) == 157)
    #expect(TransferStudy.Recipe(rate: 0.1, updates: 7).steps(of: 96) == 9)
  }

  @Test func aStudyThatIsStoppedSaysSo() throws {
    let study = try TransferStudy(
      train: try Self.digits(60, seed: 1), test: try Self.digits(20, seed: 2), options: Self.options)
    #expect(throws: StudyError.stopped) { try study.run(shouldStop: { true }) }
  }

  @Test func resultsComeBackFromTheirFile() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("transfer-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: url) }
    var results = try Self.results.get()
    try results.jsonData().write(to: url)
    #expect(try TransferStudyResults(contentsOf: url) == results)
    results.embeddings[1].y.removeLast()
    try results.jsonData().write(to: url)
    let error = #expect(throws: StudyResultsError.self) { try TransferStudyResults(contentsOf: url) }
    #expect(error?.path == "embeddings[1]" && error?.file == url.path)
  }

  @Test func clustersAreDescribedByTheirScores() throws {
    let images = try Self.digits(100, seed: 3)
    let rows = images.inputs.reshaped(to: [100, 784])
    let clusters = try KMeans(k: 10, starts: 5).fit(rows, generator: RandomGenerator(seed: 1))
    let labels = (0..<100).map { $0 % 10 }
    let study = ClusterStudy(
      features: rows, clusters: clusters, labels: labels, imageFiles: (0..<100).map { "/nonexistent/\($0).png" },
      file: "memory")
    var results = try study.scores()
    let table = try ContingencyTable(classes: labels, clusters: clusters.labels)
    #expect(results.accuracy == table.matchedAccuracy && results.mutualInformation == table.normalizedMutualInformation)
    #expect(results.clusters.map(\.count) == clusters.counts)
    let own = try silhouettes(rows, labels: clusters.labels)
    for (index, cluster) in results.clusters.enumerated() {
      let members = clusters.labels.indices.filter { clusters.labels[$0] == index }
      let mean = members.reduce(0) { $0 + own[$1] } / Double(members.count)
      #expect(abs((cluster.silhouette ?? .nan) - mean) < 1e-12)
      let commonest = Dictionary(grouping: members) { labels[$0] }.mapValues(\.count)
      #expect(commonest[cluster.commonestLabel ?? -1] == commonest.values.max())
      #expect(
        abs((cluster.commonestShare ?? .nan) * Double(members.count) - Double(commonest.values.max() ?? 0)) < 1e-9)
    }
    try study.addPictures(to: &results)
    #expect(results.embeddings.map(\.method) == ["principal components", "t-SNE"])
    #expect(results.embeddings.allSatisfy { $0.x.count == 100 && $0.labels == labels })
    #expect(results.notices.count == 1 && results.sheet != nil)
  }
}

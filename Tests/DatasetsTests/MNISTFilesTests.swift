import Datasets
import Foundation
import Tensors
import Testing

/// The published files, where the environment variable RIDGELINE_DATA names a folder that holds them in `mnist`.
@Suite(.enabled(if: publishedFiles != nil, "set RIDGELINE_DATA to a folder with mnist/ in it"))
struct MNISTFilesTests {
  @Test func readsThePublishedFiles() throws {
    let mnist = try MNIST(directory: #require(publishedFiles))
    #expect(mnist.train.count == 60_000)
    #expect(mnist.test.count == 10_000)
    #expect(mnist.train.exampleShape == [28, 28, 1])

    let training = mnist.train.statistics()
    #expect(abs(training.mean - MNIST.trainingStatistics.mean) < 1e-12)
    #expect(abs(training.deviation - MNIST.trainingStatistics.deviation) < 1e-12)
    let test = mnist.test.statistics()
    #expect(abs(test.mean - 0.132515) < 5e-7)
    #expect(abs(test.deviation - 0.310480) < 5e-7)

    // The first digits of both parts, and the known number of each digit in training.
    #expect(try (0..<5).map(mnist.train.classIndex) == [5, 0, 4, 1, 9])
    #expect(try (0..<5).map(mnist.test.classIndex) == [7, 2, 1, 0, 4])
    var counts = [Int](repeating: 0, count: 10)
    for index in 0..<mnist.train.count { counts[try mnist.train.classIndex(of: index)] += 1 }
    #expect(counts == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
  }

  @Test func givesTheFieldsOf1998() throws {
    let test = try MNIST(directory: #require(publishedFiles), scaling: .lecun1998, padding: 2).test
    #expect(test.exampleShape == [32, 32, 1])
    let batch = try test.batch(0..<100)
    #expect(batch.inputs.elements.min() == -0.1)
    #expect(batch.inputs.elements.max() == 1.175)
    let corners = (0..<100).flatMap { [batch.inputs[$0, 0, 0, 0], batch.inputs[$0, 31, 31, 0]] }
    #expect(corners.allSatisfy { $0 == -0.1 })
  }

  @Test func loadsEveryExampleOnce() throws {
    let test = try MNIST(directory: #require(publishedFiles)).test
    let loader = try BatchLoader(test, batch: 64, order: .shuffled(seed: 1))
    let batches = loader.batches(epoch: 0)
    var total = 0.0
    var count = 0
    while try batches.next({ inputs, _, size in
      total += inputs.reduce(0.0) { $0 + Double($1) }
      count += size
    }) {}
    #expect(count == 10_000)
    #expect(abs(total / (10_000 * 784) - 0.132515) < 1e-6)
  }
}

private let publishedFiles: URL? = ProcessInfo.processInfo.environment["RIDGELINE_DATA"].map {
  URL(fileURLWithPath: $0).appendingPathComponent("mnist")
}

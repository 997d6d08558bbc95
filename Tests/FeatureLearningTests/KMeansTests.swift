import BLAS
import FeatureLearning
import Tensors
import Testing

/// Lloyd's iteration written plainly in double precision, with no repair.
func naiveLloyd(_ x: Tensor<Double>, from start: Tensor<Double>, limit: Int) -> (labels: [Int], centers: [Double]) {
  let (rows, width, k) = (x.shape[0], x.shape[1], start.shape[0])
  var centers = start
  var labels = [Int](repeating: -1, count: rows)
  for _ in 0..<limit {
    let new = (0..<rows).map { row in
      (0..<k).reduce(0) { naiveSquare(x, row, centers, $1) < naiveSquare(x, row, centers, $0) ? $1 : $0 }
    }
    if new == labels { break }
    labels = new
    for center in 0..<k {
      let members = labels.indices.filter { labels[$0] == center }
      for column in 0..<width {
        centers[center, column] = members.reduce(0) { $0 + x[$1, column] } / Double(members.count)
      }
    }
  }
  return (labels, centers.elements)
}

@Suite("k-means")
struct KMeansTests {
  @Test(
    "Lloyd's iteration is the plain one, with few centers and with many, with bounds and without",
    arguments: [3, 12, 40])
  func plain(k: Int) throws {
    let x: Tensor<Double> = clouds(700, 5, centers: k, spread: 1.5, seed: UInt64(k))
    let start = Tensor<Double>([k, 5], Array(x.elements[0..<k * 5]))
    let expected = naiveLloyd(x, from: start, limit: 500)
    var counts: [Int] = []
    for usesBounds in [true, false] {
      let fit = try KMeans(k: k, iterationLimit: 500, tolerance: 0, usesBounds: usesBounds).fit(x, from: start)
      #expect(fit.labels == expected.labels)
      #expect(largestDifference(fit.centers.elements, expected.centers) < 1e-10)
      #expect(fit.termination == .assignmentsUnchanged && fit.isConverged)
      let inertia = (0..<700).reduce(0) { $0 + naiveSquare(x, $1, fit.centers, fit.labels[$1]) }
      #expect(abs(fit.inertia - inertia) < 1e-9 * inertia)
      #expect(fit.counts.reduce(0, +) == 700)
      counts.append(fit.distanceCount)
    }
    #expect(counts[0] < counts[1])
  }

  @Test("scikit-learn's labels, centers, inertia and iterations from the same start")
  func reference() throws {
    let reference = try Reference.read()
    let x = Tensor<Double>(reference.x)
    let fit = try KMeans(k: 5).fit(x, from: Tensor(Array(reference.x[0..<5])))
    #expect(fit.labels == reference.labels)
    #expect(largestDifference(fit.centers.elements, reference.centers.flatMap { $0 }) < 1e-9)
    #expect(abs(fit.inertia / reference.inertia - 1) < 1e-12)
    #expect(fit.iterations == reference.iterations)
    let single = try KMeans(k: 5).fit(
      Tensor<Float>(converting: x), from: Tensor(converting: Tensor<Double>(Array(reference.x[0..<5]))))
    #expect(abs(single.inertia / reference.inertia - 1) < 1e-6)
    #expect(try fit.predict(x) == fit.labels)
  }

  @Test("Results do not depend on the number of threads, and starts improve or keep the inertia")
  func threads() throws {
    let x: Tensor<Float> = clouds(3000, 20, centers: 8, spread: 3, seed: 5)
    for method in [KMeans.Method.lloyd, .miniBatch(size: 100)] {
      let one = try KMeans(k: 8, method: method, starts: 2, iterationLimit: 60)
        .fit(x, generator: RandomGenerator(seed: 1), pool: ThreadPool(threads: 1))
      let three = try KMeans(k: 8, method: method, starts: 2, iterationLimit: 60)
        .fit(x, generator: RandomGenerator(seed: 1), pool: ThreadPool(threads: 3))
      #expect(one.labels == three.labels && one.centers == three.centers && one.inertia == three.inertia)
      let single = try KMeans(k: 8, method: method, iterationLimit: 60).fit(x, generator: RandomGenerator(seed: 1))
      #expect(one.inertia <= single.inertia)
    }
  }

  @Test("Mini-batches come near Lloyd's inertia on well separated clouds")
  func miniBatches() throws {
    let x: Tensor<Double> = clouds(2000, 6, centers: 4, spread: 0.5, seed: 9)
    let lloyd = try KMeans(k: 4, starts: 3).fit(x, generator: RandomGenerator(seed: 2))
    let batches = try KMeans(k: 4, method: .miniBatch(size: 64), starts: 3, iterationLimit: 100)
      .fit(x, generator: RandomGenerator(seed: 2))
    #expect(batches.inertia < 1.05 * lloyd.inertia)
    #expect(batches.termination == .iterationLimit && !batches.isConverged)
  }

  @Test("k-means++ finds far clouds that a start within one of them does not")
  func plusPlus() throws {
    let x: Tensor<Double> = clouds(600, 4, centers: 6, spread: 0.05, seed: 4)
    let fit = try KMeans(k: 6, starts: 4).fit(x, generator: RandomGenerator(seed: 3))
    // Six clouds of deviation 0.05 in four dimensions: n d σ².
    #expect(fit.inertia < 600 * 4 * 0.0025 * 1.2)
  }

  @Test("A cluster without points gets the farthest one")
  func empty() throws {
    let x: Tensor<Double> = [[0, 0], [0, 1], [1, 0], [1, 1], [10, 10]]
    let start: Tensor<Double> = [[0, 0], [1000, 1000], [2000, 0]]
    let fit = try KMeans(k: 3).fit(x, from: start)
    #expect(fit.counts.allSatisfy { $0 > 0 })
    #expect(fit.labels[4] == 1)
    #expect(fit.isConverged)
  }

  @Test("Data far from the origin keep their digits")
  func offset() throws {
    let near: Tensor<Float> = clouds(500, 4, centers: 3, spread: 0.5, seed: 6)
    let far = near.map { $0.rounded(.toNearestOrEven) + 100_000 }
    let fit = try KMeans(k: 3).fit(far, from: Tensor([3, 4], Array(far.elements[0..<12])))
    let expected = naiveLloyd(
      Tensor(converting: far), from: Tensor([3, 4], far.elements[0..<12].map(Double.init)), limit: 300)
    #expect(zip(fit.labels, expected.labels).count { $0 != $1 } == 0)
  }

  @Test("Bad input is a typed error")
  func errors() {
    let x: Tensor<Double> = [[0, 1], [2, 3], [4, 5]]
    let generator = RandomGenerator(seed: 0)
    #expect(throws: FeatureLearningError.clusterCount(k: 0, points: 3)) {
      try KMeans(k: 0).fit(x, generator: generator)
    }
    #expect(throws: FeatureLearningError.clusterCount(k: 4, points: 3)) {
      try KMeans(k: 4).fit(x, generator: generator)
    }
    var bad = x
    bad[1, 1] = .nan
    #expect(throws: FeatureLearningError.notFinite(row: 1, column: 1, value: "nan")) {
      try KMeans(k: 2).fit(bad, generator: generator)
    }
    bad[1, 1] = 1e300
    #expect(throws: FeatureLearningError.self) { try KMeans(k: 2).fit(bad, generator: generator) }
    let same = Tensor<Float>([10, 3], repeating: 0.1)
    #expect(throws: FeatureLearningError.tooFewDistinctPoints(found: 1, k: 2)) {
      try KMeans(k: 2).fit(same, generator: generator)
    }
    #expect(throws: FeatureLearningError.self) { try KMeans(k: 2).fit(same, from: Tensor([2, 3], repeating: 0)) }
    #expect(throws: FeatureLearningError.shape(what: "the starting centers", expected: [2, 2], found: [3, 2])) {
      try KMeans(k: 2).fit(x, from: x)
    }
    #expect(throws: FeatureLearningError.notAMatrix(found: [3])) {
      try KMeans(k: 1).fit(Tensor<Float>([1, 2, 3]), generator: generator)
    }
    let one = try? KMeans(k: 1).fit(same, generator: generator)
    #expect(one?.labels == [Int](repeating: 0, count: 10))
  }
}

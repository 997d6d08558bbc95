import BLAS
import FeatureLearning
import Tensors
import Testing

@Suite("Clustering scores, neighbours and t-SNE")
struct ScoreTests {
  @Test("scikit-learn's normalised mutual information, adjusted Rand index and silhouette")
  func reference() throws {
    let reference = try Reference.read()
    let table = try ContingencyTable(classes: reference.classes, clusters: reference.labels)
    #expect(abs(table.normalizedMutualInformation - reference.nmi) < 1e-12)
    #expect(abs(table.adjustedRandIndex - reference.ari) < 1e-12)
    let score = try silhouette(Tensor<Double>(reference.x), labels: reference.labels)
    #expect(abs(score - reference.silhouette) < 1e-9)
  }

  @Test("Renaming clusters changes no score; one value and perfect agreement are the ends")
  func ends() throws {
    let classes = [0, 0, 1, 1, 2, 2, 2]
    let renamed = classes.map { [9, 4, 700][$0] }
    let same = try ContingencyTable(classes: classes, clusters: renamed)
    #expect(same.adjustedRandIndex == 1 && same.matchedAccuracy == 1)
    #expect(abs(same.normalizedMutualInformation - 1) < 1e-12)
    let single = try ContingencyTable(classes: classes, clusters: [Int](repeating: 3, count: 7))
    #expect(single.normalizedMutualInformation == 0 && single.adjustedRandIndex == 0)
    #expect(abs(single.matchedAccuracy - 3.0 / 7) < 1e-12)
    #expect(throws: FeatureLearningError.labelCount(expected: 7, found: 1)) {
      try ContingencyTable(classes: classes, clusters: [1])
    }
    #expect(throws: FeatureLearningError.negativeLabel(row: 1, value: -2)) {
      try ContingencyTable(classes: [0, -2], clusters: [0, 0])
    }
  }

  @Test("The matching is the best of all permutations", arguments: 0..<20)
  func matching(seed: Int) throws {
    var generator = RandomGenerator(seed: UInt64(seed))
    let (rows, columns) = (1 + generator.next(upperBound: 5), 1 + generator.next(upperBound: 5))
    let weights = (0..<rows).map { _ in (0..<columns).map { _ in Double(generator.next(upperBound: 20)) } }
    func best(_ row: Int, _ used: Set<Int>) -> Double {
      guard row < rows else { return 0 }
      let skipped = rows > columns ? best(row + 1, used) : -.infinity
      return (0..<columns).filter { !used.contains($0) }
        .reduce(skipped) { max($0, weights[row][$1] + best(row + 1, used.union([$1]))) }
    }
    let found = try maximumMatching(weights)
    let chosen = found.compactMap { $0 }
    #expect(Set(chosen).count == chosen.count && chosen.count == min(rows, columns))
    var total = 0.0
    for (row, column) in found.enumerated() {
      if let column { total += weights[row][column] }
    }
    #expect(total == best(0, []))
  }

  @Test("Weights that are no numbers or no table are refused", .timeLimit(.minutes(1)))
  func impossibleMatchings() {
    for weights in [[[1, .nan], [2, 3]], [[1, .infinity]], [[1, 2], [3]], [[1], [2, 3]], [[1e200, 0]]] as [[[Double]]] {
      #expect(throws: FeatureLearningError.self) { try maximumMatching(weights) }
    }
    #expect(throws: Never.self) { try maximumMatching([]) }
  }

  @Test("As many clusters as points need no table of their squares, and one that is too large is refused")
  func manyClusters() throws {
    let count = 6000
    let x = Tensor<Double>([count, 1], (0..<count).map { Double($0 / 2) })
    let scores = try silhouettes(x, labels: (0..<count).map { $0 / 2 })
    #expect(scores.allSatisfy { $0 > 0.999 })
    #expect(throws: FeatureLearningError.self) {
      try ContingencyTable(classes: Array(0..<count), clusters: Array(0..<count))
    }
  }

  @Test("Silhouettes by their definition, with a point alone")
  func silhouettesByDefinition() throws {
    let x: Tensor<Float> = clouds(300, 3, centers: 4, spread: 2, seed: 1)
    var labels = (0..<300).map { $0 % 4 }
    labels[7] = 9
    let scores = try silhouettes(x, labels: labels)
    for row in 0..<300 {
      func mean(_ cluster: Int) -> Double {
        let members = labels.indices.filter { labels[$0] == cluster && $0 != row }
        return members.reduce(0) { $0 + naiveSquare(x, row, x, $1).squareRoot() } / Double(members.count)
      }
      guard labels[row] != 9 else {
        #expect(scores[row] == 0)
        continue
      }
      let a = mean(labels[row])
      let b = Set(labels).subtracting([labels[row]]).map(mean).min() ?? 0
      #expect(abs(scores[row] - (b - a) / max(a, b)) < 1e-4)
    }
    #expect(throws: FeatureLearningError.clustersForScore(found: 1, points: 300)) {
      try silhouettes(x, labels: [Int](repeating: 2, count: 300))
    }
  }

  @Test("Neighbours are those of a full sort, ties by row")
  func neighbours() throws {
    let reference = (clouds(600, 4, centers: 5, spread: 1, seed: 2) as Tensor<Float>).map { $0.rounded() }
    let queries = (clouds(300, 4, centers: 5, spread: 1, seed: 2) as Tensor<Float>).map { $0.rounded() }
    let found = try nearestNeighbours(of: queries, in: reference, count: 1)
    let several = try nearestNeighbours(of: queries, in: reference, count: 3)
    for query in 0..<300 {
      let squares = (0..<600).map { naiveSquare(queries, query, reference, $0) }
      let sorted = squares.sorted()
      #expect(found.distances[query] == [sorted[0].squareRoot()])
      #expect(several.distances[query] == sorted[0..<3].map { $0.squareRoot() })
      #expect(zip(several.rows[query], several.distances[query]).allSatisfy { squares[$0].squareRoot() == $1 })
    }
    #expect(throws: FeatureLearningError.self) { try nearestNeighbours(of: queries, in: reference, count: 601) }
  }

  @Test("t-SNE keeps clouds apart, and does not depend on threads")
  func embedding() throws {
    let x: Tensor<Float> = clouds(150, 8, centers: 3, spread: 0.2, seed: 12)
    let clusters = try KMeans(k: 3, starts: 3).fit(x, generator: RandomGenerator(seed: 1))
    let method = TSNE(perplexity: 15, iterations: 300)
    let result = try method.embed(x, generator: RandomGenerator(seed: 5), pool: ThreadPool(threads: 1))
    let again = try method.embed(x, generator: RandomGenerator(seed: 5), pool: ThreadPool(threads: 3))
    #expect(result.places == again.places)
    #expect(try silhouette(result.places, labels: clusters.labels) > 0.6)
    #expect(result.divergence > 0 && result.divergence < 1)
    #expect(throws: FeatureLearningError.self) {
      try TSNE(perplexity: 60).embed(x, generator: RandomGenerator(seed: 5))
    }
  }
}

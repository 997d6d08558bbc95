import BLAS
import FeatureLearning
import Tensors
import Testing

@Suite("Principal components")
struct PCATests {
  @Test("scikit-learn's components, variances and whitened projections, tall and wide")
  func reference() throws {
    let reference = try Reference.read()
    let x = Tensor<Double>(reference.x)
    let fit = try PCA(components: 4).fit(x)
    #expect(largestDifference(fit.components.elements, reference.components.flatMap { $0 }) < 1e-10)
    #expect(largestDifference(fit.explainedVariance, reference.variance) < 1e-10)
    #expect(largestDifference(fit.explainedVarianceRatio, reference.ratio) < 1e-12)
    let whitened = try PCA(components: 4, whitens: true).fit(x).transform(x)
    #expect(largestDifference(Array(whitened.elements[0..<20]), reference.whitened.flatMap { $0 }) < 1e-9)
    let wide = try PCA(components: 3).fit(Tensor<Double>(reference.wide))
    #expect(largestDifference(wide.components.elements, reference.wideComponents.flatMap { $0 }) < 1e-10)
    #expect(largestDifference(wide.explainedVariance, reference.wideVariance) < 1e-10)
  }

  @Test("Random subspaces give the leading components of data that have few")
  func randomized() throws {
    let x: Tensor<Double> = clouds(400, 60, centers: 9, spread: 0.3, seed: 3)
    let full = try PCA(components: 5).fit(x)
    let random = try PCA(components: 5, method: .randomized(seed: 4)).fit(x)
    #expect(largestDifference(random.components.elements, full.components.elements) < 1e-6)
    #expect(abs(random.totalVariance / full.totalVariance - 1) < 1e-12)
  }

  @Test("All components give the points back, whitened ones have variance 1, and threads do not matter")
  func roundTrip() throws {
    let x: Tensor<Float> = clouds(3000, 12, centers: 5, spread: 1, seed: 8)
    for whitens in [false, true] {
      let fit = try PCA(components: 12, whitens: whitens).fit(x, pool: ThreadPool(threads: 1))
      let again = try PCA(components: 12, whitens: whitens).fit(x, pool: ThreadPool(threads: 3))
      #expect(fit.components == again.components && fit.explainedVariance == again.explainedVariance)
      let short = try fit.transform(x)
      #expect(largestDifference(try fit.inverseTransform(short).elements, x.elements.map(Double.init)) < 1e-4)
      for column in 0..<12 where whitens {
        let square = (0..<3000).reduce(0.0) { $0 + Double(short[$1, column]) * Double(short[$1, column]) }
        #expect(abs(square / 2999 - 1) < 1e-3)
      }
    }
  }

  @Test("Components along which nothing varies but rounding are whitened to 0")
  func whitenedRounding() throws {
    func check<S: Scalar>(_ type: S.Type) throws {
      // Two directions of 60 features.
      let plane: Tensor<S> = clouds(300, 2, centers: 9, spread: 1, seed: 5)
      var elements: [S] = []
      for row in 0..<300 {
        for column in 0..<60 {
          let (first, second) = (S(column + 1) / 7, S(column * column % 11) / 3)
          elements.append(plane[row, 0] * first + plane[row, 1] * second)
        }
      }
      let x = Tensor<S>([300, 60], elements)
      let whitened = try PCA(components: 5, whitens: true).fit(x).transform(x)
      for row in 0..<300 { #expect((2..<5).allSatisfy { whitened[row, $0] == 0 }) }
      let squares = (0..<300).reduce(0.0) { $0 + Double(whitened[$1, 1] * whitened[$1, 1]) }
      #expect(abs(squares / 299 - 1) < 1e-2)
    }
    try check(Float.self)
    try check(Double.self)
  }

  @Test("Distances that would overflow are refused with the row")
  func largeRows() {
    let x = Tensor<Float>([2, 1], [1e19, -1e19])
    #expect(throws: FeatureLearningError.overflow(row: 0)) {
      try silhouettes(Tensor<Float>([3, 1], [1e19, -1e19, 0]), labels: [0, 0, 1])
    }
    #expect(throws: FeatureLearningError.overflow(row: 0)) {
      try KMeans(k: 2).fit(x, generator: RandomGenerator(seed: 1))
    }
  }

  @Test("Bad input is a typed error")
  func errors() {
    var x: Tensor<Float> = [[0, 1], [2, 3], [4, 5]]
    #expect(throws: FeatureLearningError.self) { try PCA(components: 3).fit(x) }
    #expect(throws: FeatureLearningError.self) { try PCA(components: 0).fit(x) }
    x[2, 0] = .infinity
    #expect(throws: FeatureLearningError.notFinite(row: 2, column: 0, value: "inf")) { try PCA(components: 1).fit(x) }
    // Every row has a length, but the squares of the second column add up to more than the type holds.
    var large = Tensor<Float>([16, 2], repeating: 0)
    for row in 0..<16 { large[row, 1] = row % 2 == 0 ? 6e18 : -6e18 }
    let tooLarge = #expect(throws: FeatureLearningError.self) { try PCA(components: 1).fit(large) }
    guard case .outOfRange(let what, _, _) = tooLarge, what.contains("column 1") else {
      Issue.record("found \(String(describing: tooLarge))")
      return
    }
    let flat = try? PCA(components: 1, whitens: true).fit(Tensor<Float>([4, 2], repeating: 3))
    #expect(flat?.explainedVariance == [0])
    #expect((try? flat?.transform(Tensor<Float>([4, 2], repeating: 3)))?.isFinite == true)
  }
}

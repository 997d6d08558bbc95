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

  /// Points between whose columns others are put that hold one number each: some 0, some not representable exactly.
  private func padded<S: Scalar>(_ x: Tensor<S>, _ constants: [Int]) -> Tensor<S> {
    let (rows, width) = (x.shape[0], x.shape[1] + constants.count)
    var elements: [S] = []
    for row in 0..<rows {
      var next = 0
      for column in 0..<width {
        if let index = constants.firstIndex(of: column) {
          elements.append(index % 2 == 0 ? 0 : S(index) / 3)
        } else {
          elements.append(x[row, next])
          next += 1
        }
      }
    }
    return Tensor([rows, width], elements)
  }

  @Test("Constant features get zeros, and the components of the others are those without them")
  func constantColumns() throws {
    func check<S: Scalar>(_ type: S.Type, rows: Int, width: Int, components: Int, _ constants: [Int]) throws {
      let x: Tensor<S> = clouds(rows, width, centers: 7, spread: 1, seed: 31)
      let wide = padded(x, constants)
      let places = (0..<width + constants.count).filter { !constants.contains($0) }
      for whitens in [false, true] {
        let analysis = PCA(components: components, whitens: whitens)
        let (plain, fit) = (try analysis.fit(x), try analysis.fit(wide))
        // The columns' sums are taken in another order where they lie elsewhere.
        let tolerance = 1e3 * Double(S.ulpOfOne)
        #expect(largestDifference(fit.explainedVariance, plain.explainedVariance) < tolerance * plain.totalVariance)
        #expect(abs(fit.totalVariance / plain.totalVariance - 1) < tolerance)
        for component in 0..<components {
          #expect(constants.allSatisfy { fit.components[component, $0] == 0 })
          for (column, place) in places.enumerated() {
            #expect(abs(Double(fit.components[component, place] - plain.components[component, column])) < tolerance)
          }
        }
        for (column, place) in places.enumerated() {
          #expect(abs(Double(fit.mean[place] - plain.mean[column])) < tolerance)
        }
        for place in constants { #expect(fit.mean[place] == wide[0, place]) }
        let (short, expected) = (try fit.transform(wide), try plain.transform(x))
        #expect(largestDifference(short.elements, expected.elements.map { Double($0) }) < 20 * tolerance)
        let back = try fit.inverseTransform(short)
        for row in 0..<rows { #expect(constants.allSatisfy { back[row, $0] == wide[row, $0] }) }
      }
    }
    // More rows than one task takes, few and many components.
    try check(Float.self, rows: 2500, width: 23, components: 4, [0, 1, 5, 6, 7, 20, 29])
    try check(Float.self, rows: 300, width: 9, components: 9, [3, 10])
    try check(Double.self, rows: 1100, width: 23, components: 5, [0, 24, 25])
  }

  @Test("A feature that differs in one row alone takes part")
  func lastRow() throws {
    for row in [1, 40, 1500, 2999] {
      var x = Tensor<Float>([3000, 3], repeating: 2)
      x[row, 1] = 5
      let fit = try PCA(components: 1).fit(x)
      #expect(fit.components.elements == [0, 1, 0])
      #expect(abs(fit.explainedVariance[0] - 9.0 / 3000) < 1e-6)
    }
  }

  @Test("Fewer features that vary than components: orthonormal rows, variance 0, whitened to 0")
  func fewVarying() throws {
    for varying in [0, 1, 3] {
      let constants = Array([4, 0, 7, 2, 5, 1, 6, 3].prefix(8 - varying))
      var x = Tensor<Float>([50, 8], repeating: 1.5)
      let points: Tensor<Float> = clouds(50, 8, centers: 5, spread: 1, seed: 12)
      for column in 0..<8 where !constants.contains(column) {
        for row in 0..<50 { x[row, column] = points[row, column] }
      }
      let fit = try PCA(components: 5, whitens: true).fit(x)
      for a in 0..<5 {
        for b in 0..<5 {
          let product = (0..<8).reduce(0.0) { $0 + Double(fit.components[a, $1] * fit.components[b, $1]) }
          #expect(abs(product - (a == b ? 1 : 0)) < 1e-5)
        }
      }
      #expect(fit.explainedVariance.prefix(varying).allSatisfy { $0 > 0.1 })
      #expect(fit.explainedVariance.dropFirst(varying).allSatisfy { $0 == 0 })
      #expect(varying > 0 || (fit.totalVariance == 0 && fit.explainedVarianceRatio == [0, 0, 0, 0, 0]))
      let short = try fit.transform(x)
      for row in 0..<50 { #expect((varying..<5).allSatisfy { short[row, $0] == 0 }) }
      #expect(largestDifference(try fit.inverseTransform(short).elements, x.elements.map { Double($0) }) < 1e-4)
    }
    // A feature that holds infinity in every row is no constant.
    #expect(throws: FeatureLearningError.notFinite(row: 0, column: 1, value: "inf")) {
      try PCA(components: 1).fit(Tensor<Float>([3, 2], [1, .infinity, 2, .infinity, 4, .infinity]))
    }
    #expect(throws: FeatureLearningError.self) {
      try PCA(components: 1).fit(Tensor<Float>([3, 2], [1, .nan, 2, .nan, 4, .nan]))
    }
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

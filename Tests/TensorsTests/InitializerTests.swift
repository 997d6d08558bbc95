import BLAS
import Tensors
import Testing

struct InitializerTests {
  static let generator = RandomGenerator(seed: 1, stream: "test")
  static let fans = Fans(fanIn: 150, fanOut: 400)

  /// Each independent family with its distribution for ``fans``, by the formulas of the papers.
  static let expectations: [(Initializer, Distribution)] = [
    (.randomUniform(), .uniform(-0.05...0.05)),
    (.randomUniform(in: 0...1), .uniform(0...1)),
    (.randomNormal(), .normal(mean: 0, standardDeviation: 0.05)),
    (.randomNormal(mean: 2, standardDeviation: 1), .normal(mean: 2, standardDeviation: 1)),
    (.truncatedNormal(), .truncatedNormal(mean: 0, standardDeviation: 0.05, bounds: -0.1...0.1)),
    (
      .truncatedNormal(standardDeviation: 1, truncation: .absolute(-2...2)),
      .truncatedNormal(mean: 0, standardDeviation: 1, bounds: -2...2)
    ),
    (.standard, .uniform(-1 / 150.0.squareRoot()...1 / 150.0.squareRoot())),
    (.lecun1998, .uniform(-0.016...0.016)),
    (.lecunUniform, .uniform(-0.02.squareRoot()...0.02.squareRoot())),
    (.lecunNormal, cutNormal(variance: 1 / 150)),
    (.lecunNormal(convention: .pytorch), .normal(mean: 0, standardDeviation: (1 / 150.0).squareRoot())),
    (.glorotUniform, .uniform(-(6 / 550.0).squareRoot()...(6 / 550.0).squareRoot())),
    (.glorotUniform(gain: .tanh), .uniform(-5 / 3 * (6 / 550.0).squareRoot()...5 / 3 * (6 / 550.0).squareRoot())),
    (.glorotNormal, cutNormal(variance: 2 / 550)),
    (.glorotNormal(convention: .pytorch), .normal(mean: 0, standardDeviation: (2 / 550.0).squareRoot())),
    (.heUniform, .uniform(-0.2...0.2)),
    (.heUniform(mode: .fanOut), .uniform(-(6 / 400.0).squareRoot()...(6 / 400.0).squareRoot())),
    (.heNormal, cutNormal(variance: 2 / 150)),
    (
      .heNormal(mode: .fanOut, gain: 1, convention: .pytorch),
      .normal(mean: 0, standardDeviation: 0.05)
    ),
    (
      .varianceScaling(scale: 3, mode: .fanOut, distribution: .normal),
      .normal(mean: 0, standardDeviation: 0.0075.squareRoot())
    ),
  ]

  static func cutNormal(variance: Double) -> Distribution {
    let deviation = variance.squareRoot() / 0.87962566103423978
    return .truncatedNormal(mean: 0, standardDeviation: deviation, bounds: -2 * deviation...2 * deviation)
  }

  @Test(arguments: expectations.indices)
  func drawsFollowTheFormula(_ index: Int) throws {
    let (initializer, expected) = Self.expectations[index]
    let tensor = try initializer.makeTensor([150, 100], of: Double.self, fans: Self.fans, generator: Self.generator)
    #expect(kolmogorovStatistic(tensor.elements, expected) < 1.95)
    let moments = Moments(tensor.elements)
    #expect((moments.mean - expected.mean).magnitude < moments.meanTolerance)
    #expect((moments.variance - expected.variance).magnitude < moments.varianceTolerance)
    let theory = try #require(initializer.theoreticalVariance(fans: Self.fans))
    #expect((theory - expected.variance).magnitude <= 1e-12 * theory)
    switch expected {
    case .uniform(let bounds), .truncatedNormal(_, _, let bounds):
      // The end points by our own arithmetic may differ from the library's in the last place.
      let slack = 1e-15
      #expect(tensor.elements.allSatisfy { $0 >= bounds.lowerBound - slack && $0 <= bounds.upperBound + slack })
    case .normal: break
    }
  }

  @Test func variancesOfThePapers() throws {
    func variance(_ initializer: Initializer, _ fanIn: Int, _ fanOut: Int) throws -> Double {
      try #require(initializer.theoreticalVariance(fans: Fans(fanIn: fanIn, fanOut: fanOut)))
    }
    // Glorot and Bengio: n Var W = 1/3 (15) and Var W = 2 / (n + n') (12).
    #expect((try variance(.standard, 1000, 10) * 1000 - 1.0 / 3).magnitude < 1e-15)
    #expect((try variance(.glorotUniform, 1000, 500) - 2.0 / 1500).magnitude < 1e-18)
    #expect((try variance(.glorotNormal, 1000, 500) - 2.0 / 1500).magnitude < 1e-18)
    #expect((try variance(.heNormal, 1000, 500) - 2.0 / 1000).magnitude < 1e-18)
    #expect((try variance(.lecun1998, 120, 84) - 2.4 * 2.4 / 3 / 14400).magnitude < 1e-18)
    #expect(try variance(.constant(3), 1, 1) == 0)
    #expect(Initializer.orthogonal.theoreticalVariance(fans: Self.fans) == nil)
  }

  @Test(arguments: ["zeros", "standard", "glorot_normal", "orthogonal", "sparse", "truncated_normal"])
  func singlePrecisionIsDoubleRounded(_ name: String) throws {
    let initializer = try Initializer(named: name)
    let double = try initializer.makeTensor([30, 20], of: Double.self, generator: Self.generator)
    let single = try initializer.makeTensor([30, 20], of: Float.self, generator: Self.generator)
    #expect(single == Tensor(converting: double))
  }

  @Test(arguments: Initializer.knownNames)
  func namesAndDeterminism(_ name: String) throws {
    let initializer = try Initializer(named: name)
    #expect(initializer.name == name && initializer.description == name)
    let shape: Shape = name == "dirac" ? [3, 3, 4, 4] : [12, 9]
    let first = try initializer.makeTensor(shape, of: Float.self, generator: Self.generator)
    #expect(first == (try initializer.makeTensor(shape, of: Float.self, generator: Self.generator)))
    #expect(first.shape == shape && first.isFinite)
    let other = try initializer.makeTensor(shape, of: Float.self, generator: RandomGenerator(seed: 2, stream: "test"))
    let isDrawn = !["zeros", "ones", "identity", "dirac"].contains(name)
    #expect((first != other) == isDrawn)
  }

  @Test func namesOfTheFamilies() throws {
    #expect(
      Initializer.knownNames == [
        "dirac", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "identity", "lecun_1998",
        "lecun_normal", "lecun_uniform", "ones", "orthogonal", "random_normal", "random_uniform", "sparse", "standard",
        "truncated_normal", "variance_scaling", "zeros",
      ])
    let error = #expect(throws: InitializerError.self) { try Initializer(named: "xavier") }
    #expect(error == .unknownName("xavier", known: Initializer.knownNames))
    #expect(error?.description.contains("\"xavier\"; known are dirac, glorot_normal") == true)
  }

  @Test func descriptionsShowParameters() {
    #expect(Initializer.glorotUniform.description == "glorot_uniform")
    #expect(
      Initializer.heNormal(mode: .fanOut, gain: 1).description
        == "he_normal(scale: 1.0, mode: fanOut, distribution: truncatedNormal)")
    #expect(Initializer.randomUniform(in: 0...1).description == "random_uniform(in: 0.0...1.0)")
    #expect(Initializer.constant(0.5).description == "constant(0.5)")
  }

  @Test func equalityComparesParameters() {
    #expect(Initializer.heNormal == .heNormal(gain: .relu))
    #expect(Initializer.heNormal != .heNormal(convention: .pytorch))
    #expect(Initializer.glorotUniform != .glorotNormal)
    #expect(Initializer.randomUniform() != .randomUniform(in: 0...1))
  }

  @Test func gains() {
    #expect(Gain.tanh.value == 5.0 / 3 && Gain.linear.value == 1 && Gain.sigmoid.value == 1 && Gain.selu.value == 0.75)
    #expect((Gain.relu.value * Gain.relu.value - 2).magnitude < 1e-15)
    #expect((Gain.leakyRelu(slope: 0.5).value - 1.6.squareRoot()).magnitude < 1e-15)
    #expect((2.5 as Gain).value == 2.5 && (3 as Gain).value == 3)
  }

  @Test func constants() throws {
    #expect(try Initializer.zeros.makeTensor([2], generator: Self.generator) == ([0, 0] as Tensor<Float>))
    #expect(try Initializer.ones.makeTensor([2], generator: Self.generator) == ([1, 1] as Tensor<Float>))
    #expect(try Initializer.constant(-2).makeTensor([], generator: Self.generator) == (-2 as Tensor<Double>))
  }

  @Test func degenerateWidths() throws {
    for form in Initializer.Form.allCases {
      let nothing: Tensor<Float> = try Initializer.varianceScaling(scale: 0, distribution: form)
        .makeTensor([3], generator: Self.generator)
      #expect(nothing == [0, 0, 0])
    }
    let one = Fans(fanIn: 1, fanOut: 1)
    for unusable in [
      Initializer.varianceScaling(scale: 1e308, distribution: .uniform),
      .truncatedNormal(mean: 1e300, standardDeviation: 1),
      .truncatedNormal(mean: 1, truncation: .standardDeviations(1e-300)),
    ] {
      #expect(throws: InitializerError.unusableDistribution(initializer: unusable.name, fans: one)) {
        try unusable.makeTensor([4], of: Float.self, fans: one, generator: Self.generator)
      }
    }
  }

  @Test func fansDefaultToTheShape() throws {
    let own: Tensor<Float> = try Initializer.glorotUniform.makeTensor([5, 5, 6, 16], generator: Self.generator)
    let passed: Tensor<Float> = try Initializer.glorotUniform.makeTensor(
      [5, 5, 6, 16], fans: Fans(fanIn: 150, fanOut: 400), generator: Self.generator)
    #expect(own == passed)
    // No fan at all counts as one.
    let bias: Tensor<Float> = try Initializer.standard.makeTensor(
      [100], fans: Fans(fanIn: 0, fanOut: 0), generator: Self.generator)
    #expect(bias.elements.contains { $0.magnitude > 0.5 } && bias.elements.allSatisfy { $0.magnitude <= 1 })
  }

  @Test(arguments: [
    (Initializer.randomNormal(standardDeviation: -1), "standardDeviation"), (.randomNormal(mean: .nan), "mean"),
    (.truncatedNormal(standardDeviation: 0), "standardDeviation"),
    (.truncatedNormal(truncation: .standardDeviations(-1)), "truncation"),
    (.truncatedNormal(standardDeviation: 1, truncation: .absolute(50...60)), "truncation"),
    (.varianceScaling(scale: -1), "scale"), (.heNormal(gain: Gain(.infinity)), "scale"),
    (.randomUniform(in: -.infinity...0), "the range's width"), (.orthogonal(gain: Gain(.nan)), "gain"),
    (.dirac(groups: 0), "groups"), (.sparse(zeroFraction: 1.5), "zeroFraction"),
    (.sparse(zeroFraction: 0.5, standardDeviation: .nan), "standardDeviation"),
  ])
  func invalidParametersThrow(_ initializer: Initializer, _ parameter: String) {
    let error = #expect(throws: InitializerError.self) {
      try initializer.makeTensor([4, 4], of: Float.self, generator: Self.generator)
    }
    guard case .invalidParameter(let name, let found, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(name == initializer.name && found == parameter)
    #expect(initializer.distribution(fans: Self.fans) == nil)
    #expect(initializer.theoreticalVariance(fans: Self.fans) == nil)
  }
}

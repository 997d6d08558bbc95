public import BLAS

/// How a weight is filled before training: a value made of a distribution, a fan and a gain.
///
/// ```swift
/// let kernel: Tensor<Float> = try Initializer.glorotUniform.makeTensor(
///   [784, 100], generator: RandomGenerator(seed: 1, stream: "dense1/kernel"))
/// ```
///
/// What is drawn depends on the initializer, the shape, the fans and the generator alone. Numbers are drawn in double
/// precision and rounded, so a `Float` tensor is the `Double` one rounded.
public struct Initializer: Sendable, Hashable {
  /// The name of the family, as files and flags write it: `glorot_uniform`.
  public let name: String

  let rule: Rule

  /// The fan that a variance is scaled by.
  public enum Mode: String, Sendable, Hashable, CaseIterable {
    /// Keeps the variance of activations.
    case fanIn
    /// Keeps the variance of gradients.
    case fanOut
    /// The mean of both fans.
    case fanAverage
  }

  /// The form of a distribution of mean 0 whose variance is scaled by a fan.
  public enum Form: String, Sendable, Hashable, CaseIterable {
    /// `U(±√(3 · variance))`.
    case uniform
    /// The plain normal distribution.
    case normal
    /// The normal distribution cut at two deviations, widened by 1 / 0.87962566103423978 so that its variance after
    /// the cut is the one asked for.
    case truncatedNormal
  }

  /// Whose habit to follow where libraries differ.
  public enum Convention: String, Sendable, Hashable, CaseIterable {
    /// "Normal" scaled by a fan is cut at two deviations and widened; the last axis counts the outputs.
    case keras
    /// "Normal" scaled by a fan is the plain normal; the first axis counts the outputs.
    case pytorch
  }

  /// Where a truncated normal is cut.
  public enum Truncation: Sendable, Hashable {
    /// At so many deviations on either side of the mean, as Keras and JAX cut.
    case standardDeviations(Double)
    /// At fixed numbers, whatever the mean and deviation, as PyTorch cuts.
    case absolute(ClosedRange<Double>)
  }

  enum Rule: Sendable, Hashable {
    case constant(Double)
    case uniform(ClosedRange<Double>)
    case normal(mean: Double, standardDeviation: Double)
    case truncatedNormal(mean: Double, standardDeviation: Double, truncation: Truncation)
    case varianceScaling(scale: Double, mode: Mode, form: Form)
    case uniformOverFanIn(numerator: Double)
    case orthogonal(gain: Double, convention: Convention)
    case identity(gain: Double)
    case dirac(groups: Int)
    case sparse(zeroFraction: Double, standardDeviation: Double)
  }

  init(_ name: String, _ rule: Rule) {
    self.name = name
    self.rule = rule
  }

  /// Makes a filled tensor.
  ///
  /// - Parameters:
  ///   - shape: The extents of the weight.
  ///   - type: The scalar.
  ///   - fans: The fans of the layer the weight belongs to; nil for those that ``Fans/of(shape:)`` reads off the shape.
  ///   - generator: The stream to draw from, at its present position.
  /// - Throws: ``InitializerError`` when the initializer does not exist for this shape or a parameter is out of range.
  public func makeTensor<S: Scalar>(
    _ shape: Shape, of type: S.Type = S.self, fans: Fans? = nil, generator: RandomGenerator
  ) throws(InitializerError) -> Tensor<S> {
    try validate()
    let fans = fans ?? .of(shape: shape)
    switch rule {
    case .constant(let value): return Tensor(shape, repeating: S(value))
    case .orthogonal(let gain, let convention):
      return try makeOrthogonal(shape, gain: gain, convention: convention, generator: generator)
    case .identity(let gain): return try makeIdentity(shape, gain: gain)
    case .dirac(let groups): return try makeDirac(shape, groups: groups)
    case .sparse(let zeroFraction, let deviation):
      return try makeSparse(shape, zeroFraction: zeroFraction, standardDeviation: deviation, generator: generator)
    case .uniform, .normal, .truncatedNormal, .varianceScaling, .uniformOverFanIn:
      guard let distribution = distribution(fans: fans) else {
        throw .unusableDistribution(initializer: name, fans: fans)
      }
      return makeTensor(shape, drawnFrom: distribution, generator: generator)
    }
  }

  /// The distribution that every element is drawn from independently; nil for initializers whose elements depend on
  /// one another or on their places, and for parameters out of range.
  public func distribution(fans: Fans) -> Distribution? {
    guard (try? validate()) != nil else { return nil }
    let distribution = unvalidatedDistribution(fans: fans)
    return distribution?.isValid == true ? distribution : nil
  }

  private func unvalidatedDistribution(fans: Fans) -> Distribution? {
    switch rule {
    case .constant, .orthogonal, .identity, .dirac, .sparse: return nil
    case .uniform(let range): return .uniform(range)
    case .normal(let mean, let deviation): return .normal(mean: mean, standardDeviation: deviation)
    case .truncatedNormal(let mean, let deviation, let truncation):
      switch truncation {
      case .absolute(let bounds): return .truncatedNormal(mean: mean, standardDeviation: deviation, bounds: bounds)
      case .standardDeviations(let count):
        return .truncatedNormal(
          mean: mean, standardDeviation: deviation, bounds: mean - count * deviation...mean + count * deviation)
      }
    case .varianceScaling(let scale, let mode, let form):
      return form.distribution(variance: scale / max(1, mode.fan(fans)))
    case .uniformOverFanIn(let numerator):
      let limit = numerator / Double(max(1, fans.fanIn))
      return .uniform(-limit...limit)
    }
  }

  /// The variance of every element over the draws; nil where it depends on the place or on the shape.
  public func theoreticalVariance(fans: Fans) -> Double? {
    switch rule {
    case .constant: 0
    default: distribution(fans: fans)?.variance
    }
  }
}

extension Initializer.Mode {
  func fan(_ fans: Fans) -> Double {
    switch self {
    case .fanIn: Double(fans.fanIn)
    case .fanOut: Double(fans.fanOut)
    case .fanAverage: fans.average
    }
  }
}

extension Initializer.Form {
  /// The standard deviation of a standard normal variable cut at ±2.
  static let deviationWithinTwo = 0.87962566103423978

  func distribution(variance: Double) -> Distribution {
    switch self {
    case .uniform:
      let limit = (3 * variance).squareRoot()
      return .uniform(-limit...limit)
    case .truncatedNormal where variance > 0:
      let deviation = variance.squareRoot() / Self.deviationWithinTwo
      return .truncatedNormal(mean: 0, standardDeviation: deviation, bounds: -2 * deviation...2 * deviation)
    case .normal, .truncatedNormal: return .normal(mean: 0, standardDeviation: variance.squareRoot())
    }
  }
}

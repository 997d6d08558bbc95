import Foundation

/// How a network is held back from overfitting.
public enum NetworkMethod: String, Codable, Sendable, Hashable, CaseIterable {
  /// Not at all.
  case none
  /// RSS + λ Σw².
  case l2
  /// RSS + λ Σ|w|.
  case l1
  /// Hidden units are 0 with a probability while training.
  case dropout
}

/// Penalties and dropout in a network that overfits.
public struct NetworkResults: Codable, Sendable, Hashable {
  /// How many inputs there are.
  public var inputs: Int
  /// The units of each hidden layer.
  public var hidden: [Int]
  /// How many weights and biases there are.
  public var weights: Int
  /// How many examples are trained on.
  public var observations: Int
  /// How many examples the test error is taken on.
  public var testCount: Int
  /// The deviation σ of the noise.
  public var noise: Double
  /// The learning rate.
  public var learningRate: Double
  /// The momentum.
  public var momentum: Double
  /// How many updates are made.
  public var updates: Int
  /// The strengths that were tried on other seeds, with the errors that the choice was made by.
  public var selection: [NetworkCandidate]
  /// A method and a seed an entry.
  public var runs: [NetworkRun]

  /// The runs of a method.
  public func runs(of method: NetworkMethod) -> [NetworkRun] { runs.filter { $0.method == method } }

  /// An error over the updates, an estimate over the seeds of a method.
  public func curve(of method: NetworkMethod, _ error: (NetworkRecord) -> Double) -> [CurvePoint] {
    let records = runs(of: method).map(\.records)
    return (records.first ?? []).indices.map { index in
      CurvePoint(
        step: records[0][index].step,
        estimate: Estimate(records.map { $0.indices.contains(index) ? error($0[index]) : .nan }))
    }
  }

  /// The last error of each seed of a method.
  public func finalErrors(of method: NetworkMethod, _ error: (NetworkRecord) -> Double) -> [Double] {
    runs(of: method).map { $0.records.last.map(error) ?? .nan }
  }

  /// How a method's last test error differs from that without any, seed by seed: below 0 where the method helps.
  public func difference(of method: NetworkMethod) -> Estimate {
    let plain = finalErrors(of: .none, \.test)
    return Estimate(zip(finalErrors(of: method, \.test), plain).map { $0 - $1 })
  }

  enum CodingKeys: String, CodingKey {
    case inputs, hidden, weights, observations, noise, momentum, updates, selection, runs
    case testCount = "test_count"
    case learningRate = "learning_rate"
  }
}

/// A strength that was tried.
public struct NetworkCandidate: Codable, Sendable, Hashable {
  /// The method.
  public var method: NetworkMethod
  /// λ beside the RSS, or dropout's probability.
  public var strength: Double
  /// The mean squared error on examples of other seeds, after the last update.
  public var validationError: Interval

  enum CodingKeys: String, CodingKey {
    case method, strength
    case validationError = "validation_error"
  }
}

/// A network under one method from one seed.
public struct NetworkRun: Codable, Sendable, Hashable {
  /// The method.
  public var method: NetworkMethod
  /// λ beside the RSS, or dropout's probability; 0 for none.
  public var strength: Double
  /// The seed's number: methods share the examples and the first weights of a seed.
  public var seed: Int
  /// The errors over the updates.
  public var records: [NetworkRecord]
}

/// The errors after some updates.
public struct NetworkRecord: Codable, Sendable, Hashable {
  /// How many updates had been made.
  public var step: Int
  /// The mean squared error on the examples trained on, without penalty and dropout.
  @Measured public var train: Double
  /// The mean squared error on other examples.
  @Measured public var test: Double

  /// The errors after `step` updates.
  public init(step: Int, train: Double, test: Double) {
    self.step = step
    self.train = train
    self.test = test
  }

  /// The steps at which errors are recorded, close together at the start: 0, 1, 2, ... up to `updates`.
  static func steps(updates: Int) -> Set<Int> {
    Set([0, updates] + (0...40).map { Int(pow(Double(updates), Double($0) / 40).rounded()) })
  }
}

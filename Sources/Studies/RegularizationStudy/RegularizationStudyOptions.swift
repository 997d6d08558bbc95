/// What a regularization study does and for how long.
public struct RegularizationStudyOptions: Sendable, Hashable {
  /// The parts of the study, each of which may be left out.
  public enum Part: String, Sendable, Hashable, CaseIterable, Codable {
    /// Coefficients along lambda for ridge and lasso, with the lasso's knots.
    case paths
    /// The L1 diamond and the L2 disc with the contours of the RSS.
    case geometry
    /// Shrinkage on an orthonormal design beside its formulas.
    case shrinkage
    /// Coefficients and predictions over many training sets: bias, variance, test error.
    case spread
    /// One input in other units, with and without standardising.
    case rescaling
    /// The penalties and dropout in a network that overfits.
    case network
  }

  /// The parts to run.
  public var parts = Part.allCases
  /// How many training sets the spread is taken over.
  public var trainingSets = 1000
  /// How many lambdas the curves of bias and variance have.
  public var lambdas = 25
  /// How many seeds each network is trained with, at least 2 so that there are intervals.
  public var networkSeeds = 12
  /// How many updates of a network are made.
  public var updates = 3000
  /// The seed of everything that is drawn.
  public var seed: UInt64 = 1

  /// The defaults: a quarter of a minute or so on two cores.
  public init() {}

  /// Checks every option.
  ///
  /// - Throws: ``StudyError`` that names the first option out of range, with what was expected.
  public func validate() throws(StudyError) {
    func require(
      _ holds: Bool, _ option: String, _ found: some Any, _ expected: String
    ) throws(StudyError) {
      if !holds { throw .option(option, expected: expected, found: "\(found)") }
    }
    try require(
      !parts.isEmpty, "parts", "none", "at least one of \(Part.allCases.map(\.rawValue).joined(separator: ", "))")
    try require(
      (10...100_000).contains(trainingSets), "training-sets", trainingSets,
      "10 to 100000, since quantiles need some")
    try require((5...1000).contains(lambdas), "lambdas", lambdas, "5 to 1000")
    try require(
      (2...1000).contains(networkSeeds), "network-seeds", networkSeeds,
      "2 to 1000, since intervals need at least two seeds")
    try require((10...1_000_000).contains(updates), "updates", updates, "10 to 1000000")
  }
}

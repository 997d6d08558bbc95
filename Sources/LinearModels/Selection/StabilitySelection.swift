public import BLAS
public import Tensors

/// Which columns are selected again and again, on random halves of the observations.
///
/// ```swift
/// let stability = try Lasso(lambda: 1).stabilitySelection(
///   x, y, maximumSelected: 8, random: RandomGenerator(seed: 1))
/// stability.frequencies["lcavol"]; stability.selected(threshold: 0.75)
/// try stability.expectedFalseSelections(threshold: 0.75)
/// ```
///
/// On each subsample I of ⌊n/2⌋ observations the model is fitted along a grid Λ of lambdas; S^λ(I) are the columns whose
/// coefficient is not 0. The frequency of a column is max over Λ of the share of subsamples with the column in S^λ(I), and
/// columns whose frequency reaches a threshold are called stable (Meinshausen and Bühlmann, "Stability selection", JRSS B
/// 72, 2010). Columns without a penalty are in every S^λ and stand aside: they are no part of what is selected or counted.
///
/// A subsample takes the share of lambda that its weight has, and standardises its own columns.
public struct StabilitySelection: Sendable {
  /// How the halves are drawn.
  public enum Sampling: Sendable, Hashable {
    /// So many halves, each by itself; the paper takes 100.
    case independent(Int)
    /// So many pairs of halves that have no observation in common (Shah and Samworth, "Variable selection with error
    /// control", JRSS B 75, 2013); they take 50.
    case complementaryPairs(Int)
  }

  /// The grid Λ, descending.
  public let lambdas: [Lambda]
  /// The share of subsamples that select a column at a lambda: lambdas x columns.
  public let pathFrequencies: Matrix<Double>
  /// The largest of a column's shares over the grid.
  public let frequencies: Coefficients
  /// How many subsamples were fitted.
  public let subsampleCount: Int
  /// q: how many penalised columns a subsample selects somewhere on the grid, on average.
  public let averageSelected: Double
  /// p: how many columns have a penalty.
  public let penalisedCount: Int
  /// Whether every fit of every subsample has converged.
  public let isCertified: Bool
  /// What conversions of lambda depend on.
  public let lambdaContext: LambdaContext

  private let isPenalised: [Bool]

  /// The columns whose frequency is at least the threshold, the most frequent first.
  public func selected(threshold: Double = 0.75) -> [Int] {
    frequencies.support.filter { isPenalised[$0] && frequencies[$0] >= threshold }
      .sorted { (frequencies[$1], $0) < (frequencies[$0], $1) }
  }

  /// The bound on the expected number of falsely selected columns, q² / ((2 threshold − 1) p).
  ///
  /// Theorem 1 of Meinshausen and Bühlmann, for a model that selects no noise column more often than another and does no
  /// worse than guessing. Without these assumptions it bounds the selected columns that a half selects with a probability
  /// of at most q / p (Shah and Samworth, Theorem 1, for complementary pairs). q is estimated by ``averageSelected``.
  ///
  /// - Parameter threshold: Above ½ and at most 1.
  /// - Throws: ``LinearModelError/invalidParameter(name:expected:found:)``.
  public func expectedFalseSelections(threshold: Double = 0.75) throws(LinearModelError) -> Double {
    guard threshold > 0.5, threshold <= 1 else {
      throw .invalidParameter(name: "the threshold", expected: "above 0.5 and at most 1", found: threshold)
    }
    guard penalisedCount > 0 else { return 0 }
    return averageSelected * averageSelected / ((2 * threshold - 1) * Double(penalisedCount))
  }

  /// What one subsample selects.
  private struct Subsample {
    /// The columns of each lambda.
    var sets: [[Int]] = []
    /// How many penalised columns there are in all sets together.
    var unionCount = 0
    var isCertified = true
  }

  init(
    _ model: GeneralizedLinearModel, _ all: Observations, _ grid: LambdaGrid, _ sampling: Sampling,
    maximumSelected: Int?, random: RandomGenerator
  ) throws(LinearModelError) {
    guard model.penalty.mixing > 0 else { throw .unsupported("stability selection without an L1 part") }
    if let maximumSelected, maximumSelected < 1 {
      throw .invalidParameter(
        name: "the most selected columns", expected: "at least 1", found: Double(maximumSelected))
    }
    let halves = try sampling.halves(rows: all.y.count, random: random)
    try model.settings.validate()
    let problem = try GeneralizedProblem(
      model.family, all.x, all.y, weights: all.weights, offsets: all.offsets, settings: model.settings, pool: .shared)
    var solver = ProximalNewton(problem, settings: model.settings, pool: .shared)
    lambdas = try GeneralizedPath.lambdas(model, &solver, grid)
    var penalties: [(l1: Double, l2: Double)] = []
    for lambda in lambdas { penalties.append(try model.penalty.with(lambda).parts(problem.lambdaContext)) }
    lambdaContext = problem.lambdaContext
    let (isPenalised, weight) = (try model.penalisedColumns(problem), all.weight)
    var results = [Result<Subsample, LinearModelError>?](repeating: nil, count: halves.count)
    results.withUnsafeMutableBufferPointer { results in
      ThreadPool.shared.run(halves.count) { task in
        results[task] = Result { () throws(LinearModelError) in
          try Self.subsample(
            model, all.selecting(halves[task]), weight, penalties, isPenalised, maximumSelected ?? .max)
        }
      }
    }

    let (p, subsamples) = (all.x.columns, Double(halves.count))
    var counts = [Int](repeating: 0, count: lambdas.count * p)
    var (selected, isCertified) = (0, true)
    for result in results {
      guard let subsample = try result?.get() else { continue }
      for (index, set) in subsample.sets.enumerated() { for column in set { counts[index * p + column] += 1 } }
      selected += subsample.unionCount
      isCertified = isCertified && subsample.isCertified
    }
    var largest = [Int](repeating: 0, count: p)
    for (position, count) in counts.enumerated() { largest[position % p] = max(largest[position % p], count) }
    pathFrequencies = Matrix(rows: lambdas.count, columns: p, elements: counts.map { Double($0) / subsamples })
    frequencies = Coefficients(names: all.x.names, values: largest.map { Double($0) / subsamples })
    subsampleCount = halves.count
    averageSelected = Double(selected) / subsamples
    (penalisedCount, self.isPenalised) = (isPenalised.count { $0 }, isPenalised)
    self.isCertified = isCertified
  }

  /// The columns that one subsample selects along the grid: from where more than `most` would have been selected on, the
  /// set stays as it was before.
  private static func subsample(
    _ model: GeneralizedLinearModel, _ part: Observations, _ weight: Double, _ penalties: [(l1: Double, l2: Double)],
    _ isPenalised: [Bool], _ most: Int
  ) throws(LinearModelError) -> Subsample {
    var (found, union): (Subsample, Set<Int>) = (Subsample(), [])
    try model.fitEach(part, of: weight, penalties) { (_, fit) throws(LinearModelError) in
      let support = fit.coefficients.support
      let grown = union.union(support.filter { isPenalised[$0] })
      found.isCertified = found.isCertified && fit.isCertified
      guard grown.count <= most else { return false }
      union = grown
      found.sets.append(support)
      return true
    }
    found.unionCount = union.count
    let last = found.sets.last ?? isPenalised.indices.filter { !isPenalised[$0] }
    while found.sets.count < penalties.count { found.sets.append(last) }
    return found
  }
}

extension StabilitySelection.Sampling {
  /// The observations of each half; task k depends on the seed and on k alone.
  func halves(rows: Int, random: RandomGenerator) throws(LinearModelError) -> [[Int]] {
    guard rows >= 2 else { throw .tooFewObservations(expectedMoreThan: 1, found: rows) }
    let (count, isPaired): (Int, Bool) =
      switch self {
      case .independent(let count): (count, false)
      case .complementaryPairs(let count): (count, true)
      }
    guard count >= 1 else {
      throw .invalidParameter(name: "the number of subsamples", expected: "at least 1", found: Double(count))
    }
    let half = rows / 2
    return (0..<count).flatMap { number -> [[Int]] in
      var generator = random.fork("subsamples").fork(number)
      let order = generator.permutation(rows)
      let first = order[..<half].sorted()
      return isPaired ? [first, order[half..<2 * half].sorted()] : [first]
    }
  }
}

extension GeneralizedLinearModel {
  /// Which columns the penalty can hold at 0.
  func penalisedColumns(_ problem: GeneralizedProblem) throws(LinearModelError) -> [Bool] {
    if let groups = try penalty.groups(settings) {
      let weights = try groups.resolved(columns: problem.names.count).weights
      return groups.assignment.map { weights[$0] > 0 }
    }
    return problem.factors.map { $0 > 0 }
  }
}

extension FamilyModel {
  /// Fits random halves of the observations along a grid and counts how often each column is selected.
  ///
  /// - Parameters:
  ///   - x: n x p inputs.
  ///   - y: The target.
  ///   - weights: The observation weights; all 1 by default.
  ///   - offsets: Known parts of the linear predictor; none by default.
  ///   - grid: The lambdas Λ, those of all observations; that of the model is not used.
  ///   - sampling: How many halves, and whether in complementary pairs; 100 independent ones by default.
  ///   - maximumSelected: The most penalised columns that a subsample may select along the grid: it goes down the grid as
  ///     far as there are no more. It keeps q, and with it the bound on false selections, small; nothing by default.
  ///   - random: Where the subsamples come from; the same generator draws the same ones on any number of threads.
  /// - Throws: ``LinearModelError``; a penalty without an L1 part selects nothing and is refused.
  public func stabilitySelection(
    _ x: DesignMatrix, _ y: [Double], weights: [Double]? = nil, offsets: [Double]? = nil,
    grid: LambdaGrid = .automatic(), sampling: StabilitySelection.Sampling = .independent(100),
    maximumSelected: Int? = nil, random: RandomGenerator
  ) throws(LinearModelError) -> StabilitySelection {
    try StabilitySelection(
      general, Observations(x: x, y: y, weights: weights, offsets: offsets), grid, sampling,
      maximumSelected: maximumSelected, random: random)
  }
}

extension StabilitySelection: CustomStringConvertible {
  /// The columns that are ever selected, the most frequent first.
  public var description: String {
    var lines = [["", "Frequency"]]
    for column in frequencies.support.sorted(by: { (frequencies[$1], $0) < (frequencies[$0], $1) }) {
      lines.append([frequencies.names[column], TextTable.number(frequencies[column])])
    }
    var text = TextTable.lines(lines)
    text.append("---")
    text.append(
      "\(subsampleCount) subsamples select \(TextTable.number(averageSelected)) of \(penalisedCount) columns on average"
        + (isCertified ? "" : "; NOT every fit has converged"))
    return text.joined(separator: "\n")
  }
}

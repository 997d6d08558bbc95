public import BLAS
import Tensors

/// Shows what the L2 and the L1 penalty do: paths, geometry, shrinkage, bias and variance, units, and networks.
///
/// ```swift
/// let results = try RegularizationStudy(RegularizationStudyOptions()).run()
/// ```
///
/// Everything is generated from a seed; the numbers depend on the options alone, not on the number of threads.
public struct RegularizationStudy: Sendable {
  /// What is done.
  public let options: RegularizationStudyOptions
  private let pool: ThreadPool

  /// A study of `options` on the threads of `pool`.
  public init(_ options: RegularizationStudyOptions, pool: ThreadPool = .shared) {
    self.options = options
    self.pool = pool
  }

  /// How far a study has come.
  public struct Progress: Sendable, Hashable {
    /// The part that is being done.
    public let part: RegularizationStudyOptions.Part
    /// The share of all work that is done, 0 to 1, about.
    public let fraction: Double
    /// Seconds since the start.
    public let seconds: Double
  }

  /// Does all parts.
  ///
  /// - Parameters:
  ///   - progress: called from any thread, one call at a time.
  ///   - shouldStop: asked from any thread, now and then. What is finished by then comes back, and
  ///     `study.unfinishedParts` names the rest.
  /// - Throws: ``StudyError`` for options out of range, and where `shouldStop` said so before any part was
  ///   finished; `LinearModelError` and `GraphError` should a fit fail.
  public func run(
    progress: @escaping (Progress) -> Void = { _ in }, shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> RegularizationStudyResults {
    try options.validate()
    let start = ContinuousClock.now
    func seconds() -> Double { start.duration(to: .now) / .seconds(1) }
    let parts = RegularizationStudyOptions.Part.allCases.filter(options.parts.contains)
    let total = parts.reduce(0) { $0 + weight($1) }
    var results = RegularizationStudyResults(
      environment: .current(seed: options.seed, threads: pool.threadCount), study: description(parts))
    results.study.unfinishedParts = parts
    var done = 0.0
    for part in parts {
      let (before, share) = (done, weight(part))
      let work = StudyWork(pool: pool, shouldStop: shouldStop) { fraction in
        progress(Progress(part: part, fraction: (before + share * fraction) / total, seconds: seconds()))
      }
      do {
        guard !shouldStop() else { throw StudyError.stopped }
        work.report(0)
        try make(part, work, &results)
      } catch StudyError.stopped {
        break
      }
      results.study.unfinishedParts.removeAll { $0 == part }
      done += share
      work.report(1)
    }
    guard results.study.unfinishedParts != parts else { throw StudyError.stopped }
    results.study.seconds = seconds()
    return results
  }

  private func make(
    _ part: RegularizationStudyOptions.Part, _ work: StudyWork, _ results: inout RegularizationStudyResults
  ) throws {
    let generator = RandomGenerator(seed: options.seed, stream: "regularization")
    switch part {
    case .paths: results.paths = try PathStudy(generator.fork("paths")).run(&results.fits)
    case .geometry: results.geometry = try GeometryStudy(generator.fork("geometry")).run(&results.fits)
    case .shrinkage: results.shrinkage = try ShrinkageStudy(generator.fork("shrinkage")).run(&results.fits)
    case .spread:
      let worlds = [LinearWorld.sparse, .dense]
      for (index, world) in worlds.enumerated() {
        let study = SpreadStudy(
          world, trainingSets: options.trainingSets, lambdas: options.lambdas, generator.fork("spread"))
        let share = Double(index) / 2...Double(index + 1) / 2
        results.spread.append(try study.run(work, share: share, &results.fits))
      }
    case .rescaling: results.rescaling = try RescalingStudy(generator.fork("paths")).run(&results.fits)
    case .network:
      results.network = try NetworkStudy(seeds: options.networkSeeds, updates: options.updates, generator).run(work)
    }
  }

  /// About how long a part takes, for the progress alone.
  private func weight(_ part: RegularizationStudyOptions.Part) -> Double {
    switch part {
    case .paths, .geometry, .shrinkage, .rescaling: 100
    case .spread: Double(options.trainingSets * options.lambdas)
    case .network: Double(options.updates * (options.networkSeeds * 4 + NetworkStudy.selectionRuns)) * 0.2
    }
  }
}

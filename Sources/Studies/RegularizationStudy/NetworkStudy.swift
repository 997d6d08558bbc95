import BLAS
import NeuralNetworks
import RealModule
import Tensors

/// The penalties and dropout in a network that has far more weights than examples.
///
/// The strength of each is chosen on seeds of their own, by the error on examples that are neither trained on nor among
/// those of the reported test errors.
struct NetworkStudy {
  static let candidates: [(method: NetworkMethod, strengths: [Double])] = [
    (.l2, [1, 3, 10, 30, 100]), (.l1, [1, 3, 10, 30, 100]), (.dropout, [0.1, 0.3, 0.5, 0.7]),
  ]
  static let selectionSeeds = 3
  static var selectionRuns: Int { candidates.reduce(0) { $0 + $1.strengths.count } * selectionSeeds }

  let seeds: Int
  let updates: Int
  private let generator: RandomGenerator

  init(seeds: Int, updates: Int, _ generator: RandomGenerator) {
    (self.seeds, self.updates) = (seeds, updates)
    self.generator = generator
  }

  func run(_ work: StudyWork) throws -> NetworkResults {
    let candidates = Self.candidates.flatMap { entry in entry.strengths.map { (entry.method, $0) } }
    let selecting = candidates.flatMap { candidate in (0..<Self.selectionSeeds).map { (candidate, $0) } }
    let reporting = NetworkMethod.allCases.flatMap { method in (0..<seeds).map { (method, $0) } }
    let border = Double(selecting.count) / Double(selecting.count + reporting.count)
    let errors = try work.map(selecting.count, share: 0...border) { index in
      let ((method, strength), seed) = selecting[index]
      return try PenalisedNetwork(method, strength: strength, NetworkTask(generator.fork("selection").fork(seed)))
        .train(updates: updates, recording: [updates], shouldStop: work.shouldStop).last?.test ?? .nan
    }
    let selection = candidates.indices.map { index in
      let (method, strength) = candidates[index]
      let mine = errors[index * Self.selectionSeeds..<(index + 1) * Self.selectionSeeds]
      return NetworkCandidate(method: method, strength: strength, validationError: Interval(Estimate(Array(mine))))
    }
    /// The strength with the least validation error; a diverged one has none.
    func strength(_ method: NetworkMethod) -> Double {
      let mine = selection.filter { $0.method == method && $0.validationError.mean.isFinite }
      return mine.min { $0.validationError.mean < $1.validationError.mean }?.strength ?? 0
    }
    let steps = NetworkRecord.steps(updates: updates)
    let curves = try work.map(reporting.count, share: border...1) { index in
      let (method, seed) = reporting[index]
      let network = PenalisedNetwork(
        method, strength: strength(method), NetworkTask(generator.fork("network").fork(seed)))
      return try network.train(updates: updates, recording: steps, shouldStop: work.shouldStop)
    }
    return NetworkResults(
      inputs: NetworkTask.inputs, hidden: PenalisedNetwork.hidden, weights: PenalisedNetwork.weightCount,
      observations: NetworkTask.trainCount, testCount: NetworkTask.testCount, noise: NetworkTask.noise,
      learningRate: PenalisedNetwork.learningRate, momentum: PenalisedNetwork.momentum, updates: updates,
      selection: selection,
      runs: reporting.indices.map { index in
        let (method, seed) = reporting[index]
        return NetworkRun(method: method, strength: strength(method), seed: seed, records: curves[index])
      })
  }
}

/// A regression that three of many inputs decide: y = 2 sin x₁ + x₂ + ½ (x₃² - 1) + noise.
struct NetworkTask: Sendable {
  static let inputs = 10
  static let trainCount = 100
  static let testCount = 1000
  static let noise = 1.5

  let train: (x: Tensor<Float>, y: Tensor<Float>)
  let test: (x: Tensor<Float>, y: Tensor<Float>)
  /// What the network's first weights and its dropout are drawn from.
  let seed: UInt64

  init(_ generator: RandomGenerator) {
    train = Self.examples(Self.trainCount, generator.fork("train"))
    test = Self.examples(Self.testCount, generator.fork("test"))
    seed = generator.fork("weights").key
  }

  private static func examples(_ count: Int, _ generator: RandomGenerator) -> (x: Tensor<Float>, y: Tensor<Float>) {
    var generator = generator
    var (x, y): ([Float], [Float]) = ([], [])
    for _ in 0..<count {
      let row = (0..<inputs).map { _ in generator.normal() }
      let signal = 2 * Double.sin(row[0]) + row[1] + 0.5 * (row[2] * row[2] - 1)
      y.append(Float(signal + noise * generator.normal()))
      x += row.map { Float($0) }
    }
    return (Tensor([count, inputs], x), Tensor([count, 1], y))
  }
}

import NeuralNetworks
import Tensors

/// How long the runs of a study will take, from what those so far have taken.
///
/// Networks of one kind cost the same an update, whatever their first weights; kinds that no run of has begun are
/// estimated from the arithmetic of their networks, on the scale that the measured kinds set.
struct StudyPace: Sendable {
  /// A kind of run: the part of the study that it is for and its model.
  struct Kind: Sendable, Hashable {
    var experiment: InitializerExperiment
    var model: String
  }

  /// What is known of a kind.
  private struct Account: Sendable {
    /// The arithmetic of an update and of its share of the measurements, in units that mean nothing by themselves.
    var cost: Double
    /// Updates in all runs together.
    var planned = 0
    var made = 0
    /// Seconds that the updates made have taken, of one thread each.
    var seconds = 0.0
  }

  private var accounts: [Kind: Account] = [:]
  private let threads: Int

  init(_ runs: [StudyRun], exampleShape: Shape, threads: Int) {
    self.threads = max(1, min(threads, runs.count))
    for run in runs {
      let kind = Kind(run)
      if accounts[kind] == nil { accounts[kind] = Account(cost: Self.cost(run, exampleShape)) }
      accounts[kind]?.planned += run.steps
    }
  }

  /// A run made so many more updates in so many seconds; an early end of a run gives back those that it need not make.
  mutating func add(_ run: StudyRun, updates: Int, seconds: Double) {
    accounts[Kind(run)]?.made += updates
    accounts[Kind(run)]?.seconds += seconds
  }

  mutating func leaveOut(_ run: StudyRun, updates: Int) { accounts[Kind(run)]?.planned -= updates }

  /// The share of the work that is done, 0 to 1.
  var fraction: Double {
    let scale = scale ?? 1
    let (done, left) = accounts.values.reduce((0.0, 0.0)) { sum, account in
      let update = Self.secondsAnUpdate(account, scale: scale)
      return (sum.0 + update * Double(account.made), sum.1 + update * Double(account.planned - account.made))
    }
    return done + left > 0 ? done / (done + left) : 0
  }

  /// How long the rest will take; nil before anything is measured.
  var secondsLeft: Double? {
    guard let scale else { return nil }
    return accounts.values.reduce(0) { sum, account in
      sum + Self.secondsAnUpdate(account, scale: scale) * Double(account.planned - account.made)
    } / Double(threads)
  }

  /// Seconds a unit of cost, over the kinds that are measured.
  private var scale: Double? {
    let measured = accounts.values.filter { $0.made > 0 }
    let cost = measured.reduce(0) { $0 + $1.cost * Double($1.made) }
    let seconds = measured.reduce(0) { $0 + $1.seconds }
    return cost > 0 && seconds > 0 ? seconds / cost : nil
  }

  private static func secondsAnUpdate(_ account: Account, scale: Double) -> Double {
    account.made > 0 && account.seconds > 0 ? account.seconds / Double(account.made) : account.cost * scale
  }

  /// Multiply-adds of a batch forward and twice backward, and the drawing of its images, which costs about as much as
  /// hundred multiply-adds a pixel.
  private static func cost(_ run: StudyRun, _ exampleShape: Shape) -> Double {
    let arithmetic = (try? NetworkSummary(run.network.network, input: exampleShape))?.multiplyAdds ?? 0
    return Double(run.batch) * (3 * Double(arithmetic) + 100 * Double(exampleShape.count))
  }
}

extension StudyPace.Kind {
  fileprivate init(_ run: StudyRun) { self.init(experiment: run.experiment, model: run.model) }
}

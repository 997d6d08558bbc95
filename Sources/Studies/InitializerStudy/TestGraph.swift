import Autodiff
import BLAS
import Datasets
import Tensors

/// The test error as a compiled plan over a part of the test examples at a time.
final class TestGraph {
  private let recording: StudyRecording
  private let plans: [(range: Range<Int>, plan: Plan<Float>)]
  private let network: StudyNetwork

  init(_ network: StudyNetwork, data: StudyData, state: State<Float>, pool: ThreadPool) throws {
    let graph = Graph<Float>()
    self.network = network
    let recording = StudyRecording(network, graph, data.exampleShape)
    self.recording = recording
    let part = min(250, data.test.count)
    let whole = try graph.compile([recording.output], batch: part, state: state, pool: pool)
    let rest = data.test.count % part
    var plans = (0..<data.test.count / part).map { (range: $0 * part..<($0 + 1) * part, plan: whole) }
    if rest > 0 {
      let plan = try graph.compile([recording.output], batch: rest, state: state, pool: pool)
      plans.append((data.test.count - rest..<data.test.count, plan))
    }
    self.plans = plans
  }

  /// The fraction of the test examples that the present weights misclassify; an output that is no number is wrong.
  func error(_ data: StudyData) throws -> Double {
    let size = data.exampleShape.count
    var wrong = 0
    for (range, plan) in plans {
      data.test.inputs.withUnsafeBufferPointer { inputs in
        let rows = UnsafeBufferPointer(rebasing: inputs[range.lowerBound * size..<range.upperBound * size])
        try? plan.withInput(recording.input) { _ = $0.update(from: rows) }
      }
      plan.run()
      try plan.withValue(of: recording.output) { outputs in
        let count = outputs.count / range.count
        for (row, example) in range.enumerated() {
          let answer = data.target(data.test.targets.elements[example], network.question)
          let scores = outputs[row * count..<(row + 1) * count]
          if Self.answer(scores, network.question) != Int(answer) { wrong += 1 }
        }
      }
    }
    return Double(wrong) / Double(data.test.count)
  }

  private static func answer(_ scores: Slice<UnsafeBufferPointer<Float>>, _ question: StudyData.Question) -> Int? {
    guard scores.allSatisfy(\.isFinite), let first = scores.first else { return nil }
    if question == .balancedBinary { return first > 0 ? 1 : 0 }
    var best = scores.startIndex
    for index in scores.indices where scores[index] > scores[best] { best = index }
    return best - scores.startIndex
  }
}

/// How a network classifies a set: errors and, class by class, what was answered.
public struct Classification: Sendable, Codable, Equatable {
  /// The names of the classes; more answers than names where the network has more outputs.
  public let classNames: [String]
  /// How many examples of the class of the row were answered with the class of the column: `[classes][outputs]`.
  public private(set) var confusion: [[Int]]
  /// How many examples there were.
  public private(set) var count = 0
  /// The sum of the losses.
  private var totalLoss = 0.0
  private var top5Wrong = 0

  /// The mean loss an example, penalties left out; of several views, the mean of theirs.
  public var loss: Double { totalLoss / Double(max(count, 1)) }
  /// The fraction of examples whose class is not the one answered.
  public var top1Error: Double {
    let right = confusion.indices.reduce(0) { $0 + confusion[$1][$1] }
    return Double(count - right) / Double(max(count, 1))
  }
  /// The fraction of examples whose class is not among the five best answers; 0 for five classes or fewer.
  public var top5Error: Double { Double(top5Wrong) / Double(max(count, 1)) }

  /// Counts nothing yet.
  init(classNames: [String], outputs: Int) {
    self.classNames = classNames
    confusion = [[Int]](repeating: [Int](repeating: 0, count: outputs), count: classNames.count)
  }

  /// Counts one example by the network's scores, of which the largest is the answer and of equal ones the first; scores that are not
  /// numbers are the worst.
  mutating func add(scores: UnsafeBufferPointer<Double>, label: Int) {
    func isBefore(_ left: Int, _ right: Int) -> Bool {
      let (a, b) = (scores[left].isNaN ? -.infinity : scores[left], scores[right].isNaN ? -.infinity : scores[right])
      return a > b || (a == b && left < right)
    }
    let answer = scores.indices.reduce(0) { isBefore($1, $0) ? $1 : $0 }
    confusion[label][answer] += 1
    if scores.indices.count(where: { isBefore($0, label) }) >= 5 { top5Wrong += 1 }
    count += 1
  }

  /// Adds the sum of the losses of examples that are counted besides.
  mutating func add(loss: Double) { totalLoss += loss }
}

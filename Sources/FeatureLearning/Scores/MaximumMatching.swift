/// The column of each row in the one-to-one matching of largest total weight; nil for rows that have none left.
///
/// The Hungarian method with potentials, row by row along shortest augmenting paths, in the cube of the longer side
/// (Kuhn 1955; in this form Jonker and Volgenant, Computing 38 (1987)).
///
/// - Parameter weights: a row a class, all of one length; each at most 1e100 in magnitude, so that their sums are finite.
/// - Throws: ``FeatureLearningError/outOfRange(what:expected:found:)``, which names the row.
public func maximumMatching(_ weights: [[Double]]) throws(FeatureLearningError) -> [Int?] {
  let columns = weights.first?.count ?? 0
  for (row, line) in weights.enumerated() {
    guard line.count == columns else {
      throw .outOfRange(what: "row \(row) of the weights", expected: "\(columns) numbers", found: "\(line.count)")
    }
    if let value = line.first(where: { !(abs($0) <= 1e100) }) {
      throw .outOfRange(what: "row \(row) of the weights", expected: "magnitudes up to 1e100", found: "\(value)")
    }
  }
  return shortestAugmentingPaths(weights)
}

/// ``maximumMatching(_:)`` of weights that were checked, or that are counts.
func shortestAugmentingPaths(_ weights: [[Double]]) -> [Int?] {
  let (rows, columns) = (weights.count, weights.first?.count ?? 0)
  guard rows > 0, columns > 0 else { return [Int?](repeating: nil, count: rows) }
  guard rows <= columns else {
    let transposed = (0..<columns).map { column in weights.map { $0[column] } }
    var result = [Int?](repeating: nil, count: rows)
    for (column, row) in shortestAugmentingPaths(transposed).enumerated() {
      if let row { result[row] = column }
    }
    return result
  }
  // Counted from 1; column 0 stands for the row that is being placed.
  var rowPotential = [Double](repeating: 0, count: rows + 1)
  var columnPotential = [Double](repeating: 0, count: columns + 1)
  var owner = [Int](repeating: 0, count: columns + 1)
  for row in 1...rows {
    owner[0] = row
    var column = 0
    var slack = [Double](repeating: .infinity, count: columns + 1)
    var previous = [Int](repeating: 0, count: columns + 1)
    var isVisited = [Bool](repeating: false, count: columns + 1)
    repeat {
      isVisited[column] = true
      let current = owner[column]
      var (step, next) = (Double.infinity, 0)
      for candidate in 1...columns where !isVisited[candidate] {
        let cost = -weights[current - 1][candidate - 1] - rowPotential[current] - columnPotential[candidate]
        if cost < slack[candidate] { (slack[candidate], previous[candidate]) = (cost, column) }
        if slack[candidate] < step { (step, next) = (slack[candidate], candidate) }
      }
      for candidate in 0...columns {
        if isVisited[candidate] {
          rowPotential[owner[candidate]] += step
          columnPotential[candidate] -= step
        } else {
          slack[candidate] -= step
        }
      }
      column = next
    } while owner[column] != 0
    while column != 0 {
      owner[column] = owner[previous[column]]
      column = previous[column]
    }
  }
  var result = [Int?](repeating: nil, count: rows)
  for column in 1...columns where owner[column] > 0 { result[owner[column] - 1] = column - 1 }
  return result
}

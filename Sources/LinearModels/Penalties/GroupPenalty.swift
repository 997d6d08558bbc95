/// The group lasso, g_G(b) = α_G ‖b_G‖ with the Euclidean norm, α_G = ½ l1 · weight.
///
/// **The conjugate** is 0 for ‖u_G‖ ≤ α_G and infinite elsewhere, since u'b ≤ ‖u‖‖b‖ with equality along u: the dual norm
/// of a sum of Euclidean norms is the largest of them. Optimality is u_G = α_G b_G / ‖b_G‖, or ‖u_G‖ ≤ α_G where b_G = 0.
struct GroupPenalty: ProximalPenalty {
  /// The columns of each group.
  let members: [[Int]]
  /// α_G.
  let thresholds: [Double]
  /// The group of each column.
  let groups: [Int]

  init(_ groups: ColumnGroups, columns: Int, l1: Double) throws(LinearModelError) {
    let (members, weights) = try groups.resolved(columns: columns)
    self.members = members
    self.groups = groups.assignment
    thresholds = weights.map { 0.5 * l1 * $0 }
  }

  private func norm(_ values: [Double], _ group: Int) -> Double {
    members[group].reduce(0) { $0 + values[$1] * values[$1] }.squareRoot()
  }

  func value(_ b: [Double]) -> Double {
    members.indices.reduce(0) { $0 + thresholds[$1] * norm(b, $1) }
  }

  func start(_ b: [Double]) -> [Double] { b }

  /// The distance of u_G from the subdifferential.
  private func violation(_ group: Int, _ b: [Double], _ u: [Double]) -> Double {
    let (size, threshold) = (norm(b, group), thresholds[group])
    if size == 0 { return max(norm(u, group) - threshold, 0) }
    return members[group].reduce(0) { sum, column in
      let difference = u[column] - threshold * b[column] / size
      return sum + difference * difference
    }.squareRoot()
  }

  func violation(_ b: [Double], _ u: [Double]) -> Double {
    members.indices.reduce(0) { max($0, violation($1, b, u)) }
  }

  func workingSet(_ b: [Double], _ u: [Double], _ statistics: ColumnStatistics) -> [Int] {
    var (kept, violators): ([Int], [(group: Int, size: Double)]) = ([], [])
    for group in members.indices {
      let squares = members[group].reduce(0) { $0 + statistics.squaredNorms[$1] }
      guard squares > 0 else { continue }
      if b.count <= 64 || thresholds[group] == 0 || norm(b, group) > 0 {
        kept.append(group)
      } else {
        let size = violation(group, b, u)
        if size > 0 { violators.append((group, size / squares.squareRoot())) }
      }
    }
    violators.sort { $0.size > $1.size }
    let chosen = kept + violators.prefix(max(32, kept.count)).map(\.group)
    // Columns of nothing keep their coefficient of 0.
    return chosen.sorted().flatMap { members[$0].filter { statistics.squaredNorms[$0] > 0 } }
  }

  func dualScaling(_ u: [Double], noise: (Int) -> Double) -> Double? {
    var scaling = 1.0
    for group in members.indices {
      if thresholds[group] > 0 {
        let size = norm(u, group)
        if size > thresholds[group] { scaling = min(scaling, thresholds[group] / size) }
      } else if members[group].contains(where: { !(u[$0].magnitude <= noise($0)) }) {
        return nil
      }
    }
    return scaling
  }

  func gap(_ b: [Double], _ u: [Double], scaling s: Double) -> Double {
    members.indices.reduce(0) { sum, group in
      let product = members[group].reduce(0) { $0 + b[$1] * u[$1] }
      let loss = thresholds[group] * norm(b, group) - s * product
      return sum + (thresholds[group] > 0 ? max(loss, 0) : loss.magnitude)
    }
  }

  /// By ‖Z_G'θ‖ ≤ ‖Z_G'θ_0‖ + ‖Z_G‖ ‖θ − θ_0‖ with the Frobenius norm, which is no smaller than the spectral one.
  func provedZero(_ u: [Double], scaling s: Double, radius: Double, _ statistics: ColumnStatistics) -> ColumnSet {
    var set = ColumnSet(columnCount: u.count)
    for group in members.indices where thresholds[group] > 0 {
      let squares = members[group].reduce(0) { $0 + statistics.squaredNorms[$1] }
      guard s * norm(u, group) + squares.squareRoot() * radius < thresholds[group] else { continue }
      for column in members[group] { set.insert(column) }
    }
    return set
  }

  func unheld(_ b: [Double], _ statistics: ColumnStatistics) -> [Int] {
    b.indices.filter { thresholds[groups[$0]] == 0 && statistics.squaredNorms[$0] > 0 }
  }
}

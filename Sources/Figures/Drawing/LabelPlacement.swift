/// Where to put labels beside lines so that they do not overlap.
enum LabelPlacement {
  /// Moves `positions` as little as needed until neighbours are `gap` apart, inside `bounds` where they fit.
  ///
  /// Neighbours that collide form a block around the mean of their wishes, and blocks that collide are merged: the
  /// pool-adjacent-violators algorithm on positions minus rank times gap. Of equal wishes the first stands highest. The result is in
  /// the order given.
  static func spread(_ positions: [Double], gap: Double, within bounds: ClosedRange<Double> = 0...1) -> [Double] {
    let order = positions.indices.sorted { (positions[$0], -$0) < (positions[$1], -$1) }
    var blocks: [(sum: Double, count: Int)] = []
    for (rank, index) in order.enumerated() {
      var block = (sum: positions[index] - Double(rank) * gap, count: 1)
      while let last = blocks.last, last.sum / Double(last.count) >= block.sum / Double(block.count) {
        block = (block.sum + last.sum, block.count + last.count)
        blocks.removeLast()
      }
      blocks.append(block)
    }
    // After the shift by rank the order is all that counts, so clamping keeps every distance.
    let highest = bounds.upperBound - Double(max(positions.count - 1, 0)) * gap
    var result = positions
    var rank = 0
    for block in blocks {
      let base = max(min(block.sum / Double(block.count), highest), min(bounds.lowerBound, highest))
      for _ in 0..<block.count {
        result[order[rank]] = base + Double(rank) * gap
        rank += 1
      }
    }
    return result
  }
}

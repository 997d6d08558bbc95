import BLAS

/// Which columns come in, and with which products.
extension CoordinateDescent {
  /// Columns that come in at once, at least, where more than that ask to.
  private static let smallestBatch = 64

  /// Of the threshold: what a column outside must reach to come in along with others.
  private static let companyShare = 0.9

  /// The most columns of a sparse design whose Gram matrix is kept: a sweep over it reads this many numbers a column, one over
  /// the columns themselves their entries twice.
  private static func largestSparseGram(_ sparse: SparseColumns) -> Int {
    min(max(512, 4 * sparse.matrix.values.count / max(sparse.matrix.columns, 1)), 2048)
  }

  /// Takes columns in, with their Gram matrix against those that are in.
  mutating func append(_ added: [Int], _ penalty: CoordinatePenalty) {
    guard !added.isEmpty else { return }
    if spanned != nil {
      appendSpanned(added, penalty)
      return
    }
    if gramRows != nil {
      appendGramRows(added, penalty)
      return
    }
    let total = gram.count + added.count
    var products = Matrix<Double>(rows: 0, columns: 0)
    switch problem.design.columns {
    case .dense(let dense):
      appendToPanel(added, dense)
      products = panelProducts(added.count, total)
    case .sparse(let sparse):
      if descent == nil, free == nil, total > Self.largestSparseGram(sparse) {
        var descent = ResidualDescent(sparse, problem, penalty: penalty)
        descent.append(gram.columns, coefficients: gram.coefficients)
        self.descent = descent
        gram = GramProblem(columnCount: 0, targetSquares: gram.targetSquares, penalty: penalty)
      }
      if descent != nil {
        descent!.append(added)
        return
      }
      products = sparseProducts(added, sparse)
    }
    var towardsTarget = targetCorrelations(added)
    for (index, column) in added.enumerated()
    where free != nil && isDependent(column, left: products[index, total - added.count + index]) {
      towardsTarget[index] = 0
      for other in 0..<total { products[index, other] = 0 }
      for other in 0..<added.count { products[other, total - added.count + index] = 0 }
    }
    gram.append(added, products: products, correlations: towardsTarget)
  }

  /// Takes in the most urgent of some columns with their rows of the Gram matrix, or all columns there are.
  private mutating func appendGramRows(_ asking: [Int], _ penalty: CoordinatePenalty) {
    let targetCorrelations = gramRows!.targetCorrelations
    if let count = gramRows!.batch(of: asking.count) {
      let added = mostUrgent(asking, count, correlations)
      let products = gramRows!.append(added, pool: pool)
      gram.append(added, products: products, correlations: added.map { targetCorrelations[$0] })
      return
    }
    takeInAll(gramRows!.whole(pool: pool), targetCorrelations, penalty)
  }

  /// Takes in columns with their products with those that are in, or all columns there are.
  private mutating func appendSpanned(_ added: [Int], _ penalty: CoordinatePenalty) {
    let targetCorrelations = spanned!.targetCorrelations
    guard spanned!.isWorthwhile(gram.count + added.count) else {
      takeInAll(spanned!.whole(pool: pool), targetCorrelations, penalty)
      return
    }
    let products = spanned!.append(added, to: gram.columns, pool: pool)
    gram.append(added, products: products, correlations: added.map { targetCorrelations[$0] })
  }

  private mutating func takeInAll(
    _ products: Matrix<Double>, _ targetCorrelations: [Double], _ penalty: CoordinatePenalty
  ) {
    let p = problem.design.columnCount
    var whole = GramProblem(columnCount: p, targetSquares: gram.targetSquares, penalty: penalty)
    whole.append(Array(0..<p), products: products, correlations: targetCorrelations)
    for (column, value) in zip(gram.columns, gram.coefficients) { whole.coefficients[column] = value }
    whole.refreshGradient()
    (gram, gramRows, spanned, usesAllColumns) = (whole, nil, nil, true)
  }

  private mutating func appendToPanel(_ added: [Int], _ dense: DenseColumns) {
    let n = problem.design.rowCount
    let first = panel.count
    for column in added { panel += dense.matrix.elements[column * n..<(column + 1) * n] }
    guard let free else { return }
    panel.withUnsafeMutableBufferPointer { panel in
      for index in added.indices { free.project(panel.baseAddress! + first + index * n) }
    }
  }

  /// The products of the last columns of the panel with all of it.
  private func panelProducts(_ count: Int, _ total: Int) -> Matrix<Double> {
    let n = problem.design.rowCount
    var products = Matrix<Double>(rows: count, columns: total)
    let product = MatrixProduct<Double>(m: count, n: total, k: n, transposeB: true)
    var workspace = [Double](repeating: 0, count: product.workspaceCount)
    products.withUnsafeMutableElements { products in
      panel.withUnsafeBufferPointer { panel in
        workspace.withUnsafeMutableBufferPointer { workspace in
          let (a, b) = (panel.baseAddress! + (total - count) * n, panel.baseAddress!)
          for (phase, tasks) in product.phases.enumerated() {
            pool.run(tasks) { task in
              product.run(
                phase: phase, task: task, alpha: 1, a: a, b: b, beta: 0, c: products,
                workspace: workspace.baseAddress)
            }
          }
        }
      }
    }
    return products
  }

  private func sparseProducts(_ added: [Int], _ sparse: SparseColumns) -> Matrix<Double> {
    let others = gram.columns + added
    var products = Matrix<Double>(rows: added.count, columns: others.count)
    products.withUnsafeMutableElements { products in
      pool.run(added.count) { index in
        let row = sparse.gramRow(added[index], against: others[...])
        (products + index * others.count).update(from: row, count: others.count)
      }
    }
    guard freeProducts.rows > 0 else { return products }
    func selected(_ columns: [Int]) -> Matrix<Double> {
      let p = freeProducts.columns
      let elements = (0..<freeProducts.rows).flatMap { k in columns.map { freeProducts.elements[k * p + $0] } }
      return Matrix(rows: freeProducts.rows, columns: columns.count, elements: elements)
    }
    matrixMultiply(
      selected(added), selected(others), into: &products, transposeA: true, alpha: -1, beta: 1, pool: pool)
    return products
  }

  private func targetCorrelations(_ columns: [Int]) -> [Double] {
    let design = problem.design
    let n = design.rowCount
    switch design.columns {
    case .dense(let dense):
      return dense.matrix.withUnsafeElements { elements in
        columns.map { Double.dot(n, elements + $0 * n, target) }
      }
    case .sparse(let sparse):
      // The target is centred wherever the columns are.
      return zip(columns, sparse.rawDots(columns[...], target)).map { $1 * sparse.inverseScales[$0] }
    }
  }

  mutating func rememberEnd(_ l1: Double) {
    guard !usesGram else { return }
    ends.append((l1, screen.estimates))
    if ends.count > 2 { ends.removeFirst() }
  }

  /// The columns outside that are likely to come in at a penalty, the most urgent ones where they are many.
  func expectedColumns(_ penalty: CoordinatePenalty) -> [Int] {
    let positions = positions
    guard let last = ends.last else {
      // The sequential strong rule.
      let keep = CoordinatePenalty(l1: max(2 * penalty.l1 - largestL1, 0), l2: 0, factors: penalty.factors)
      return limited(
        correlations.indices.filter {
          positions[$0] < 0 && penalty.factors[$0] > 0 && correlations[$0].magnitude >= keep.threshold($0)
            && correlations[$0] != 0
        })
    }
    let step = last.l1 - penalty.l1
    let before = ends[0]
    let ratio = before.l1 > last.l1 && step > 0 ? min(step / (before.l1 - last.l1), 4) : 0
    let keep = CoordinatePenalty(l1: penalty.l1 - 0.1 * max(step, 0), l2: 0, factors: penalty.factors)
    return limited(
      last.estimates.indices.filter { column in
        guard positions[column] < 0, penalty.factors[column] > 0 else { return false }
        let now = last.estimates[column]
        let expected = now + ratio * (now - before.estimates[column])
        return now != 0 && max(now.magnitude, expected.magnitude) >= keep.threshold(column)
      })
  }

  /// The columns outside whose optimality condition does not hold, limited likewise where the rows would have to be read.
  func violatingColumns(_ penalty: CoordinatePenalty) -> [Int] {
    let positions = positions
    func columns(beyond share: Double) -> [Int] {
      correlations.indices.filter {
        positions[$0] < 0 && penalty.factors[$0] > 0 && correlations[$0].magnitude > share * penalty.threshold($0)
      }
    }
    let violators = columns(beyond: 1)
    guard gramRows != nil || spanned != nil, !violators.isEmpty else {
      return usesAllColumns ? violators : limited(violators)
    }
    // Those that all but violate it come along: a pass over the rows for one of them later would cost more.
    return columns(beyond: Self.companyShare)
  }

  private func limited(_ columns: [Int]) -> [Int] {
    mostUrgent(columns, max(Self.smallestBatch, 2 * coefficients.count { $0 != 0 }), screen.estimates)
  }

  /// The columns that violate their condition most, or are likely to, in ascending order.
  private func mostUrgent(_ columns: [Int], _ limit: Int, _ correlations: [Double]) -> [Int] {
    guard columns.count > limit else { return columns }
    func urgency(_ column: Int) -> Double { correlations[column].magnitude / problem.factors[column] }
    return columns.sorted { urgency($0) > urgency($1) }.prefix(limit).sorted()
  }
}

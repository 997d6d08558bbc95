import BLAS

extension StreamedRows {
  /// Parts of the rows, each of which sums on its own; their sums are added in a fixed order.
  private static let largestParts = 16
  /// Rows whose products are made at once: enough for GEMM, few enough to stay in a core's cache.
  private static let rowsPerPanel = 256
  /// Columns up to which copying the rows for GEMM costs more than it saves.
  private static let largestStreamed = 48

  /// The rows of Z'Z of some columns, p elements each.
  ///
  /// With l_a = √w ∘ z_a, whose sum is 0 but for rounding, z_a'z_j = (l_a'x_j − mean_j Σ l_a) / scale_j: only the columns asked
  /// for are standardised, and the others are read where they lie.
  func products(of columns: [Int], pool: ThreadPool) -> [Double] {
    let (n, p, count) = (source.rows, source.columns, columns.count)
    guard count > 0 else { return [] }
    let rowsPerPart = max((n + Self.largestParts - 1) / Self.largestParts, Self.rowsPerPanel)
    let parts = (n + rowsPerPart - 1) / rowsPerPart
    // Each part: the products, then the sums.
    let stride = count * (p + 1)
    let partial = [Double](unsafeUninitializedCapacity: parts * stride) { partial, initialized in
      let partial = partial.baseAddress!
      pool.run(parts) { part in
        addProducts(
          of: columns, part * rowsPerPart..<min((part + 1) * rowsPerPart, n), into: partial + part * stride)
      }
      initialized = parts * stride
    }
    return [Double](unsafeUninitializedCapacity: count * p) { products, initialized in
      let products = products.baseAddress!
      partial.withUnsafeBufferPointer { partial in
        pool.run(count) { index in
          let row = products + index * p
          var sum = 0.0
          row.update(repeating: 0, count: p)
          for part in 0..<parts {
            Double.axpy(p, 1, partial.baseAddress! + part * stride + index * p, 1, row, 1)
            sum += partial[part * stride + count * p + index]
          }
          for column in 0..<p {
            row[column] = (row[column] - sum * (origin[column] + centre[column])) * inverseScales[column]
          }
        }
      }
      initialized = count * p
    }
  }

  /// One part of the rows: the products of l with all columns as they came, then the sums of l.
  private func addProducts(of columns: [Int], _ range: Range<Int>, into result: UnsafeMutablePointer<Double>) {
    let (p, count) = (source.columns, columns.count)
    let sums = result + count * p
    sums.update(repeating: 0, count: count)
    source.withUnsafeElements { source in
      forEachPanel(columns, range, factor: { rows.weight($0) }) { first, height, panel in
        for row in 0..<height { for index in 0..<count { sums[index] += panel[row * count + index] } }
        let beta = first == range.lowerBound ? 0.0 : 1.0
        if count <= Self.largestStreamed {
          Double.streamedProduct(
            rows: count, columns: p, depth: height, 1, panel, rowPitch: 1, depthPitch: count,
            source + first * p, bPitch: p, beta, result, cPitch: p, following: range.upperBound - first - height)
        } else {
          Double.gemm(true, false, count, p, height, 1, panel, count, source + first * p, p, beta, result, p)
        }
      }
    }
  }

  /// A loop of its own, short enough that the processor waits for many of the elements at a time.
  private func gather(
    _ columns: [Int], _ x: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) {
    columns.withUnsafeBufferPointer { columns in
      for index in columns.indices { values[index] = x[columns[index]] }
    }
  }

  /// z_a'z_b of some columns a and others b.
  ///
  /// - Parameter others: They come first; the products with `columns` themselves follow.
  func products(of columns: [Int], with others: [Int], pool: ThreadPool) -> Matrix<Double> {
    let (count, width) = (columns.count, others.count + columns.count)
    let all = others + columns
    let sums = sumOfParts(count * width, pool: pool) { range, result in
      forEachPanel(all, range, factor: root) { first, height, panel in
        Double.gemm(
          true, false, count, width, height, 1, panel + others.count, width, panel, width,
          first == range.lowerBound ? 0 : 1, result, width)
      }
    }
    var products = Matrix(rows: count, columns: width, elements: sums)
    for i in 0..<count { for j in 0..<i { products[j, others.count + i] = products[i, others.count + j] } }
    return products
  }

  /// Z'r of residuals r = t − Σ_k b_k z_k, p elements each.
  ///
  /// - Parameters:
  ///   - coefficients: b of each residual, by its place in `columns`; what is missing at its end is 0.
  ///   - target: t, n entries.
  func correlations(
    ofResiduals coefficients: [[Double]], columns: [Int], target: [Double], pool: ThreadPool
  ) -> [Double] {
    let (p, count) = (source.columns, coefficients.count)
    let places = columns.indices.filter { place in coefficients.contains { $0.count > place && $0[place] != 0 } }
    let width = places.count
    guard count > 0 else { return [] }
    let b = coefficients.flatMap { values in places.map { $0 < values.count ? values[$0] : 0 } }
    // The products, then the sums of √w r.
    var result = sumOfParts(count * (p + 1), pool: pool) { range, result in
      let sums = result + count * p
      sums.update(repeating: 0, count: count)
      var residuals = [Double](repeating: 0, count: Self.rowsPerPanel * count)
      forEachPanel(places.map { columns[$0] }, range, factor: root) { first, height, panel in
        for row in 0..<height {
          for index in 0..<count { residuals[row * count + index] = target[first + row] }
        }
        if width > 0 {
          Double.gemm(false, true, height, count, width, -1, panel, width, b, width, 1, &residuals, count)
        }
        for row in 0..<height {
          let root = root(first + row)
          for index in 0..<count {
            residuals[row * count + index] *= root
            sums[index] += residuals[row * count + index]
          }
        }
        source.withUnsafeElements { source in
          Double.streamedProduct(
            rows: count, columns: p, depth: height, 1, residuals, rowPitch: 1, depthPitch: count,
            source + first * p, bPitch: p, first == range.lowerBound ? 0 : 1, result, cPitch: p,
            following: range.upperBound - first - height)
        }
      }
    }
    for index in 0..<count {
      let sum = result[count * p + index]
      for column in 0..<p {
        let product = result[index * p + column] - sum * (origin[column] + centre[column])
        result[index * p + column] = product * inverseScales[column]
      }
    }
    result.removeLast(count)
    return result
  }

  /// Sums over the rows, part by part, the parts added in their order.
  private func sumOfParts(
    _ count: Int, pool: ThreadPool, _ body: (Range<Int>, UnsafeMutablePointer<Double>) -> Void
  ) -> [Double] {
    let n = source.rows
    let rowsPerPart = max((n + Self.largestParts - 1) / Self.largestParts, Self.rowsPerPanel)
    let parts = (n + rowsPerPart - 1) / rowsPerPart
    var partial = [Double](unsafeUninitializedCapacity: parts * count) { partial, initialized in
      let partial = partial.baseAddress!
      pool.run(parts) { part in
        body(part * rowsPerPart..<min((part + 1) * rowsPerPart, n), partial + part * count)
      }
      initialized = parts * count
    }
    partial.withUnsafeMutableBufferPointer { partial in
      let sum = partial.baseAddress!
      for part in 1..<max(parts, 1) { Double.axpy(count, 1, sum + part * count, 1, sum, 1) }
    }
    partial.removeLast(partial.count - count)
    return partial
  }

  private func root(_ row: Int) -> Double { rows.roots?[row] ?? 1 }

  /// Calls `body` with one standardised panel of some columns after the other: its first row, its number of rows and its
  /// elements, row by row, each row times `factor`.
  private func forEachPanel(
    _ columns: [Int], _ range: Range<Int>, factor: (Int) -> Double, _ body: (Int, Int, UnsafePointer<Double>) -> Void
  ) {
    let (p, count) = (source.columns, columns.count)
    let origins = columns.map { origin[$0] }
    let centres = columns.map { centre[$0] }
    let scales = columns.map { inverseScales[$0] }
    var panel = [Double](repeating: 0, count: max(min(Self.rowsPerPanel, range.count) * count, 1))
    source.withUnsafeElements { source in
      panel.withUnsafeMutableBufferPointer { panel in
        let panel = panel.baseAddress!
        for first in stride(from: range.lowerBound, to: range.upperBound, by: Self.rowsPerPanel) {
          let height = min(Self.rowsPerPanel, range.upperBound - first)
          for row in 0..<height {
            let (values, factor) = (panel + row * count, factor(first + row))
            gather(columns, source + (first + row) * p, into: values)
            for index in 0..<count {
              values[index] = ((values[index] - origins[index]) - centres[index]) * (scales[index] * factor)
            }
          }
          body(first, height, panel)
        }
      }
    }
  }

  /// Z'v: with u = √w ∘ v, z_j'v = (u'(x_j − origin_j) − centre_j Σ u) / scale_j.
  func correlations(_ vector: [Double], pool: ThreadPool) -> [Double] {
    let (n, p) = (source.rows, source.columns)
    let rowsPerPart = max((n + Self.largestParts - 1) / Self.largestParts, Self.rowsPerPanel)
    let parts = (n + rowsPerPart - 1) / rowsPerPart
    // Each part: the products, then the sum.
    var sums = [Double](repeating: 0, count: parts * (p + 1))
    sums.withUnsafeMutableBufferPointer { sums in
      source.withUnsafeElements { source in
        origin.withUnsafeBufferPointer { origin in
          pool.run(parts) { part in
            let sum = sums.baseAddress! + part * (p + 1)
            for row in part * rowsPerPart..<min((part + 1) * rowsPerPart, n) where vector[row] != 0 {
              let x = source + row * p
              let value = vector[row] * root(row)
              for column in 0..<p { sum[column] += value * (x[column] - origin[column]) }
              sum[p] += value
            }
          }
        }
      }
    }
    return (0..<p).map { column in
      var (product, total) = (0.0, 0.0)
      for part in 0..<parts {
        product += sums[part * (p + 1) + column]
        total += sums[part * (p + 1) + p]
      }
      return (product - total * centre[column]) * inverseScales[column]
    }
  }
}

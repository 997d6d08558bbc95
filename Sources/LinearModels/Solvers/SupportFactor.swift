import BLAS

/// The Cholesky factor of G_AA + diag β for a support A that changes little from one step to the next.
///
/// With U'U = G_AA + diag β, columns come in by a triangular solve and a factorisation of their Schur complement, and go
/// out by Givens rotations (Golub and Van Loan, "Matrix Computations", section 6.5.4): s² operations a column instead of
/// s³ / 3 for a new factor.
struct SupportFactor: Sendable {
  /// The positions of A in the order of the factor.
  private(set) var support: [Int] = []
  /// U, row by row, `capacity` elements apart.
  private var upper: [Double] = []
  private var capacity = 0
  /// How many columns have gone out since the factor was made, each with its rounding errors.
  private var removals = 0

  /// A pivot below this share of its diagonal element is all rounding.
  static let dependence = 1e-13

  /// After so many removals the factor is made anew.
  private static let largestRemovals = 400

  /// Forgets the factor, as when the diagonal changes.
  mutating func reset() {
    support = []
    removals = 0
  }

  /// Brings the factor to a support.
  ///
  /// - Parameters:
  ///   - wanted: The positions of the support, each once.
  ///   - gram: G, with `stride` elements from row to row.
  ///   - curvatures: β of every position.
  /// - Returns: Whether the columns of the support are independent; if not, the factor is empty.
  mutating func update(
    to wanted: [Int], gram: UnsafePointer<Double>, stride: Int, curvatures: [Double]
  ) -> Bool {
    var isWanted = [Bool](repeating: false, count: curvatures.count)
    for position in wanted { isWanted[position] = true }
    let leaving = support.indices.filter { !isWanted[support[$0]] }
    if removals + leaving.count > Self.largestRemovals || 4 * leaving.count > support.count + 16 {
      reset()
    } else {
      for index in leaving.reversed() { remove(index) }
    }
    for position in support { isWanted[position] = false }
    let added = wanted.filter { isWanted[$0] }
    guard added.isEmpty || append(added, gram, stride, curvatures) else {
      reset()
      return false
    }
    return true
  }

  private mutating func append(
    _ added: [Int], _ gram: UnsafePointer<Double>, _ stride: Int, _ curvatures: [Double]
  ) -> Bool {
    let (s, k) = (support.count, added.count)
    reserve(s + k)
    var cross = [Double](repeating: 0, count: max(s * k, 1))
    var square = [Double](repeating: 0, count: k * k)
    for (i, position) in added.enumerated() {
      let row = gram + position * stride
      for (index, other) in support.enumerated() { cross[index * k + i] = row[other] }
      for j in 0...i { square[j * k + i] = row[added[j]] }
      square[i * k + i] += curvatures[position]
    }
    if s > 0 {
      upper.withUnsafeBufferPointer {
        Double.trsm(.left, .upper, true, false, s, k, 1, $0.baseAddress!, capacity, &cross, k)
      }
      Double.syrk(.upper, true, k, s, -1, cross, k, 1, &square, k)
    }
    guard Double.potrf(.upper, k, &square, k) == 0 else { return false }
    for (i, position) in added.enumerated() {
      let pivot = square[i * k + i]
      guard pivot * pivot > Self.dependence * (gram[position * stride + position] + curvatures[position]) else {
        return false
      }
    }
    for index in 0..<s {
      for i in 0..<k { upper[index * capacity + s + i] = cross[index * k + i] }
    }
    for i in 0..<k {
      for j in i..<k { upper[(s + i) * capacity + s + j] = square[i * k + j] }
    }
    support += added
    return true
  }

  private mutating func reserve(_ size: Int) {
    guard size > capacity else { return }
    let room = size + size / 2
    var larger = [Double](repeating: 0, count: room * room)
    for row in support.indices {
      for column in row..<support.count { larger[row * room + column] = upper[row * capacity + column] }
    }
    (upper, capacity) = (larger, room)
  }

  /// Takes out the column at an index of `support`.
  private mutating func remove(_ index: Int) {
    let (size, stride) = (support.count, capacity)
    upper.withUnsafeMutableBufferPointer { buffer in
      let u = buffer.baseAddress!
      for row in 0..<size {
        let first = max(index + 1, row)
        guard first < size else { continue }
        (u + row * stride + first - 1).update(from: u + row * stride + first, count: size - first)
      }
      // What is left has one element below the diagonal in each column from there on.
      for k in index..<max(size - 1, index) {
        let (top, bottom) = (u + k * stride, u + (k + 1) * stride)
        let length = (top[k] * top[k] + bottom[k] * bottom[k]).squareRoot()
        let (c, s) = (top[k] / length, bottom[k] / length)
        for column in k..<size - 1 {
          let (x, y) = (top[column], bottom[column])
          top[column] = c * x + s * y
          bottom[column] = c * y - s * x
        }
      }
    }
    support.remove(at: index)
    removals += 1
  }

  /// The solution of U'U x = b, both in the order of `support`.
  func solve(_ right: [Double]) -> [Double] {
    var x = right
    let (size, width) = (support.count, capacity)
    x.withUnsafeMutableBufferPointer { x in
      upper.withUnsafeBufferPointer { upper in
        guard let x = x.baseAddress, let u = upper.baseAddress else { return }
        for i in 0..<size {
          x[i] /= u[i * width + i]
          Double.axpy(size - i - 1, -x[i], u + i * width + i + 1, 1, x + i + 1, 1)
        }
        for i in stride(from: size - 1, through: 0, by: -1) {
          x[i] = (x[i] - Double.dot(size - i - 1, u + i * width + i + 1, x + i + 1)) / u[i * width + i]
        }
      }
    }
    return x
  }
}

import BLAS

/// SplitMix64: a seeded generator, so that a failing case can be run again.
struct TestGenerator: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Values in -1..<1; many of them repeat with a prime period, because tests run unoptimised.
  mutating func values<S: Scalar>(_ count: Int, as type: S.Type = S.self) -> [S] {
    var values: [S] = []
    values.reserveCapacity(count)
    for _ in 0..<min(count, 4099) { values.append(S(Int64(bitPattern: next()) >> 40) * 0x1p-23) }
    while values.count < count { values += values.prefix(min(4099, count - values.count)) }
    return values
  }

  mutating func matrix<S: Scalar>(_ rows: Int, _ columns: Int, as type: S.Type = S.self) -> Matrix<S> {
    Matrix(rows: rows, columns: columns, elements: values(rows * columns))
  }

  /// A well conditioned symmetric positive definite matrix.
  mutating func positiveDefinite<S: Scalar>(_ order: Int, as type: S.Type = S.self) -> Matrix<S> {
    let root: Matrix<S> = matrix(order, order)
    var result = naiveMultiply(root, root, transposeB: true)
    for i in 0..<order { result[i, i] += 1 }
    return result
  }
}

/// The product by its definition, summed in double precision.
func naiveMultiply<S: Scalar>(
  _ a: Matrix<S>, _ b: Matrix<S>, transposeA: Bool = false, transposeB: Bool = false
) -> Matrix<S> {
  let (m, k) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
  let n = transposeB ? b.rows : b.columns
  // Plain pointers into op(A) and op(B)', both row-major in double: tests run unoptimised, and this loop is their time.
  let x = (transposeA ? a.transposed() : a).elements.map { Double($0) }
  let y = (transposeB ? b : b.transposed()).elements.map { Double($0) }
  var elements: [S] = []
  x.withUnsafeBufferPointer { x in
    y.withUnsafeBufferPointer { y in
      for i in 0..<m {
        for j in 0..<n {
          var sum = 0.0
          var l = 0
          while l < k {
            sum += x[i * k + l] * y[j * k + l]
            l += 1
          }
          elements.append(S(sum))
        }
      }
    }
  }
  return Matrix(rows: m, columns: n, elements: elements)
}

/// The largest absolute difference of two matrices of one shape; infinite if a difference is not a number.
func largestDifference<S: Scalar>(_ a: Matrix<S>, _ b: Matrix<S>) -> Double {
  precondition(a.rows == b.rows && a.columns == b.columns)
  return largestDifference(a.elements, b.elements)
}

func largestDifference<S: Scalar>(_ a: [S], _ b: [S]) -> Double {
  precondition(a.count == b.count)
  if a == b { return 0 }
  // The difference by a whole kernel, and only its largest element by name.
  var difference = a
  S.axpy(a.count, -1, b, 1, &difference, 1)
  if S.firstNonFinite(a.count, difference) != nil { return .infinity }
  let magnitudes = difference as? [Float] ?? (difference as! [Double]).map { Float($0) }
  var largest: Float = 0
  magnitudes.withUnsafeBufferPointer { magnitudes in
    var i = 0
    while i < magnitudes.count {
      if abs(magnitudes[i]) > largest { largest = abs(magnitudes[i]) }
      i += 1
    }
  }
  return Double(largest)
}

/// The rounding error allowed in a sum of `count` products of values below 1.
func tolerance<S: Scalar>(_ count: Int, _ type: S.Type) -> Double {
  32 * Double(S.ulpOfOne) * (Double(count).squareRoot() + 4)
}

import BLAS
import CKernels
import Foundation
import Testing

/// What each opcode means, written once more in double precision.
private func oracle(_ op: ElementwiseOpcode, _ a: Double, _ b: Double, _ c: Double, _ p: Double, _ q: Double) -> Double
{
  switch op {
  case .copy: a
  case .negate: -a
  case .abs: abs(a)
  case .sign: a > 0 ? 1 : a < 0 ? -1 : a
  case .square: a * a
  case .sqrt: a.squareRoot()
  case .reciprocal: 1 / a
  case .exp: exp(a)
  case .log: log(a)
  case .sin: sin(a)
  case .cos: cos(a)
  case .tanh: tanh(a)
  case .sigmoid: 1 / (1 + exp(-a))
  case .softplus: max(a, 0) + log1p(exp(-abs(a)))
  case .softsign: a / (1 + abs(a))
  case .relu: a < 0 ? 0 : a
  case .leakyRelu: a > 0 ? a : p * a
  case .elu: a > 0 ? a : p * expm1(a)
  case .affine: p * a + q
  case .power: pow(a, p)
  case .clamp: a < p ? p : a > q ? q : a
  case .step: a > 0 ? 1 : 0
  case .fill: p
  case .add: a + b
  case .subtract: a - b
  case .multiply: a * b
  case .divide: a / b
  case .maximum: a.isNaN || b.isNaN ? .nan : max(a, b)
  case .minimum: a.isNaN || b.isNaN ? .nan : min(a, b)
  case .raise: pow(a, b)
  case .greater: a > b ? 1 : 0
  case .greaterEqual: a >= b ? 1 : 0
  case .equal: a == b ? 1 : 0
  case .addScaled: a + p * b
  case .multiplyBySquare: a * (p * (b * b) + q)
  case .tanhOfSum: tanh(a + b)
  case .multiplyAdd: a * b + c
  case .subtractProduct: a - b * c
  case .select: a != 0 ? b : c
  }
}

@Suite struct ElementwiseTests {
  private func check<S: Scalar>(_: S.Type, _ tolerance: Double) {
    var values = TestValues(seed: 1)
    let special: [S] = [0, -0.0, 1, -1, .infinity, -.infinity, .nan, 0.5, -0.5, 2, .leastNonzeroMagnitude]
    var (a, b, c): ([S], [S], [S]) = (values.uniform(70), values.uniform(70), values.uniform(70))
    for x in special {
      for y in special {
        a.append(x)
        b.append(y)
        c.append(x)
      }
    }
    let (p, q): (S, S) = (0.25, 0.75)
    for op in ElementwiseOpcode.allCases {
      let found = filled(a.count) { S.elementwise(op, a.count, a, b, c, $0, p, q) }
      let wanted = a.indices.map { Double(S(oracle(op, Double(a[$0]), Double(b[$0]), Double(c[$0]), 0.25, 0.75))) }
      expectClose(found, wanted, tolerance, "\(op) of \(S.self)")
    }
  }

  @Test func everyOpcodeAgainstItsDefinition() {
    check(Float.self, 3e-7)
    check(Double.self, 1e-15)
  }

  @Test func squaresByPower() {
    let a: [Float] = [-3, 0.1, .nan, .infinity]
    expectEqual(filled(4) { Float.elementwise(.power, 4, a, nil, nil, $0, 2, 0) }, a.map { $0 * $0 }, "power 2")
  }

  /// An element has the same bits in the middle of a vector, in the remainder of a loop and alone, in place or not.
  private func checkPositions<S: Scalar>(_: S.Type) {
    var values = TestValues(seed: 2)
    let count = 75
    let (a, b, c): ([S], [S], [S]) = (values.uniform(count), values.uniform(count), values.uniform(count))
    for op in ElementwiseOpcode.allCases {
      let whole = filled(count) { S.elementwise(op, count, a, b, c, $0, 0.3, 0.6) }
      let single = filled(count) { (out: UnsafeMutablePointer<S>) in
        for i in 0..<count {
          a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
              c.withUnsafeBufferPointer { c in
                S.elementwise(
                  op, 1, a.baseAddress! + i, b.baseAddress! + i, c.baseAddress! + i, out + i, 0.3, 0.6)
              }
            }
          }
        }
      }
      expectEqual(whole, single, "\(op) of \(S.self), whole and one at a time")
      var inPlace = a
      inPlace.withUnsafeMutableBufferPointer {
        S.elementwise(op, count, $0.baseAddress!, b, c, $0.baseAddress!, 0.3, 0.6)
      }
      expectEqual(inPlace, whole, "\(op) of \(S.self), in place")
      for start in [1, 7, 16] {
        let shifted = filled(count - start) { (out: UnsafeMutablePointer<S>) in
          S.elementwise(op, count - start, Array(a[start...]), Array(b[start...]), Array(c[start...]), out, 0.3, 0.6)
        }
        expectEqual(shifted, Array(whole[start...]), "\(op) of \(S.self), from \(start)")
      }
    }
  }

  @Test func bitsDoNotDependOnPosition() {
    checkPositions(Float.self)
    checkPositions(Double.self)
  }

  @Test func operandCounts() {
    #expect(ElementwiseOpcode.fill.operandCount == 0)
    #expect(ElementwiseOpcode.tanh.operandCount == 1)
    #expect(ElementwiseOpcode.addScaled.operandCount == 2)
    #expect(ElementwiseOpcode.select.operandCount == 3)
    // What an opcode does not read may be nil.
    for op in ElementwiseOpcode.allCases {
      let one: [Float] = [0.5]
      let found: [Float] = filled(1) { out in
        one.withUnsafeBufferPointer { x in
          func operand(_ index: Int) -> UnsafePointer<Float>? { op.operandCount > index ? x.baseAddress : nil }
          Float.elementwise(op, 1, operand(0), operand(1), operand(2), out, 0.5, 0.5)
        }
      }
      #expect(!found[0].isNaN, "\(op)")
    }
  }
}

@Suite struct VectorMathTests {
  /// The distance between a float and the exact value, in units in the last place of the exact value's float.
  private func error(_ found: Float, _ exact: Double) -> Double {
    let rounded = Float(exact)
    if rounded.isNaN || found.isNaN { return rounded.isNaN && found.isNaN ? 0 : .infinity }
    if rounded.isInfinite || found.isInfinite { return rounded == found ? 0 : .infinity }
    return abs(Double(found) - exact) / Double(rounded.ulp)
  }

  @Test(arguments: [
    (ElementwiseOpcode.exp, 1.0), (.log, 0.9), (.tanh, 5.3), (.sigmoid, 2.3), (.softplus, 2.6), (.elu, 0.9),
  ])
  func floatsAreWithinTheStatedError(op: ElementwiseOpcode, bound: Double) {
    // Every 65,521st bit pattern: all exponents, both signs, infinities and NaNs; and a dense sweep where results vary.
    var x = stride(from: UInt32(0), to: UInt32.max - 65_521, by: 65_521).map { Float(bitPattern: $0) }
    x += [
      0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
    ]
    x += [88.72283, 88.72284, -87.33654, -103.97208, -103.97209, -104, 89, 9.1, -9.1, 1]
    x += stride(from: Float(-20), through: 20, by: 0.000_37)
    for (name, kernels) in everyLevel() {
      let found = filled(x.count) { kernels.elementwise(op.rawValue, x.count, x, nil, nil, $0, 1, 0) }
      var worst = (error: 0.0, at: Float(0))
      for (x, y) in zip(x, found) {
        if op == .tanh { #expect(!(abs(y) > 1) && (x.isNaN || y.sign == x.sign), "\(name): tanh(\(x)) = \(y)") }
        let e = error(y, oracle(op, Double(x), 0, 0, 1, 0))
        if !(e <= worst.error) { worst = (e, x) }
      }
      // With AVX-512 tanh is looked up in a table instead of being a quotient.
      let bound = op == .tanh && name == "v4" ? 1.9 : bound
      #expect(worst.error <= bound, "\(op) at level \(name): worst at \(worst.at)")
      guard op == .tanh else { continue }
      let half = x.map { $0 / 2 }, sums = zip(half, half).map { $0 + $1 }
      let ofSums = filled(x.count) {
        kernels.elementwise(ElementwiseOpcode.tanhOfSum.rawValue, x.count, half, half, nil, $0, 1, 0)
      }
      let wanted = filled(x.count) { kernels.elementwise(op.rawValue, x.count, sums, nil, nil, $0, 1, 0) }
      #expect(zip(ofSums, wanted).allSatisfy { $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN }, "\(name)")
    }
  }
}

/// The float kernels of each level that this processor has.
func everyLevel() -> [(String, ridgeline_float_kernels)] {
  [ridgeline_level_baseline, ridgeline_level_v3, ridgeline_level_v4].compactMap { level in
    ridgeline_float_kernels_of_level(level).map { (String(cString: ridgeline_level_name(level)), $0.pointee) }
  }
}

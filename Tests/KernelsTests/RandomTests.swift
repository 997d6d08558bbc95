import BLAS
import Kernels
import Testing

@Suite struct RandomTests {
  /// Draws by the definition: word w of Philox block b.
  private func word(_ index: UInt64, key: UInt64) -> UInt32 {
    let block = index / 4
    let words = Philox.block(
      counter: SIMD4(UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), 0, 0),
      key: SIMD2(UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32)))
    return words[Int(index % 4)]
  }

  static let counters: [UInt64] = [0, 1, 3, 62, 1 << 34, 0xffff_fffe]

  @Test(arguments: counters)
  func uniformAgainstPhilox(_ counter: UInt64) {
    let (key, count) = (UInt64(0x0123_4567_89ab_cdef), 150)
    let floats: [Float] = filled(count) { Float.philoxUniform(key: key, counter: counter, count: count, $0) }
    expectEqual(
      floats, (0..<count).map { Float(word(counter + UInt64($0), key: key) >> 8) * 0x1p-24 }, "uniform floats")
    let doubles: [Double] = filled(count) { Double.philoxUniform(key: key, counter: counter, count: count, $0) }
    let wanted = (0..<count).map { index in
      let first = 2 * (counter + UInt64(index))
      let bits = UInt64(word(first + 1, key: key)) << 32 | UInt64(word(first, key: key))
      return Double(bits >> 11) * 0x1p-53
    }
    expectEqual(doubles, wanted, "uniform doubles")
  }

  @Test func uniformDoesNotDependOnThreads() {
    let plan = RandomUniform<Float>(count: 50_001)
    let whole: [Float] = filled(50_001) { Float.philoxUniform(key: 9, counter: 7, count: 50_001, $0) }
    for order in [TaskOrder.backward, .threads(2), .threads(4)] {
      let found: [Float] = filled(50_001) { out in
        execute(plan, order) { phase, task in plan.run(phase: phase, task: task, key: 9, counter: 7, output: out) }
      }
      expectEqual(found, whole, "uniform, \(order)")
    }
    let mean = whole.reduce(0.0) { $0 + Double($1) } / 50_001
    #expect(abs(mean - 0.5) < 5 * 0.289 / 50_001.0.squareRoot())
    #expect(whole.allSatisfy { $0 >= 0 && $0 < 1 })
  }

  private func checkDropout<S: Scalar>(_: S.Type, _ rate: Double) {
    let (count, key, counter) = (40_003, UInt64(77), UInt64(5))
    let input = (1...count).map { S($0) }
    let plan = DropoutMaskApply<S>(count: count, rate: rate)
    let wanted = input.indices.map { index -> S in
      let isKept = Double(word(counter + UInt64(index), key: key)) >= rate * 0x1p32
      return isKept ? input[index] * S(1 / (1 - rate)) : 0
    }
    for order in [TaskOrder.forward, .backward, .threads(4)] {
      let found: [S] = filled(count) { out in
        execute(plan, order) { phase, task in
          plan.run(phase: phase, task: task, key: key, counter: counter, input: input, output: out)
        }
      }
      expectEqual(found, wanted, "dropout at \(rate)")
      let dropped = Double(found.count { $0 == 0 }) / Double(count)
      #expect(abs(dropped - rate) <= 5 * (rate * (1 - rate) / Double(count)).squareRoot())
    }
  }

  @Test(arguments: [0, 0.25, 0.5, 1])
  func dropoutAgainstPhilox(_ rate: Double) {
    checkDropout(Float.self, rate)
    checkDropout(Double.self, rate)
  }
}

import Foundation
import Tensors
import Testing

@Suite struct DecimalNumberTests {
  private func value(_ text: String) -> Double? {
    // Neighbours must not matter.
    let bytes = Array("9\(text)7".utf8)
    return DecimalNumber.value(bytes, 1..<bytes.count - 1)
  }

  /// The standard library is the oracle, bit for bit.
  private func expectSame(_ text: String, _ location: SourceLocation = #_sourceLocation) {
    #expect(value(text)?.bitPattern == Double(text)?.bitPattern, "\(text)", sourceLocation: location)
  }

  @Test(arguments: [
    "0", "-0", "+0", "1", "-1", "+1", "12.5", ".5", "-.5", "5.", "00012", "1e3", "1E+3", "1e-3", "2.5e-7", "0e99",
    "0.0e-999",
    "1e22", "1e23", "9007199254740993", "9007199254740992.5", "18446744073709551615", "9999999999999999999",
    "99999999999999999999", "0.1", "0.30000000000000004", "2.2250738585072014e-308", "4.9e-324", "1e-400", "-1e-400",
    "1.7976931348623157e308", "123456789012345678901234567890", "0.000000000000000000000000000123", "1e27", "1e-27",
    "1e28", "1e-28", "4503599627370497.5", "4503599627370496.5", "1.00000000000000011102230246251565",
  ])
  func isTheNearestDouble(_ text: String) { expectSame(text) }

  @Test func everyRandomDoubleComesBack() {
    var random = RandomGenerator(seed: 1, stream: "decimal")
    for _ in 0..<20_000 {
      let any = Double(bitPattern: random.next())
      if any.isFinite { expectSame("\(any)") }
      expectSame("\(random.normal())")
      // Digits without end, at sizes where halfway cases are near.
      let digits = String(random.next(upperBound: UInt64.max))
      expectSame("\(digits.prefix(1 + random.next(upperBound: 19)))e\(random.next(upperBound: 61) - 30)")
    }
  }

  @Test(arguments: [
    "", "+", "-", ".", "-.", "e5", "1e", "1e+", "1e-", "1.2.3", "1,5", "0x1p3", "1_000", " 1", "1 ", "--1", "1e5.0",
    "abc",
    "infinite", "nano", "1inf", "½", "١",
  ])
  func otherTextsAreNoNumbers(_ text: String) { #expect(value(text) == nil, "\(text)") }

  @Test func infinitiesAreToldApart() throws {
    for text in ["inf", "Infinity", "+INF", "1e309"] { #expect(value(text) == .infinity, "\(text)") }
    for text in ["-inf", "-infinity", "-1e999999999999999999999"] { #expect(value(text) == -.infinity, "\(text)") }
    for text in ["nan", "NaN", "-nan"] { #expect(try #require(value(text)).isNaN, "\(text)") }
  }

  @Test func integers() {
    func integer(_ text: String) -> Int? {
      let bytes = Array("9\(text)7".utf8)
      return DecimalNumber.integer(bytes, 1..<bytes.count - 1)
    }
    for number in [0, 7, 12, -12, Int.max, -Int.max] { #expect(integer("\(number)") == number) }
    #expect(integer("+5") == 5 && integer("007") == 7)
    for text in ["", "+", "-", "1.0", "1e3", "9223372036854775808", "99999999999999999999999", "a", " 1"] {
      #expect(integer(text) == nil, "\(text)")
    }
  }
}

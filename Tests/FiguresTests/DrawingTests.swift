import Foundation
import Testing

@testable import Figures

@Suite struct CSVTableTests {
  @Test func rowsAndCells() {
    var table = CSVTable(columns: ["name", "layer", "mean"])
    table.append(["standard", .integer(3), .number(0.1)])
    table.append([.text("a, b"), .integer(-1), .number(1e-300)])
    table.append([.text("say \"x\"\nand y"), .integer(0), .number(.nan)])
    table.append(["", .integer(0), .number(-.infinity)])
    #expect(table.text == "name,layer,mean\nstandard,3,0.1\n\"a, b\",-1,1e-300\nsay 'x' and y,0,\n,0,\n")
  }
}

@Suite struct AxisTests {
  private func ticks(_ axis: Axis) -> [Double] { axis.ticks.map { ($0.value * 1e9).rounded() / 1e9 } }

  @Test func linearTicks() {
    #expect(ticks(Axis("", from: 0, to: 10, tickCount: 5)) == [0, 2, 4, 6, 8, 10])
    #expect(Axis("", from: 0, to: 2000, tickCount: 4).ticks.map(\.label) == ["0", "500", "1,000", "1,500", "2,000"])
    #expect(Axis("", from: -1, to: 1, tickCount: 4).ticks.map(\.label) == ["−1.0", "−0.5", "0.0", "0.5", "1.0"])
    #expect(Axis("", from: 0.001, to: 0.004, tickCount: 3).ticks.map(\.label) == ["0.001", "0.002", "0.003", "0.004"])
  }

  @Test func logarithmicTicks() {
    let narrow = Axis.logarithmic("", [0.02, 0.4])
    #expect(narrow.ticks.map(\.label) == ["0.02", "0.05", "0.1", "0.2", "0.5"])
    let wide = Axis.logarithmic("", [1e-9, 1e3])
    #expect(wide.ticks.allSatisfy { $0.label == "1" || $0.label.hasPrefix("10") })
    #expect(wide.ticks.count <= 8 && wide.ticks.count >= 4)
    #expect(Axis.logarithmic("", [0, -1, .nan]).ticks.isEmpty == false)
  }

  @Test func positions() {
    let linear = Axis("", from: 2, to: 6)
    #expect(linear.fraction(2) == 0 && linear.fraction(5) == 0.75 && linear.fraction(8) == 1.5)
    let logarithmic = Axis.logarithmic("", [1, 100])
    #expect(abs(logarithmic.fraction(10) - 0.5) < 1e-12)
    #expect(abs(logarithmic.fraction(logarithmic.upper) - 1) < 1e-12)
  }

  /// Whatever stands in a file of results, an axis must come out.
  @Test(
    arguments: [
      [], [.nan], [.infinity, -.infinity], [5, 5], [0, 0], [1e308, -1e308], [Double.leastNonzeroMagnitude],
      [1e300, 1e300.nextUp],
      [1e20, 1e20 + 16384],
    ] as [[Double]])
  func extremeValues(_ values: [Double]) {
    for axis in [
      Axis.covering("", values), Axis.logarithmic("", values), Axis.covering("", values, from: 0),
      Axis("", from: values.first ?? 0, to: values.last ?? 0), Axis.covering("", [], from: 0, to: values.first ?? 1),
    ] {
      #expect(axis.lower.isFinite && axis.upper.isFinite && axis.lower < axis.upper)
      #expect(axis.ticks.count < 100)
    }
  }
}

@Suite struct TextWidthTests {
  /// Widths that DejaVu Sans has at 14 pixels, the widest font that a browser is likely to take for Helvetica.
  @Test(
    arguments: [
      ("random_uniform", 115.6), ("he_normal", 73.5), ("truncated_normal", 124.3), ("orthogonal", 76.0),
      ("layer 5", 48.5), ("σ = 0.001", 69.6), ("sparse (diverged)", 123.4),
    ])
  func labelsHaveRoom(_ text: String, _ width: Double) {
    let estimate = Sheet.textWidth(text)
    #expect(estimate >= width && estimate < 1.15 * width, "\(estimate)")
  }
}

@Suite struct LabelPlacementTests {
  @Test func labelsThatFitStay() {
    let places = LabelPlacement.spread([0.9, 0.1, 0.5], gap: 0.1)
    for (place, expected) in zip(places, [0.9, 0.1, 0.5]) { #expect(abs(place - expected) < 1e-12) }
    #expect(LabelPlacement.spread([], gap: 0.1) == [])
  }

  @Test func collidingLabelsShareTheirMean() {
    let places = LabelPlacement.spread([0.5, 0.5, 0.5], gap: 0.1)
    // Of equals the first stands highest.
    for (place, expected) in zip(places, [0.6, 0.5, 0.4]) { #expect(abs(place - expected) < 1e-12) }
    let pairs = LabelPlacement.spread([0.2, 0.25, 0.8], gap: 0.1)
    for (place, expected) in zip(pairs, [0.175, 0.275, 0.8]) { #expect(abs(place - expected) < 1e-12) }
  }

  @Test func keepsItsBounds() {
    let places = LabelPlacement.spread([0, 0, 1, 1, 0.98], gap: 0.1)
    #expect(places.allSatisfy { $0 >= -1e-12 && $0 <= 1 + 1e-12 })
    let sorted = places.sorted()
    #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $1 - $0 >= 0.1 - 1e-12 })
    // More than fit: still apart, from the lower bound up.
    let many = LabelPlacement.spread([Double](repeating: 0.5, count: 20), gap: 0.1).sorted()
    #expect(zip(many, many.dropFirst()).allSatisfy { abs($1 - $0 - 0.1) < 1e-12 })
  }
}

@Suite struct GnuplotTextTests {
  @Test func nothingEscapesFromAString() {
    #expect(GnuplotText.quoted("plain_name") == "'plain_name'")
    #expect(GnuplotText.quoted("it's") == "'it''s'")
    #expect(GnuplotText.quoted("a'; system('x'); '\nexit") == "'a''; system(''x''); '' exit'")
  }
}

@Suite struct LookTests {
  @Test func looksDifferInMoreThanColour() {
    let first = Look.all.prefix(8)
    #expect(Set(first.map(\.point)).count == 8)
    #expect(Set(first.map(\.color)).count == 8)
    #expect(Set(Look.all.map(\.point)).count == Look.all.count)
    #expect(Set(Look.all.map { $0.color + $0.dash }).count == Look.all.count)
  }

  @Test func knownInitializersAlwaysLookTheSame() {
    let few = LookBook(["glorot_uniform", "standard"])
    let many = LookBook(["zeros", "he_normal", "orthogonal", "standard", "lecun_uniform", "glorot_uniform"])
    #expect(few["standard"] == many["standard"] && few["glorot_uniform"] == many["glorot_uniform"])
    let names = (0..<30).map { "initializer_\($0)" } + ["zeros", "standard"]
    let book = LookBook(names)
    #expect(names.allSatisfy { (1...Look.all.count).contains(book[$0]) })
    #expect(Set(names.prefix(9).map { book[$0] }).count == 9)
  }
}

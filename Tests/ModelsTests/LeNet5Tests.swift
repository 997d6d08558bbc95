import Models
import NeuralNetworks
import Tensors
import Testing

@Suite("LeNet-5")
struct LeNet5Tests {
  @Test("original: 60,000 parameters and 340,908 connections, layer by layer")
  func originalCounts() throws {
    let model = LeNet5.original
    let summary = try NetworkSummary(model.network, input: model.inputShape)
    #expect(summary.parameters == 60_000)
    #expect(summary.connections == 340_908)
    #expect(summary.neurons == 8_094)
    let layers = summary.layers.filter { $0.connections > 0 }
    #expect(layers.map(\.name) == ["c1", "s2", "c3", "s4", "c5", "f6", "output"])
    #expect(layers.map(\.parameters) == [156, 12, 1_516, 32, 48_120, 10_164, 0])
    #expect(layers.map(\.connections) == [122_304, 5_880, 151_600, 2_000, 48_120, 10_164, 840])
    #expect(
      layers.map(\.output) == [[28, 28, 6], [14, 14, 6], [10, 10, 16], [5, 5, 16], [1, 1, 120], [84], [10]])
  }

  @Test("modern: 416,520 multiply-adds and a full second convolution")
  func modernCounts() throws {
    let model = LeNet5.modern
    let summary = try NetworkSummary(model.network, input: model.inputShape)
    #expect(summary.multiplyAdds == 416_520)
    // 156 + (150·16 + 16) + (400·120 + 120) + (120·84 + 84) + (84·10 + 10).
    #expect(summary.parameters == 61_706)
    #expect(summary.layers.last?.output == [10])
  }

  @Test("the connection table: 60 connections, each input map used by ten output maps")
  func connectionTable() {
    let table = LeNet5.connections
    #expect(table.map(\.count) == [3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 6])
    #expect(table.joined().count == 60)
    for map in 0..<6 { #expect(table.count { $0.contains(map) } == 10, "map \(map)") }
    #expect(table.allSatisfy { Set($0).count == $0.count && $0 == $0.sorted() })
    #expect(Set(table).count == 16)
    // Three contiguous maps, four contiguous maps, and four with a gap, all around the circle of six.
    for index in 0..<6 {
      #expect(Set(table[index]) == Set((index..<index + 3).map { $0 % 6 }))
      #expect(Set(table[6 + index]) == Set((index..<index + 4).map { $0 % 6 }))
    }
    for index in 0..<3 { #expect(Set(table[12 + index]) == Set([0, 1, 3, 4].map { ($0 + index) % 6 })) }
    #expect(table[15] == [0, 1, 2, 3, 4, 5])
  }

  /// A digit's code as twelve rows of seven characters.
  private func drawing(of digit: Int) -> [String] {
    let code = Array(LeNet5.codes.elements[digit * 84..<(digit + 1) * 84])
    return (0..<12).map { row in code[row * 7..<(row + 1) * 7].map { $0 == 1 ? "#" : "." }.joined() }
  }

  @Test("the output codes draw the digits")
  func drawings() {
    let one = [
      "...##..", "..###..", ".####..", "...##..", "...##..", "...##..", "...##..", "...##..", "...##..", ".######",
      ".......", ".......",
    ]
    #expect(drawing(of: 1) == one)
    let seven = [
      "#######", ".....##", ".....##", "....##.", "...##..", "...##..", "..##...", "..##...", "..##...", "..##...",
      ".......", ".......",
    ]
    #expect(drawing(of: 7) == seven)
    // Four begins two rows lower and hangs below the line.
    #expect(drawing(of: 4).prefix(3) == [".......", ".......", ".##..##"])
    #expect(drawing(of: 4).suffix(2) == [".....##", ".....##"])
  }

  @Test("the output codes are signs, and no two digits are alike")
  func distinctCodes() {
    #expect(LeNet5.codes.shape == [10, 84])
    #expect(LeNet5.codes.elements.allSatisfy { abs($0) == 1 })
    let codes = (0..<10).map { Array(LeNet5.codes.elements[$0 * 84..<($0 + 1) * 84]) }
    for first in 0..<10 {
      for second in 0..<first {
        let differing = zip(codes[first], codes[second]).count { $0.0 != $0.1 }
        #expect(differing >= 5, "\(first) and \(second) differ in \(differing) places")
      }
    }
  }
}

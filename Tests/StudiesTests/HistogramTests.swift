import Foundation
import Studies
import Testing

@Suite struct HistogramTests {
  @Test func everyNumberLandsInItsBin() {
    var histogram = Histogram(lowerBound: -1, upperBound: 1, binCount: 4)
    histogram.add(contentsOf: [-1, -0.51, -0.5, -0.01, 0, 0.49, 0.5, 1, -1.01, 7, .nan, .infinity] as [Float])
    #expect(histogram.counts == [2, 2, 2, 2])
    #expect(histogram.below == 1)
    #expect(histogram.above == 2)
    #expect(histogram.undefined == 1)
    #expect(histogram.total == 12)
    #expect(histogram.binWidth == 0.5)
    #expect(histogram.center(0) == -0.75 && histogram.center(3) == 0.75)
  }

  @Test func densitiesSumToTheFractionInside() {
    var histogram = Histogram(lowerBound: 0, upperBound: 2, binCount: 4)
    histogram.add(contentsOf: [0.1, 0.2, 0.7, 5])
    #expect(histogram.densities == [1, 0.5, 0, 0])
    #expect(histogram.density(1) == 0.5)
    #expect(histogram.densities.reduce(0, +) * histogram.binWidth == 0.75)
    #expect(Histogram(lowerBound: 0, upperBound: 1, binCount: 2).densities == [0, 0])
  }

  @Test func mergesOnlyEqualBins() throws {
    var first = Histogram(lowerBound: 0, upperBound: 1, binCount: 2)
    first.add(contentsOf: [0.1, 0.9, 3])
    var second = Histogram(lowerBound: 0, upperBound: 1, binCount: 2)
    second.add(contentsOf: [0.2, -1, .nan])
    let merged = try #require(Histogram.merged([first, second]))
    #expect(merged.counts == [2, 1])
    #expect(merged.below == 1 && merged.above == 1 && merged.undefined == 1)
    #expect(Histogram.merged([first, Histogram(lowerBound: 0, upperBound: 1, binCount: 3)]) == nil)
    #expect(Histogram.merged([first, Histogram(lowerBound: 0, upperBound: 2, binCount: 2)]) == nil)
    #expect(Histogram.merged([]) == nil)
  }

  @Test func roundTrip() throws {
    var histogram = Histogram(lowerBound: -0.5, upperBound: 0.5, binCount: 3)
    histogram.add(contentsOf: [0, 0.4, 9, -9, .nan])
    let data = try JSONEncoder().encode(histogram)
    #expect(try JSONDecoder().decode(Histogram.self, from: data) == histogram)
  }

  @Test(arguments: [
    #"{"lower_bound": 1, "upper_bound": 1, "counts": [1]}"#,
    #"{"lower_bound": 0, "upper_bound": 1, "counts": []}"#,
    #"{"lower_bound": 0, "upper_bound": 1, "counts": [-1]}"#,
    #"{"lower_bound": -1e308, "upper_bound": 1e308, "counts": [1]}"#,
    #"{"lower_bound": 0, "counts": [1]}"#,
  ])
  func refusesNonsense(_ json: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Histogram.self, from: Data(json.utf8))
    }
  }
}

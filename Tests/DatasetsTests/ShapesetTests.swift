import Foundation
import Tensors
import Testing

@testable import Datasets

@Suite struct ShapesetTests {
  private let set = Shapeset(seed: 7, count: 3000)

  @Test func hasTheNineClasses() {
    #expect(set.exampleShape == [32, 32, 1])
    #expect(set.targetShape == [])
    #expect(
      set.classNames == [
        "triangle", "parallelogram", "ellipse", "triangle + triangle", "triangle + parallelogram",
        "triangle + ellipse", "parallelogram + parallelogram", "parallelogram + ellipse", "ellipse + ellipse",
      ])
  }

  @Test func labelsWhatItShows() throws {
    var inFront = 0
    for index in 0..<set.count {
      let scene = set.scene(index)
      let kinds = [scene.first.kind, scene.second?.kind].compactMap { $0 }.sorted { $0.rawValue < $1.rawValue }
      let name = kinds.map { "\($0)" }.joined(separator: " + ")
      #expect(set.classNames[scene.classIndex] == name)
      #expect(try set.classIndex(of: index) == scene.classIndex)
      if let second = scene.second, second.kind.rawValue < scene.first.kind.rawValue { inFront += 1 }
    }
    // A third of the examples show two different kinds, and in half of those the lower kind lies in front.
    #expect((400...600).contains(inFront))
  }

  @Test func classesAreBalanced() throws {
    var counts = [Int](repeating: 0, count: 9)
    let set = Shapeset(seed: 3, count: 9000)
    for index in 0..<set.count { counts[try set.classIndex(of: index)] += 1 }
    // 1000 expected, standard deviation 30.
    for count in counts { #expect(abs(count - 1000) < 150) }
  }

  @Test func keepsTheConstraints() {
    for index in 0..<set.count {
      let scene = set.scene(index)
      var levels = [scene.background]
      for item in [scene.first, scene.second].compactMap({ $0 }) {
        let bounds = item.shape.bounds
        #expect(min(bounds.left, bounds.top) > 0.99 && max(bounds.right, bounds.bottom) < 31.01)
        #expect((48.9...169.1).contains(item.shape.area))
        #expect(abs(ScanLines.overlap(item.shape, item.shape) - item.shape.area) < 0.05 * item.shape.area)
        for level in levels { #expect(abs(level - item.level) >= 0.2) }
        #expect((0...1).contains(item.level))
        levels.append(item.level)
      }
      if let second = scene.second {
        let overlap = ScanLines.overlap(scene.first.shape, second.shape)
        #expect(overlap <= 0.5 * min(scene.first.shape.area, second.shape.area))
      }
    }
  }

  /// Draws by plain point tests, 8x8 points to a pixel, and compares.
  @Test func drawsTheScene() throws {
    for index in 0..<20 {
      let scene = set.scene(index)
      let drawn = try set.batch([index]).inputs.elements
      let steps = 8
      for row in 0..<32 {
        for column in 0..<32 {
          var sum: Float = 0
          for point in 0..<steps * steps {
            let x = Float(column) + (Float(point % steps) + 0.5) / Float(steps)
            let y = Float(row) + (Float(point / steps) + 0.5) / Float(steps)
            sum += scene.level(x, y)
          }
          let expected = sum / Float(steps * steps)
          #expect(abs(drawn[row * 32 + column] - expected) < 0.15, "example \(index) at \(row), \(column)")
        }
      }
    }
  }

  @Test func dependsOnSeedStreamAndIndexOnly() throws {
    let short = Shapeset(seed: 7, count: 10)
    #expect(try short.batch() == set.batch(0..<10))
    #expect(try set.batch([5, 2]).inputs.elements.prefix(1024) == short.batch([5]).inputs.elements.prefix(1024))
    #expect(try Shapeset(seed: 8, count: 10).batch() != short.batch())
    #expect(try Shapeset(seed: 7, count: 10, stream: .test).batch() != short.batch())
    #expect(
      try Shapeset(seed: 7, count: 10, stream: .test).batch()
        != Shapeset(seed: 7, count: 10, stream: .validation).batch())
  }

  @Test func trainingGoesOnForEver() throws {
    let first = Shapeset(seed: 7, count: 10)
    #expect(try first.examples(forEpoch: 0).batch() == first.batch())
    #expect(try first.examples(forEpoch: 3).batch() == set.batch(30..<40))
    let test = Shapeset(seed: 7, count: 10, stream: .test)
    #expect(try test.examples(forEpoch: 3).batch() == test.batch())
  }

  @Test func statisticsAreAsMeasured() throws {
    let standardised = try Shapeset(seed: 11, count: 3000, scaling: .shapeset(deviation: 0.3)).batch().inputs.elements
    let count = Double(standardised.count)
    let mean = standardised.reduce(0.0) { $0 + Double($1) } / count
    let variance = standardised.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    // One image's background moves its mean by 0.29, so 3000 images know the mean to 0.005 before scaling.
    #expect(abs(mean) < 0.025)
    #expect(abs(variance.squareRoot() - 0.3) < 0.01)
    let unit = try set.batch(0..<200).inputs.elements
    #expect(unit.allSatisfy { (0...1).contains($0) })
  }

  @Test func refusesOtherIndices() {
    #expect(throws: DatasetError.self) { try set.batch([3000]) }
    #expect(throws: DatasetError.self) { try set.classIndex(of: -1) }
    #expect(Shapeset(seed: 1, count: -5).count == 0)
  }
}

extension ShapesetScene {
  /// The level at a point, found by asking each figure in turn.
  fileprivate func level(_ x: Float, _ y: Float) -> Float {
    func contains(_ shape: ConvexShape) -> Bool {
      guard y > shape.bounds.top, y < shape.bounds.bottom else { return false }
      let span = shape.span(at: y)
      return x > span.left && x < span.right
    }
    if let second, contains(second.shape) { return second.level }
    return contains(first.shape) ? first.level : background
  }
}

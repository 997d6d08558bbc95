import Foundation
import Testing

@testable import Datasets

@Suite struct ConvexShapeTests {
  /// The area by counting points of a fine grid that pass a plain test.
  private func countedArea(_ contains: (Float, Float) -> Bool) -> Float {
    let steps = 512
    var count = 0
    for row in 0..<steps {
      for column in 0..<steps
      where contains((Float(column) + 0.5) * 32 / Float(steps), (Float(row) + 0.5) * 32 / Float(steps)) {
        count += 1
      }
    }
    return Float(count) * 1024 / Float(steps * steps)
  }

  private func drawnArea(_ shape: ConvexShape) -> Float { ScanLines.overlap(shape, shape) }

  @Test func triangle() {
    // Corners (4, 5), (20, 8), (10, 27), given both ways round.
    for reversed in [false, true] {
      let x = SIMD4<Float>(4, reversed ? 10 : 20, reversed ? 20 : 10, reversed ? 20 : 10)
      let y = SIMD4<Float>(5, reversed ? 27 : 8, reversed ? 8 : 27, reversed ? 8 : 27)
      let shape = ConvexShape(corners: x, y)
      #expect(abs(shape.area - 167) < 1e-3)
      #expect(abs(drawnArea(shape) - 167) < 0.5)
      #expect(shape.bounds == (4, 5, 20, 27))
      // At y = 8 the line runs from the edge (4,5)-(10,27) to the corner (20, 8).
      let span = shape.span(at: 8)
      #expect(abs(span.left - (4 + 6 * 3 / 22.0)) < 1e-4)
      #expect(abs(span.right - 20) < 1e-4)
    }
  }

  @Test func rectangleWithLevelEdges() {
    let shape = ConvexShape(corners: SIMD4(2, 12, 12, 2), SIMD4(3, 3, 8, 8))
    #expect(shape.area == 50)
    #expect(drawnArea(shape) == 50)
    let span = shape.span(at: 5)
    #expect(span.left == 2 && span.right == 12)
  }

  @Test func ellipse() {
    let angle: Float = 0.7
    let (cosine, sine) = (cos(angle), sin(angle))
    let shape = ConvexShape(center: SIMD2(15, 17), halfAxes: SIMD2(10, 4), cosine: cosine, sine: sine)
    #expect(abs(shape.area - 125.664) < 1e-2)
    #expect(abs(drawnArea(shape) - shape.area) < 0.5)
    let counted = countedArea { x, y in
      let along = ((x - 15) * cosine + (y - 17) * sine) / 10
      let across = (-(x - 15) * sine + (y - 17) * cosine) / 4
      return along * along + across * across <= 1
        && x >= shape.bounds.left && x <= shape.bounds.right && y >= shape.bounds.top && y <= shape.bounds.bottom
    }
    #expect(abs(counted - shape.area) < 0.5, "the bounds cut nothing off and the span follows the rotation")
    for y in stride(from: shape.bounds.top + 0.1, to: shape.bounds.bottom, by: 0.5) {
      let span = shape.span(at: y)
      for x in [span.left, span.right] {
        let along = ((x - 15) * cosine + (y - 17) * sine) / 10
        let across = (-(x - 15) * sine + (y - 17) * cosine) / 4
        #expect(abs(along * along + across * across - 1) < 1e-3)
      }
    }
  }

  @Test func overlap() {
    let one = ConvexShape(corners: SIMD4(2, 12, 12, 2), SIMD4(3, 3, 8, 8))
    let other = ConvexShape(corners: SIMD4(10, 20, 20, 10), SIMD4(5, 5, 15, 15))
    #expect(ScanLines.overlap(one, other) == 6)
    #expect(ScanLines.overlap(other, one) == 6)
    let apart = ConvexShape(corners: SIMD4(13, 20, 20, 13), SIMD4(3, 3, 8, 8))
    #expect(ScanLines.overlap(one, apart) == 0)
  }

  @Test func drawsCoverage() {
    var pixels = [Float](repeating: 0, count: 1024)
    let shape = ConvexShape(corners: SIMD4(2.25, 5.5, 5.5, 2.25), SIMD4(3, 3, 4, 4))
    let hole = ConvexShape(corners: SIMD4(4, 9, 9, 4), SIMD4(3.5, 3.5, 9, 9))
    pixels.withUnsafeMutableBufferPointer { ScanLines.add(1, over: shape, except: hole, to: $0) }
    #expect(Array(pixels[3 * 32..<3 * 32 + 8]) == [0, 0, 0.75, 1, 0.5, 0.25, 0, 0])
    #expect(pixels.reduce(0, +) == 2.5)
  }
}

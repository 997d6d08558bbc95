import Foundation
import Tensors

extension ConvexShape {
  /// A figure of the given kind with random proportions, size, rotation and place, wholly inside the frame.
  ///
  /// The area does not tell the kinds apart: its square root is uniform over `Shapeset.sideRange` for all of them.
  static func random(_ kind: Shapeset.Kind, generator: inout RandomGenerator) -> ConvexShape {
    let side = generator.float(in: Shapeset.sideRange)
    let first = generator.float(in: 0...1)
    let second = generator.float(in: 0...1)
    let angle = generator.float(in: 0...(2 * Float.pi))
    let (cosine, sine) = (cos(angle), sin(angle))
    switch kind {
    case .triangle:
      // Base 1 from -1/2 to 1/2, apex above the base's middle part: no angle is below 30 degrees.
      let apex = -0.4 + 0.8 * first
      let height = 0.6 + 0.5 * second
      let scale = side * (2 / height).squareRoot()
      return placed(
        x: scale * SIMD4(-0.5, 0.5, apex, apex), y: scale * SIMD4(0, 0, height, height), cosine, sine, &generator)
    case .parallelogram:
      // Sides 1 and ratio, at an angle of 50 to 130 degrees: rectangles, rhombi and squares belong to it.
      let ratio = 0.5 + 0.5 * first
      let corner = (50 + 80 * second) * Float.pi / 180
      let (across, up) = (ratio * cos(corner), ratio * sin(corner))
      let scale = side / up.squareRoot()
      return placed(
        x: scale * SIMD4(0, 1, 1 + across, across), y: scale * SIMD4(0, 0, up, up), cosine, sine, &generator)
    case .ellipse:
      // Circles belong to it. The second proportion is drawn and not used, so that kinds take equally many draws.
      let ratio = 0.4 + 0.6 * first
      let long = side / (Float.pi * ratio).squareRoot()
      let halfAxes = SIMD2(long, long * ratio)
      let shape = ConvexShape(center: .zero, halfAxes: halfAxes, cosine: cosine, sine: sine)
      return ConvexShape(
        center: place(shape.bounds, &generator), halfAxes: halfAxes, cosine: cosine, sine: sine)
    }
  }

  private static func placed(
    x: SIMD4<Float>, y: SIMD4<Float>, _ cosine: Float, _ sine: Float, _ generator: inout RandomGenerator
  ) -> ConvexShape {
    let turnedX = cosine * x - sine * y
    let turnedY = sine * x + cosine * y
    let shift = place((turnedX.min(), turnedY.min(), turnedX.max(), turnedY.max()), &generator)
    return ConvexShape(corners: turnedX + shift.x, turnedY + shift.y)
  }

  /// A shift that puts the bounds somewhere inside the frame, every place as likely as any other.
  private static func place(
    _ bounds: (left: Float, top: Float, right: Float, bottom: Float), _ generator: inout RandomGenerator
  ) -> SIMD2<Float> {
    let frame = Float(Shapeset.size) - 2 * Shapeset.margin
    let slackX = max(0, frame - (bounds.right - bounds.left))
    let slackY = max(0, frame - (bounds.bottom - bounds.top))
    return SIMD2(
      Shapeset.margin - bounds.left + slackX * generator.float(in: 0...1),
      Shapeset.margin - bounds.top + slackY * generator.float(in: 0...1))
  }
}

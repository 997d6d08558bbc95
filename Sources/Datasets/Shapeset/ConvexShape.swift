/// A convex figure in pixel coordinates (x to the right, y down, pixel (0, 0) covers the unit square at the origin), known
/// by what a horizontal line cuts out of it.
struct ConvexShape: Sendable {
  /// The outline: straight edges or an ellipse.
  private enum Outline: Sendable {
    case polygon(HalfPlanes)
    case ellipse(Ellipse)
  }

  /// Where a horizontal line enters and leaves; `left >= right` where it misses.
  struct Span {
    var left: Float
    var right: Float

    /// What two figures have in common on one line.
    func intersection(_ other: Span) -> Span { Span(left: max(left, other.left), right: min(right, other.right)) }
  }

  /// The exact area in square pixels.
  let area: Float
  /// The left, top, right and bottom ends.
  let bounds: (left: Float, top: Float, right: Float, bottom: Float)
  private let outline: Outline

  /// A convex polygon of three or four corners in order, either way round; a triangle repeats its last corner.
  init(corners x: SIMD4<Float>, _ y: SIMD4<Float>) {
    let nextX = SIMD4(x[1], x[2], x[3], x[0])
    let nextY = SIMD4(y[1], y[2], y[3], y[0])
    let doubledArea = (x * nextY - nextX * y).sum()
    area = abs(doubledArea) / 2
    bounds = (x.min(), y.min(), x.max(), y.max())
    outline = .polygon(HalfPlanes(x: x, y: y, nextX: nextX, nextY: nextY, clockwise: doubledArea > 0))
  }

  /// An ellipse of the given half axes, the first one turned by the angle of cosine `cosine` and sine `sine`.
  init(center: SIMD2<Float>, halfAxes: SIMD2<Float>, cosine: Float, sine: Float) {
    area = Float.pi * halfAxes.x * halfAxes.y
    let squared = halfAxes * halfAxes
    let halfWidth = (squared.x * cosine * cosine + squared.y * sine * sine).squareRoot()
    let halfHeight = (squared.x * sine * sine + squared.y * cosine * cosine).squareRoot()
    bounds = (center.x - halfWidth, center.y - halfHeight, center.x + halfWidth, center.y + halfHeight)
    outline = .ellipse(
      Ellipse(
        center: center,
        xx: cosine * cosine / squared.x + sine * sine / squared.y,
        xy: cosine * sine * (1 / squared.x - 1 / squared.y),
        yy: sine * sine / squared.x + cosine * cosine / squared.y))
  }

  /// What the horizontal line at height `y` cuts out.
  @inline(__always)
  func span(at y: Float) -> Span {
    switch outline {
    case .polygon(let halfPlanes): halfPlanes.span(at: y)
    case .ellipse(let ellipse): ellipse.span(at: y)
    }
  }
}

/// A convex polygon as the intersection of up to four half-planes, each a bound on x that is linear in y.
private struct HalfPlanes: Sendable {
  private var leftBase = SIMD4<Float>(repeating: -.greatestFiniteMagnitude)
  private var leftSlope = SIMD4<Float>(repeating: 0)
  private var rightBase = SIMD4<Float>(repeating: .greatestFiniteMagnitude)
  private var rightSlope = SIMD4<Float>(repeating: 0)

  init(x: SIMD4<Float>, y: SIMD4<Float>, nextX: SIMD4<Float>, nextY: SIMD4<Float>, clockwise: Bool) {
    for edge in 0..<4 {
      let height = nextY[edge] - y[edge]
      // A horizontal edge bounds y, not x: lines outside are never asked for. A repeated corner is no edge at all.
      guard abs(height) > 1e-4 else { continue }
      let slope = (nextX[edge] - x[edge]) / height
      let base = x[edge] - slope * y[edge]
      // With y downwards, a clockwise outline has its inside to the left of every edge that goes down.
      if (height > 0) == clockwise {
        rightBase[edge] = base
        rightSlope[edge] = slope
      } else {
        leftBase[edge] = base
        leftSlope[edge] = slope
      }
    }
  }

  @inline(__always)
  func span(at y: Float) -> ConvexShape.Span {
    ConvexShape.Span(left: (leftBase + leftSlope * y).max(), right: (rightBase + rightSlope * y).min())
  }
}

/// The points with `xx dx² + 2 xy dx dy + yy dy² <= 1` about a center.
private struct Ellipse: Sendable {
  let center: SIMD2<Float>
  let xx: Float
  let xy: Float
  let yy: Float

  @inline(__always)
  func span(at y: Float) -> ConvexShape.Span {
    let dy = y - center.y
    let discriminant = xy * xy * dy * dy - xx * (yy * dy * dy - 1)
    guard discriminant > 0 else { return ConvexShape.Span(left: 0, right: 0) }
    let middle = center.x - xy * dy / xx
    let half = discriminant.squareRoot() / xx
    return ConvexShape.Span(left: middle - half, right: middle + half)
  }
}

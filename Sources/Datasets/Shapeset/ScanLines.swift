/// Areas and pictures of convex figures from horizontal lines: exact along a line, four lines to a row of pixels.
enum ScanLines {
  /// Lines to a row of pixels.
  static let perRow = 4

  /// The heights of the lines that may meet the figure, as line numbers; line k lies at `(k + 0.5) / perRow`.
  private static func lines(_ shape: ConvexShape) -> Range<Int> {
    let scale = Float(perRow)
    let first = max(0, Int((shape.bounds.top * scale - 0.5).rounded(.up)))
    let last = min(Shapeset.size * perRow - 1, Int((shape.bounds.bottom * scale - 0.5).rounded(.down)))
    return first..<max(first, last + 1)
  }

  private static func height(_ line: Int) -> Float { (Float(line) + 0.5) / Float(perRow) }

  /// The area that two figures have in common, in square pixels.
  static func overlap(_ one: ConvexShape, _ other: ConvexShape) -> Float {
    guard one.bounds.left < other.bounds.right, other.bounds.left < one.bounds.right else { return 0 }
    var length: Float = 0
    for line in lines(one).clamped(to: lines(other)) {
      let y = height(line)
      let common = one.span(at: y).intersection(other.span(at: y))
      length += max(0, common.right - common.left)
    }
    return length / Float(perRow)
  }

  /// Adds `weight` to every pixel in proportion to how much of it lies in `shape` and not in `hole`.
  static func add(
    _ weight: Float, over shape: ConvexShape, except hole: ConvexShape?, to pixels: UnsafeMutableBufferPointer<Float>
  ) {
    let lineWeight = weight / Float(perRow)
    for line in lines(shape) {
      let y = height(line)
      let row = UnsafeMutableBufferPointer(
        rebasing: pixels[line / perRow * Shapeset.size..<(line / perRow + 1) * Shapeset.size])
      let span = shape.span(at: y)
      add(lineWeight, over: span, to: row)
      if let hole, y > hole.bounds.top, y < hole.bounds.bottom {
        add(-lineWeight, over: span.intersection(hole.span(at: y)), to: row)
      }
    }
  }

  /// Adds `weight` to the pixels of one row in proportion to how much of their width the span covers.
  private static func add(
    _ weight: Float, over span: ConvexShape.Span, to row: UnsafeMutableBufferPointer<Float>
  ) {
    let left = max(0, span.left)
    let right = min(Float(row.count), span.right)
    guard left < right else { return }
    let first = Int(left)
    let last = min(Int(right), row.count - 1)
    if first == last {
      row[first] += weight * (right - left)
      return
    }
    row[first] += weight * (Float(first + 1) - left)
    for column in first + 1..<last { row[column] += weight }
    row[last] += weight * (right - Float(last))
  }
}

import BLAS

extension Tensor: CustomStringConvertible {
  /// The numbers in nested brackets, aligned in columns as NumPy prints them; past 1000 elements only the first and
  /// last three of each axis.
  public var description: String {
    let edge = 3
    let isSummarised = count > 1000
    func shown(_ axis: Int) -> [Int?] {
      let extent = shape.dimensions[axis]
      guard isSummarised, extent > 2 * edge else { return (0..<extent).map { $0 } }
      return (0..<edge).map { $0 } + [nil] + (extent - edge..<extent).map { $0 }
    }
    func offsets(_ axis: Int, _ start: Int) -> [Int] {
      guard axis < rank else { return [start] }
      return shown(axis).flatMap { index in
        index.map { offsets(axis + 1, start + $0 * strides[axis]) } ?? []
      }
    }
    let strides = shape.strides
    let width = offsets(0, 0).map { "\(elements[$0])".count }.max() ?? 0
    func text(_ axis: Int, _ start: Int) -> String {
      guard axis < rank else {
        let number = "\(elements[start])"
        return String(repeating: " ", count: width - number.count) + number
      }
      let parts = shown(axis).map { index in index.map { text(axis + 1, start + $0 * strides[axis]) } ?? "..." }
      let isInnermost = axis == rank - 1
      let lineBreaks = String(repeating: "\n", count: rank - 1 - axis)
      let separator = isInnermost ? ", " : "," + lineBreaks + String(repeating: " ", count: axis + 1)
      return "[" + parts.joined(separator: separator) + "]"
    }
    return text(0, 0)
  }
}

extension Tensor: CustomDebugStringConvertible {
  /// The scalar, the shape and the numbers: `Tensor<Float>[2, 2] [[1.0, 2.0], …`.
  public var debugDescription: String { "Tensor<\(S.self)>\(shape) \(description)" }
}

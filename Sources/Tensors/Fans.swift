/// How many inputs feed one unit of a layer and how many units one input feeds: what keeps variances in hand when
/// weights are drawn.
public struct Fans: Hashable, Sendable {
  /// The number of inputs that feed one unit.
  public let fanIn: Int
  /// The number of units that one input feeds.
  public let fanOut: Int

  /// Makes a pair of fans.
  public init(fanIn: Int, fanOut: Int) {
    self.fanIn = fanIn
    self.fanOut = fanOut
  }

  /// The mean of the two, `(fanIn + fanOut) / 2`.
  public var average: Double { (Double(fanIn) + Double(fanOut)) / 2 }

  /// The fans of a weight of a given shape, by Keras's rule (`compute_fans`).
  ///
  /// | shape | fan-in | fan-out |
  /// |---|---|---|
  /// | `[]` | 1 | 1 |
  /// | `[n]` | n | n |
  /// | `[inputs, outputs]` | inputs | outputs |
  /// | `[size..., inputs, outputs]` | product(size) · inputs | product(size) · outputs |
  ///
  /// A bias, or the kernel of a layer that shares or groups its inputs, has other fans than its shape tells: its layer
  /// passes them.
  public static func of(shape: Shape) -> Fans {
    switch shape.rank {
    case 0: return Fans(fanIn: 1, fanOut: 1)
    case 1: return Fans(fanIn: shape[0], fanOut: shape[0])
    default:
      let receptiveField = shape.dimensions.dropLast(2)
      return Fans(fanIn: product(receptiveField + [shape[-2]]), fanOut: product(receptiveField + [shape[-1]]))
    }
  }

  /// The product, or the largest `Int` where an empty shape's other extents overflow.
  private static func product(_ extents: ArraySlice<Int>) -> Int {
    extents.reduce(1) { product, extent in
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      return overflow ? .max : next
    }
  }
}

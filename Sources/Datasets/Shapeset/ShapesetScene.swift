import Tensors

/// What one Shapeset example shows: grey levels and one or two figures, before it is drawn.
struct ShapesetScene: Sendable {
  /// A figure and its grey level.
  struct Item: Sendable {
    var kind: Shapeset.Kind
    var shape: ConvexShape
    var level: Float
  }

  /// The class: which kinds are present.
  let classIndex: Int
  /// The grey level behind the figures.
  let background: Float
  /// The figure drawn first.
  let first: Item
  /// The figure drawn over it, if there are two.
  let second: Item?

  /// Draws a scene at random; the class is the generator's first draw.
  init(generator: inout RandomGenerator) {
    classIndex = Self.classIndex(generator: &generator)
    var kinds = Shapeset.kinds[classIndex]
    if kinds.count == 2, generator.float(in: 0...1) < 0.5 { kinds = (kinds.second, kinds.first, 2) }

    background = generator.float(in: 0...1)
    let firstLevel = generator.level(awayFrom: background, background)
    first = Item(kind: kinds.first, shape: .random(kinds.first, generator: &generator), level: firstLevel)
    guard kinds.count == 2 else {
      second = nil
      return
    }
    let secondLevel = generator.level(awayFrom: background, firstLevel)
    // Well over half of the draws pass, whatever the first figure: the smallest figures are a twentieth of the frame.
    var shape: ConvexShape
    repeat {
      shape = .random(kinds.second, generator: &generator)
    } while ScanLines.overlap(shape, first.shape) > Shapeset.maximumOverlap * min(shape.area, first.shape.area)
    second = Item(kind: kinds.second, shape: shape, level: secondLevel)
  }

  /// The class that `init(generator:)` would draw.
  static func classIndex(generator: inout RandomGenerator) -> Int {
    generator.next(upperBound: Shapeset.kinds.count)
  }

  /// Draws the scene into `size * size` pixels as levels from 0 to 1, each the exact mean of what its lines show.
  func draw(into pixels: UnsafeMutableBufferPointer<Float>) {
    pixels.update(repeating: background)
    ScanLines.add(first.level - background, over: first.shape, except: second?.shape, to: pixels)
    if let second { ScanLines.add(second.level - background, over: second.shape, except: nil, to: pixels) }
  }
}

extension RandomGenerator {
  /// A number drawn uniformly from `range`.
  mutating func float(in range: ClosedRange<Float>) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * Float(uniform())
  }

  /// A grey level that differs from two others by at least `Shapeset.minimumContrast`.
  fileprivate mutating func level(awayFrom one: Float, _ other: Float) -> Float {
    while true {
      let level = float(in: 0...1)
      if min(abs(level - one), abs(level - other)) >= Shapeset.minimumContrast { return level }
    }
  }
}

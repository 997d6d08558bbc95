import Datasets
import RealModule
import Tensors

/// Square grey images that look otherwise each time they are seen: moved a little, and, on request, turned and mirrored, where each
/// of the eight positions of a class is a class of its own.
///
/// Who must tell the positions of a digit apart learns more of it than what parts five digits, and that serves others: joint labels of
/// class and position are Lee, Hwang and Shin, "Self-supervised label augmentation via input transformations", ICML 2020.
struct ChangedImages: Dataset {
  /// The positions of a square: four quarter turns, and their mirror images.
  static let positions = 8

  let base: Subset
  /// Whether images are turned and mirrored, so that there are eight times the classes: class c in position p is number c + p
  /// times the classes.
  let turns: Bool
  /// The stream of the epoch, which has one of its own for each image.
  private var generator: RandomGenerator
  private let root: RandomGenerator

  var count: Int { base.count }
  var exampleShape: Shape { base.exampleShape }
  var targetShape: Shape { [] }
  var classNames: [String] {
    turns
      ? (0..<Self.positions).flatMap { position in base.classNames.map { "\($0) in \(position)" } } : base.classNames
  }

  /// - Precondition: the images are [side, side, 1].
  init(_ base: Subset, turns: Bool, seed: UInt64) {
    precondition(base.exampleShape.rank == 3 && base.exampleShape[0] == base.exampleShape[1], "square images")
    (self.base, self.turns) = (base, turns)
    root = RandomGenerator(seed: seed, stream: "changed images")
    generator = root.fork(0)
  }

  func examples(forEpoch epoch: Int) -> ChangedImages {
    var copy = self
    copy.generator = root.fork(epoch)
    return copy
  }

  func copyExample(
    _ index: Int, into input: UnsafeMutableBufferPointer<Float>, target: UnsafeMutableBufferPointer<Float>
  ) throws {
    try checkAccess(index, input: input, target: target)
    try base.copyExample(index, into: input, target: target)
    var draws = generator.fork(index)
    let moved = Movement(&draws).applied(to: Array(input), side: exampleShape[0])
    let position = turns ? draws.next(upperBound: Self.positions) : 0
    Self.turn(moved, side: exampleShape[0], to: position, into: input)
    target[0] += Float(position * base.classNames.count)
  }

  /// Writes an image in one of the positions: so many quarter turns, the last four mirrored.
  static func turn(
    _ image: [Float], side: Int, to position: Int, into output: UnsafeMutableBufferPointer<Float>
  ) {
    for row in 0..<side {
      for column in 0..<side {
        let seen = position >= 4 ? side - 1 - column : column
        let (y, x) =
          switch position % 4 {
          case 1: (seen, side - 1 - row)
          case 2: (side - 1 - row, side - 1 - seen)
          case 3: (side - 1 - seen, row)
          default: (row, seen)
          }
        output[row * side + column] = image[y * side + x]
      }
    }
  }
}

/// A small change of place: a turn, another size, a slant and a shift, about the middle of the image.
struct Movement {
  /// Where a pixel of the result is taken from: the middle plus this matrix times its place from the middle, plus the shift.
  let matrix: (xx: Double, xy: Double, yx: Double, yy: Double)
  /// In pixels.
  let shift: (x: Double, y: Double)

  init(matrix: (xx: Double, xy: Double, yx: Double, yy: Double), shift: (x: Double, y: Double)) {
    (self.matrix, self.shift) = (matrix, shift)
  }

  /// Draws a turn of up to 15 degrees, a size of 0.85 to 1.15, a slant of up to 0.15 and a shift of up to 2 pixels.
  init(_ draws: inout RandomGenerator) {
    let angle = draws.uniform(in: -15.0...15) * .pi / 180
    let size = draws.uniform(in: 0.85...1.15)
    let slant = draws.uniform(in: -0.15...0.15)
    let (cosine, sine) = (Double.cos(angle) / size, Double.sin(angle) / size)
    matrix = (cosine, slant - sine, sine, cosine)
    shift = (draws.uniform(in: -2.0...2), draws.uniform(in: -2.0...2))
  }

  /// The moved image, bilinear; what lies outside is 0.
  func applied(to image: [Float], side: Int) -> [Float] {
    let middle = Double(side - 1) / 2
    var result = [Float](repeating: 0, count: side * side)
    for row in 0..<side {
      for column in 0..<side {
        let (dx, dy) = (Double(column) - middle, Double(row) - middle)
        let x = middle + matrix.xx * dx + matrix.xy * dy + shift.x
        let y = middle + matrix.yx * dx + matrix.yy * dy + shift.y
        let (left, top) = (x.rounded(.down), y.rounded(.down))
        guard left >= -1, top >= -1, left < Double(side), top < Double(side) else { continue }
        let (firstX, firstY, partX, partY) = (Int(left), Int(top), Float(x - left), Float(y - top))
        func level(_ y: Int, _ x: Int) -> Float {
          y >= 0 && y < side && x >= 0 && x < side ? image[y * side + x] : 0
        }
        let upper = level(firstY, firstX) * (1 - partX) + level(firstY, firstX + 1) * partX
        let lower = level(firstY + 1, firstX) * (1 - partX) + level(firstY + 1, firstX + 1) * partX
        result[row * side + column] = upper * (1 - partY) + lower * partY
      }
    }
    return result
  }
}

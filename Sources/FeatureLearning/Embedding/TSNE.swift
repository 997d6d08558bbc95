public import BLAS
import RealModule
public import Tensors

/// t-SNE: a picture of points in the plane in which neighbours stay neighbours (van der Maaten and Hinton, JMLR 9 (2008)).
///
/// Exact, with work and memory of n² in the number of points: a few thousand at most.
public struct TSNE: Sendable, Hashable {
  /// The number of neighbours that a point has in effect: 2 to the entropy of its affinities.
  public var perplexity: Double
  /// The iterations of gradient descent, the first quarter of them (at most 250) with affinities 12 times as large.
  public var iterations: Int
  /// The learning rate; n / 12 / 4, but at least 50, unless given (Belkina et al., Nature Communications 10 (2019)).
  public var learningRate: Double?

  /// Describes an embedding; nothing is computed yet.
  public init(perplexity: Double = 30, iterations: Int = 1000, learningRate: Double? = nil) {
    (self.perplexity, self.iterations, self.learningRate) = (perplexity, iterations, learningRate)
  }

  /// Places in the plane, [n, 2], and the Kullback-Leibler divergence that is left.
  ///
  /// - Parameters:
  ///   - x: the points, [n, d], n at least 4.
  ///   - generator: of the places to begin with, normal with deviation 1e-4.
  ///   - pool: the threads that share the work; the result does not depend on their number.
  /// - Throws: ``FeatureLearningError`` for features that are not finite, a perplexity that is not from 1 to (n − 1) / 3, and
  ///   numbers out of range.
  public func embed<S: Scalar>(
    _ x: Tensor<S>, generator: RandomGenerator, pool: ThreadPool = .shared
  ) throws(FeatureLearningError) -> (places: Tensor<Double>, divergence: Double) {
    let points = try FeatureMatrix(x, pool: pool)
    let count = points.rows
    guard perplexity >= 1, perplexity <= Double(count - 1) / 3 else {
      throw .outOfRange(
        what: "the perplexity", expected: "1 to a third of the other points, \(Double(count - 1) / 3)",
        found: "\(perplexity)")
    }
    guard iterations >= 0 else {
      throw .outOfRange(what: "the iterations", expected: "at least 0", found: "\(iterations)")
    }
    let rate = learningRate ?? max(Double(count) / 48, 50)
    guard rate > 0, rate.isFinite else {
      throw .outOfRange(what: "the learning rate", expected: "a finite number above 0", found: "\(rate)")
    }
    let affinities = jointAffinities(points, perplexity: perplexity, pool: pool)
    var generator = generator
    var places = (0..<2 * count).map { _ in 1e-4 * generator.normal() }
    var velocity = [Double](repeating: 0, count: 2 * count)
    var gains = [Double](repeating: 1, count: 2 * count)
    let early = min(250, iterations / 4)
    for iteration in 0..<iterations {
      let factor = iteration < early ? 12.0 : 1.0
      let gradient = embeddingGradient(affinities, places, exaggeration: factor, pool: pool).gradient
      let momentum = iteration < early ? 0.5 : 0.8
      for index in places.indices {
        // Jacobs's gains: larger while a step keeps its direction.
        let keeps = gradient[index] * velocity[index] < 0
        gains[index] = max(keeps ? gains[index] + 0.2 : gains[index] * 0.8, 0.01)
        velocity[index] = momentum * velocity[index] - rate * gains[index] * gradient[index]
        places[index] += velocity[index]
      }
      for axis in 0..<2 {
        let mean = stride(from: axis, to: 2 * count, by: 2).reduce(0) { $0 + places[$1] } / Double(count)
        for index in stride(from: axis, to: 2 * count, by: 2) { places[index] -= mean }
      }
    }
    let total = embeddingGradient(affinities, places, exaggeration: 1, pool: pool).total
    return (Tensor([count, 2], places), embeddingDivergence(affinities, places, total: total))
  }
}

/// The symmetric affinities of the points, [n, n], which add up to 1.
///
/// `p(j|i)` is a normal density about point i whose deviation gives the perplexity, found by halving.
func jointAffinities<S: Scalar>(_ points: FeatureMatrix<S>, perplexity: Double, pool: ThreadPool) -> [Double] {
  let count = points.rows
  var conditional = [Double](repeating: 0, count: count * count)
  conditional.withUnsafeMutableBufferPointer { conditional in
    let target = conditional.baseAddress!
    pool.run(points.blockCount) { block in
      let range = points.block(block)
      for other in 0..<points.blockCount {
        let rows = points.block(other)
        withSquaredDistances(points, range, points, rows) { distances in
          for (place, row) in range.enumerated() {
            for (index, column) in rows.enumerated() {
              target[row * count + column] = Double(distances[place * rows.count + index])
            }
          }
        }
      }
      for row in range { calibrate(target + row * count, count, own: row, entropy: Double.log(perplexity)) }
    }
  }
  for row in 0..<count {
    for column in 0..<row {
      let value = (conditional[row * count + column] + conditional[column * count + row]) / Double(2 * count)
      conditional[row * count + column] = value
      conditional[column * count + row] = value
    }
  }
  return conditional
}

/// Turns a row of squared distances into affinities of an entropy (in nats).
private func calibrate(_ row: UnsafeMutablePointer<Double>, _ count: Int, own: Int, entropy: Double) {
  var (low, high) = (0.0, Double.infinity)
  let nearest = (0..<count).reduce(Double.infinity) { $1 == own ? $0 : min($0, row[$1]) }
  let mean = (0..<count).reduce(0) { $1 == own ? $0 : $0 + row[$1] - nearest } / Double(count - 1)
  // Points that are all equally far have one affinity whatever the deviation.
  var precision = mean > 0 ? 1 / mean : 1
  for _ in 0..<100 {
    var (sum, weighted) = (0.0, 0.0)
    for column in 0..<count where column != own {
      let distance = row[column] - nearest
      let value = Double.exp(-distance * precision)
      sum += value
      weighted += value * distance
    }
    let difference = Double.log(sum) + precision * weighted / sum - entropy
    if abs(difference) < 1e-10 { break }
    if difference > 0 {
      low = precision
      precision = high.isFinite ? (low + high) / 2 : precision * 2
    } else {
      high = precision
      precision = (low + high) / 2
    }
    guard precision.isFinite, precision > 0 else { break }
  }
  var sum = 0.0
  for column in 0..<count {
    row[column] = column == own ? 0 : Double.exp(-(row[column] - nearest) * precision)
    sum += row[column]
  }
  for column in 0..<count { row[column] /= sum }
}

/// The gradient 4 Σ (f p − q)(yᵢ − yⱼ) / (1 + |yᵢ − yⱼ|²), and Σ 1 / (1 + |yᵢ − yⱼ|²) over all pairs.
func embeddingGradient(
  _ affinities: [Double], _ places: [Double], exaggeration: Double, pool: ThreadPool
) -> (gradient: [Double], total: Double) {
  let count = places.count / 2
  let (x, y) = ((0..<count).map { places[2 * $0] }, (0..<count).map { places[2 * $0 + 1] })
  // For each point: Σ w, Σ p w dx, Σ p w dy, Σ w² dx, Σ w² dy, with w = 1 / (1 + d²).
  var terms = [Double](repeating: 0, count: 5 * count)
  terms.withUnsafeMutableBufferPointer { terms in
    let terms = terms.baseAddress!
    affinities.withUnsafeBufferPointer { affinities in
      x.withUnsafeBufferPointer { x in
        y.withUnsafeBufferPointer { y in
          pool.run((count + 31) / 32) { block in
            for row in block * 32..<min(count, block * 32 + 32) {
              let p = affinities.baseAddress! + row * count
              var (s0, s1, s2, s3, s4) = (-1.0, 0.0, 0.0, 0.0, 0.0)
              for other in 0..<count {
                let (dx, dy) = (x[row] - x[other], y[row] - y[other])
                let w = 1 / (1 + dx * dx + dy * dy)
                let (pw, ww) = (p[other] * w, w * w)
                s0 += w
                s1 += pw * dx
                s2 += pw * dy
                s3 += ww * dx
                s4 += ww * dy
              }
              let out = terms + 5 * row
              (out[0], out[1], out[2], out[3], out[4]) = (s0, s1, s2, s3, s4)
            }
          }
        }
      }
    }
  }
  let total = (0..<count).reduce(0) { $0 + terms[5 * $1] }
  var gradient = [Double](repeating: 0, count: 2 * count)
  for row in 0..<count {
    gradient[2 * row] = 4 * (exaggeration * terms[5 * row + 1] - terms[5 * row + 3] / total)
    gradient[2 * row + 1] = 4 * (exaggeration * terms[5 * row + 2] - terms[5 * row + 4] / total)
  }
  return (gradient, total)
}

/// Σ p log(p / q).
func embeddingDivergence(_ affinities: [Double], _ places: [Double], total: Double) -> Double {
  let count = places.count / 2
  var sum = 0.0
  for row in 0..<count {
    for other in 0..<count where affinities[row * count + other] > 0 {
      let p = affinities[row * count + other]
      let (dx, dy) = (places[2 * row] - places[2 * other], places[2 * row + 1] - places[2 * other + 1])
      sum += p * Double.log(p * total * (1 + dx * dx + dy * dy))
    }
  }
  return sum
}

import BLAS
import FeatureLearning
import Foundation
import Tensors

/// What scikit-learn answered, as `Fixtures/make_fixtures.py` wrote it.
struct Reference: Decodable {
  let x: [[Double]]
  let classes: [Int]
  let labels: [Int]
  let centers: [[Double]]
  let inertia: Double
  let iterations: Int
  let components: [[Double]]
  let variance: [Double]
  let ratio: [Double]
  let whitened: [[Double]]
  let wide: [[Double]]
  let wideComponents: [[Double]]
  let wideVariance: [Double]
  let nmi: Double
  let ari: Double
  let silhouette: Double

  static func read() throws -> Reference {
    let url = Bundle.module.url(forResource: "scikit-learn", withExtension: "json", subdirectory: "Fixtures")
    return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url!))
  }
}

/// Points about `centers` different places, in a random order.
func clouds<S: Scalar>(_ count: Int, _ width: Int, centers: Int, spread: Double, seed: UInt64) -> Tensor<S> {
  var generator = RandomGenerator(seed: seed)
  let places = (0..<centers * width).map { _ in 4 * generator.normal() }
  let elements = (0..<count).flatMap { _ in
    let center = generator.next(upperBound: centers)
    return (0..<width).map { S(places[center * width + $0] + spread * generator.normal()) }
  }
  return Tensor([count, width], elements)
}

/// The largest difference between two lists of numbers.
func largestDifference<S: Scalar>(_ a: [S], _ b: [Double]) -> Double {
  a.count == b.count ? zip(a, b).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } : .infinity
}

/// Σ (a − b)² of two rows.
func naiveSquare<S: Scalar>(_ x: Tensor<S>, _ row: Int, _ y: Tensor<S>, _ other: Int) -> Double {
  let width = x.shape[1]
  return (0..<width).reduce(0) {
    let difference = Double(x.elements[row * width + $1]) - Double(y.elements[other * width + $1])
    return $0 + difference * difference
  }
}

import Autodiff
import BLAS
import Tensors
import Testing

/// The largest |a - b| / max(|a|, |b|, 1) with its position; infinite where the counts differ or a number is missing.
func largestDifference(_ a: [Double], _ b: [Double]) -> (error: Double, index: Int) {
  guard a.count == b.count else { return (.infinity, -1) }
  var worst = (error: 0.0, index: 0)
  for index in a.indices {
    let error = abs(a[index] - b[index]) / max(abs(a[index]), abs(b[index]), 1)
    if !(error <= worst.error) { worst = (error.isNaN ? .infinity : error, index) }
  }
  return worst
}

/// Records an issue where a tensor differs from `expected` by more than `tolerance`, relative to max(|a|, |b|, 1).
func expectEqual<S: Scalar>(
  _ found: Tensor<S>?, _ expected: [Double], within tolerance: Double, _ what: String,
  sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
  guard let found else {
    Issue.record("\(what): there is no value", sourceLocation: sourceLocation)
    return
  }
  let (error, index) = largestDifference(found.elements.map { Double($0) }, expected)
  #expect(
    error <= tolerance,
    "\(what): error \(error) at \(index) of \(found.shape); \(found.count) and \(expected.count) elements",
    sourceLocation: sourceLocation)
}

/// What comparisons with another implementation allow: rounding of the type, and the fixtures' digits.
func tolerance<S: Scalar>(_ type: S.Type) -> Double { S.self == Float.self ? 1e-5 : 1e-9 }

/// Numbers between -1 and 1 that look random, the same each time.
func sample<S: Scalar>(_ shape: Shape, _ name: String, in range: ClosedRange<Double> = -1...1) -> Tensor<S> {
  var generator = RandomGenerator(seed: 7, stream: name)
  return Tensor(shape, (0..<shape.count).map { _ in S(Double.random(in: range, using: &generator)) })
}

extension ReferenceLayers.Tensor {
  var dimensions: Shape { Shape(shape) }

  func tensor<S: Scalar>(_ type: S.Type = S.self) -> Tensor<S> { Tensor(Shape(shape), values.map { S($0) }) }
}

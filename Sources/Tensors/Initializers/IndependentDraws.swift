import BLAS

extension Initializer {
  /// A tensor of independent draws: element `i` takes the generator's `i`-th word from its position.
  func makeTensor<S: Scalar>(
    _ shape: Shape, drawnFrom distribution: Distribution, generator: RandomGenerator
  ) -> Tensor<S> {
    var generator = generator
    return Tensor(shape) { target in
      // Through a piece of double precision that stays in the nearest cache.
      let piece = 1024
      withUnsafeTemporaryAllocation(of: Double.self, capacity: piece) { draws in
        for start in stride(from: 0, to: target.count, by: piece) {
          let count = min(piece, target.count - start)
          let drawn = UnsafeMutableBufferPointer(rebasing: draws[0..<count])
          generator.fill(drawn, from: distribution)
          convertElements(
            UnsafeBufferPointer(drawn), to: UnsafeMutableBufferPointer(rebasing: target[start..<start + count]))
        }
      }
    }
  }
}

import Autodiff
import BLAS
import Tensors
import Testing

/// Small images that are cut in tiles together where a plan trains, and never where it does not.
@Suite("Images that are computed together")
struct JoinedImagesTests {
  private let shape: Shape = [32, 13, 13, 36]

  private func values<S: Scalar>(_ shape: Shape, _ seed: Int) -> Tensor<S> {
    Tensor(shape, (0..<shape.count).map { S(($0 * 7919 + seed * 31) % 1009) / 1009 - 0.4 })
  }

  /// The convolution of some images, in a plan that also updates its kernel or does not.
  private func outputs(of images: Tensor<Float>, trains: Bool) throws -> [Float] {
    let graph = Graph<Float>()
    let kernel = graph.variable("kernel", [3, 3, 36, 32], .tensor(values([3, 3, 36, 32], 2)), isTrainable: true)
    let result = convolution(graph.constant(images), kernel, padding: .same)
    if trains { graph.update(kernel, to: 0.5 * kernel) }
    let plan = try graph.compile([result], state: State(), pool: ThreadPool(threads: 2))
    plan.run()
    return try plan.value(of: result).elements
  }

  @Test func whatIsNotANumberInOneStaysThere() throws {
    var images: Tensor<Float> = values(shape, 1)
    let before = try outputs(of: images, trains: false)
    let count = shape.count / 32, results = before.count / 32
    images = Tensor(shape, images.elements.enumerated().map { 7 * count..<8 * count ~= $0 ? .nan : $1 })
    let after = try outputs(of: images, trains: false)
    #expect(after.indices.allSatisfy { after[$0].isNaN == (7 * results..<8 * results ~= $0) })
    #expect(after.indices.allSatisfy { after[$0].isNaN || after[$0] == before[$0] })
  }

  @Test func aPlanThatTrainsHasTheSameResultsButForRounding() throws {
    let (alone, together) = (
      try outputs(of: values(shape, 1), trains: false), try outputs(of: values(shape, 1), trains: true)
    )
    let largest = alone.map(abs).max() ?? 0
    #expect(zip(alone, together).allSatisfy { abs($0 - $1) <= 1e-5 * largest })
    // Other tiles round in other places: these are joined.
    #expect(alone != together)
  }
}

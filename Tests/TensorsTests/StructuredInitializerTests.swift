import BLAS
import Tensors
import Testing

struct StructuredInitializerTests {
  static let generator = RandomGenerator(seed: 3, stream: "test")

  /// The largest departure of the Gram matrix of the rows (or columns) from `gain²` times the identity.
  func departure(_ matrix: Tensor<Double>, gain: Double) -> Double {
    let rows = matrix.shape[0] <= matrix.shape[1] ? matrix : matrix.transposed()
    var largest = 0.0
    for i in 0..<rows.shape[0] {
      for j in 0..<rows.shape[0] {
        let product = (0..<rows.shape[1]).reduce(0) { $0 + rows[i, $1] * rows[j, $1] }
        largest = max(largest, (product - (i == j ? gain * gain : 0)).magnitude)
      }
    }
    return largest
  }

  @Test(arguments: [[20, 20], [30, 7], [7, 30], [1, 5], [5, 1]] as [Shape], [1, 2.5])
  func orthogonalMatrices(_ shape: Shape, _ gain: Double) throws {
    for convention in Initializer.Convention.allCases {
      let tensor: Tensor<Double> = try Initializer.orthogonal(gain: Gain(gain), convention: convention)
        .makeTensor(shape, generator: Self.generator)
      #expect(departure(tensor, gain: gain) < 1e-13 * gain * gain)
    }
  }

  @Test func orthogonalKernelsByConvention() throws {
    let keras: Tensor<Double> = try Initializer.orthogonal.makeTensor([3, 3, 4, 10], generator: Self.generator)
    #expect(departure(keras.reshaped(to: [36, 10]), gain: 1) < 1e-13)
    #expect(departure(keras.reshaped(to: [3, 120]), gain: 1) > 0.1)
    let pytorch: Tensor<Double> = try Initializer.orthogonal(convention: .pytorch)
      .makeTensor([3, 3, 4, 10], generator: Self.generator)
    #expect(departure(pytorch.reshaped(to: [3, 120]), gain: 1) < 1e-13)
    #expect(departure(pytorch.reshaped(to: [36, 10]), gain: 1) > 0.1)
  }

  /// Without the signs of R's diagonal LAPACK's first diagonal element would never be positive.
  @Test func orthogonalSignsAreFair() throws {
    let count = 400
    var positive = 0
    for seed in 0..<count {
      let tensor: Tensor<Double> = try Initializer.orthogonal.makeTensor(
        [3, 3], generator: RandomGenerator(seed: UInt64(seed)))
      if tensor[0, 0] > 0 { positive += 1 }
    }
    #expect((Double(positive) - Double(count) / 2).magnitude < 5 * (Double(count) / 4).squareRoot())
  }

  @Test func identities() throws {
    let square: Tensor<Float> = try Initializer.identity(gain: 2).makeTensor([2, 2], generator: Self.generator)
    #expect(square == [[2, 0], [0, 2]])
    let wide: Tensor<Float> = try Initializer.identity.makeTensor([2, 3], generator: Self.generator)
    #expect(wide == [[1, 0, 0], [0, 1, 0]])
  }

  /// The definition: convolving with the kernel hands each channel on.
  @Test(arguments: [([3, 3, 2, 4], 1), ([3, 3, 2, 4], 2), ([5, 3, 2], 1), ([2, 3, 4, 1, 6], 3)] as [(Shape, Int)])
  func dirac(_ shape: Shape, _ groups: Int) throws {
    let tensor: Tensor<Float> = try Initializer.dirac(groups: groups).makeTensor(shape, generator: Self.generator)
    let (inputs, outputs) = (shape[-2], shape[-1])
    let centre = Array(shape.dimensions.dropLast(2)).map { $0 / 2 }
    let strides = shape.strides
    for offset in 0..<shape.count {
      let index = zip(strides, shape.dimensions).map { offset / $0 % $1 }
      let (input, output) = (index[index.count - 2], index[index.count - 1])
      let isOne = Array(index.dropLast(2)) == centre && output % (outputs / groups) == input && input < inputs
      #expect(tensor.elements[offset] == (isOne ? 1 : 0))
    }
  }

  @Test(arguments: [0, 0.25, 0.9, 0.95, 1])
  func sparseColumns(_ fraction: Double) throws {
    let (rows, columns) = (30, 200)
    let tensor: Tensor<Double> = try Initializer.sparse(zeroFraction: fraction, standardDeviation: 2)
      .makeTensor([rows, columns], generator: Self.generator)
    let zeros = Int((fraction * Double(rows)).rounded(.up))
    for column in 0..<columns { #expect((0..<rows).count { tensor[$0, column] == 0 } == zeros) }
    let drawn = tensor.elements.filter { $0 != 0 }
    if !drawn.isEmpty { #expect(kolmogorovStatistic(drawn, .normal(mean: 0, standardDeviation: 2)) < 1.95) }
    // Every row is as likely to be wiped out as the others.
    let probability = Double(zeros) / Double(rows)
    let tolerance = 5 * (Double(columns) * probability * (1 - probability)).squareRoot()
    for row in 0..<rows {
      let count = (0..<columns).count { tensor[row, $0] == 0 }
      #expect((Double(count) - Double(columns) * probability).magnitude <= tolerance)
    }
  }

  @Test func aSparseKernelIsASparseMatrix() throws {
    let sparse = Initializer.sparse(zeroFraction: 0.5)
    let kernel = try sparse.makeTensor([3, 5, 2, 4], of: Double.self, generator: Self.generator)
    let matrix = try sparse.makeTensor([30, 4], of: Double.self, generator: Self.generator)
    #expect(kernel.elements == matrix.elements && kernel.elements.count { $0 == 0 } == 60)
  }

  @Test(
    arguments: [
      (Initializer.orthogonal, [5]), (.orthogonal, []), (.identity, [3, 3, 3]), (.identity, [3]), (.dirac, [3, 3]),
      (.dirac, [1, 1, 1, 1, 1, 1]), (.dirac(groups: 3), [3, 3, 2, 4]), (.sparse, [5]),
    ] as [(Initializer, Shape)])
  func unsupportedShapesThrow(_ initializer: Initializer, _ shape: Shape) {
    let error = #expect(throws: InitializerError.self) {
      try initializer.makeTensor(shape, of: Float.self, generator: Self.generator)
    }
    guard case .unsupportedShape(let name, let found, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(name == initializer.name && found == shape)
    #expect(error?.description.contains("\(shape)") == true)
  }

  @Test func emptyTensors() throws {
    for initializer in [Initializer.orthogonal, .identity, .sparse, .glorotUniform] {
      #expect(try initializer.makeTensor([0, 3], of: Float.self, generator: Self.generator).count == 0)
      #expect(try initializer.makeTensor([3, 0], of: Float.self, generator: Self.generator).count == 0)
    }
    #expect(try Initializer.dirac.makeTensor([3, 3, 0, 2], of: Float.self, generator: Self.generator).count == 0)
  }
}

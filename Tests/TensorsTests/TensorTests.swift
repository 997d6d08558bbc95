import BLAS
import Tensors
import Testing

struct TensorTests {
  @Test func literalsNest() {
    let matrix: Tensor<Float> = [[1, 2, 3], [4, 5, 6]]
    #expect(matrix.shape == [2, 3])
    #expect(matrix.elements == [1, 2, 3, 4, 5, 6])
    let scalar: Tensor<Double> = 2.5
    #expect(scalar.shape == [] && scalar[] == 2.5)
    let empty: Tensor<Double> = []
    #expect(empty.shape == [0] && empty.elements.isEmpty)
  }

  @Test func makingFromArrays() {
    let rows: [[Double]] = [[1, 2], [3, 4], [5, 6]]
    #expect(Tensor(rows) == [[1, 2], [3, 4], [5, 6]])
    let vector: [Float] = [1, 2]
    #expect(Tensor(vector).shape == [2])
    #expect(Tensor<Double>([[Double]]()).shape == [0, 0])
    #expect(Tensor<Float>.zeros([2, 2]) == [[0, 0], [0, 0]])
    #expect(Tensor<Float>.ones([3]) == [1, 1, 1])
    #expect(Tensor(scalar: Float(3)) == 3)
  }

  @Test func elementsFromOutsideAreChecked() throws {
    #expect(throws: ShapeError.elementCount(shape: [2, 2], found: 3)) {
      try Tensor<Double>(validating: [2, 2], [1, 2, 3])
    }
    #expect(try Tensor<Double>(validating: [2, 1], [1, 2]) == [[1], [2]])
  }

  @Test func fillingThrowsWhatTheBodyThrows() {
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try Tensor<Double>([4]) { _ throws(Stop) in throw Stop() }
    }
    let filled = Tensor<Float>([3]) { _ = $0.initialize(from: [1, 2, 3]) }
    #expect(filled == [1, 2, 3])
  }

  @Test func subscriptsAreRowMajor() {
    var tensor = Tensor<Double>([2, 3, 4], (0..<24).map(Double.init))
    #expect(tensor[1, 2, 3] == 23)
    #expect(tensor[0, 1, 2] == 6)
    tensor[1, 0, 0] = -1
    #expect(tensor.elements[12] == -1)
  }

  @Test func copiesAreIndependent() {
    let original: Tensor<Float> = [1, 2]
    var copy = original
    copy.withUnsafeMutableBufferPointer { $0[0] = 9 }
    copy.elements[1] = 8
    #expect(original == [1, 2])
    #expect(copy == [9, 8])
  }

  @Test func transposesAgainstTheDefinition() {
    let tensor = Tensor<Float>([2, 3, 4, 5], (0..<120).map(Float.init))
    let axes = [3, 2, 0, 1]
    let turned = tensor.transposed(axes)
    #expect(turned.shape == [5, 4, 2, 3])
    for a in 0..<2 {
      for b in 0..<3 {
        for c in 0..<4 {
          for d in 0..<5 { #expect(turned[d, c, a, b] == tensor[a, b, c, d]) }
        }
      }
    }
    #expect(tensor.transposed().shape == [5, 4, 3, 2])
    #expect(tensor.transposed()[4, 1, 2, 0] == tensor[0, 2, 1, 4])
    #expect(Tensor<Double>(scalar: 4).transposed() == 4)
    #expect(Tensor<Double>([0, 3], []).transposed() == Tensor<Double>([3, 0], []))
  }

  @Test func reshapesAndMaps() {
    let tensor: Tensor<Double> = [[1, 2, 3], [4, 5, 6]]
    #expect(tensor.reshaped(to: [3, 2]) == [[1, 2], [3, 4], [5, 6]])
    #expect(tensor.map { Float($0 * 2) } == ([[2, 4, 6], [8, 10, 12]] as Tensor<Float>))
  }

  @Test func conversionRoundsToNearest() {
    let wide: Tensor<Double> = [0.1, 1e300, -2]
    let narrow = Tensor<Float>(converting: wide)
    #expect(narrow == [0.1, .init(scalar: .infinity), -2])
    #expect(Tensor<Double>(converting: narrow)[0] == Double(Float(0.1)))
    #expect(Tensor<Double>(converting: wide) == wide)
  }

  @Test func finitenessAndEquality() {
    #expect(([1, 2] as Tensor<Float>).isFinite)
    #expect(!Tensor<Float>([1], [.infinity]).isFinite)
    #expect(!Tensor<Double>([2], [0, .nan]).isFinite)
    #expect(Tensor<Double>([1], [.nan]) != Tensor<Double>([1], [.nan]))
    #expect(Tensor<Double>([2, 1], [1, 2]) != Tensor<Double>([1, 2], [1, 2]))
  }

  @Test func descriptionsAlignColumns() {
    let matrix: Tensor<Float> = [[1, -2.5], [30, 4]]
    #expect(matrix.description == "[[ 1.0, -2.5],\n [30.0,  4.0]]")
    #expect(Tensor<Double>(scalar: 0.5).description == "0.5")
    #expect(([] as Tensor<Double>).description == "[]")
    #expect(Tensor<Float>([2, 1, 2], [1, 2, 3, 4]).description == "[[[1.0, 2.0]],\n\n [[3.0, 4.0]]]")
    #expect(matrix.debugDescription.hasPrefix("Tensor<Float>[2, 2] [["))
    let long = Tensor<Double>([2000], (0..<2000).map(Double.init)).description
    #expect(long == "[   0.0,    1.0,    2.0, ..., 1997.0, 1998.0, 1999.0]")
  }
}

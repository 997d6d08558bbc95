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
    #expect(empty.shape == [0])
  }
}

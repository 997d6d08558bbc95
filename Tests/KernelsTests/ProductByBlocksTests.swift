import BLAS
import Kernels
import Testing

@Suite("Products by blocks of rows") struct ProductByBlocksTests {
  private func check<S: Scalar>(_: S.Type, blocks: Int, transposesMatrix: Bool, _ order: TaskOrder) {
    let (rows, inner, columns) = (blocks * S.interleavedImages, 21, 13)
    let left = (0..<rows * inner).map { $0 * 7919 % 23 - 11 }
    let matrix = (0..<inner * columns).map { $0 * 104_729 % 19 - 9 }
    let kernel = ProductByBlocks<S>(rows: rows, inner: inner, columns: columns, transposesMatrix: transposesMatrix)
    let found = filled(rows * columns) { (result: UnsafeMutablePointer<S>) in
      execute(kernel, order) {
        kernel.run(
          phase: $0, task: $1, rows: left.map { S($0) }, matrix: matrix.map { S($0) }, result: result, workspace: $2!)
      }
    }
    let wanted = (0..<rows * columns).map { place in
      (0..<inner).reduce(0) { sum, k in
        let column = place % columns
        let factor = matrix[transposesMatrix ? column * inner + k : k * columns + column]
        return sum + left[place / columns * inner + k] * factor
      }
    }
    expectEqual(found, wanted.map { S($0) }, "\(blocks) blocks, transposed \(transposesMatrix), \(S.self)")
    #expect(kernel.resultRanges?.last?.upperBound == rows * columns)
  }

  @Test("both orders of the matrix, in any order of the tasks", arguments: [1, 2, 16, 21])
  func products(_ blocks: Int) {
    for order in [TaskOrder.forward, .backward, .threads(4)] {
      for transposesMatrix in [false, true] {
        check(Float.self, blocks: blocks, transposesMatrix: transposesMatrix, order)
        check(Double.self, blocks: blocks, transposesMatrix: transposesMatrix, order)
      }
    }
  }
}

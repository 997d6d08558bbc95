import BLAS
import LinearModels
import Testing

@Suite struct SparseMatrixTests {
  @Test func entriesInAnyOrderAddUp() throws {
    let matrix = try SparseMatrix(rows: 3, columns: 3, entries: [(2, 1, 1), (0, 2, 4), (0, 1, 2), (2, 1, 0.5)])
    #expect(matrix.columnStarts == [0, 0, 2, 3])
    #expect(matrix.rowIndices == [0, 2, 0])
    #expect(matrix.values == [2, 1.5, 4])
  }

  @Test func brokenStructuresAreRefused() {
    func make(_ starts: [Int], _ rows: [Int32], _ values: [Double]) throws {
      _ = try SparseMatrix(rows: 3, columns: 2, columnStarts: starts, rowIndices: rows, values: values)
    }
    #expect(throws: Never.self) { try make([0, 1, 2], [0, 2], [1, 1]) }
    #expect(throws: LinearModelError.self) { try make([0, 2], [0, 2], [1, 1]) }
    #expect(throws: LinearModelError.self) { try make([0, 1, 2], [0], [1, 1]) }
    #expect(throws: LinearModelError.self) { try make([0, 3, 2], [0, 2], [1, 1]) }
    #expect(throws: LinearModelError.self) { try make([0, 1, 1], [0, 2], [1, 1]) }
    #expect(throws: LinearModelError.self) { try make([0, 1, 2], [0, 3], [1, 1]) }
    #expect(throws: LinearModelError.self) { try make([0, 1, 2], [-1, 2], [1, 1]) }
    #expect(throws: LinearModelError.self) { try make([0, 2, 2], [2, 2], [1, 1]) }
    #expect(throws: LinearModelError.self) { try SparseMatrix(rows: 1, columns: 1, entries: [(0, 1, 2)]) }
  }

  @Test func selectingRowsIsThatOfADenseMatrix() throws {
    let problem = TestProblem(12, 7, seed: 5, density: 0.4)
    let positions = [11, 3, 3, 0, 7]
    guard case .sparse(let chosen) = try problem.sparse.selectingRows(positions).storage,
      case .dense(let dense) = try problem.dense.selectingRows(positions).storage
    else {
      Issue.record("a design changed its kind")
      return
    }
    #expect(chosen.rows == 5)
    for column in 0..<7 {
      var values = [Double](repeating: 0, count: 5)
      for entry in chosen.columnStarts[column]..<chosen.columnStarts[column + 1] {
        values[Int(chosen.rowIndices[entry])] = chosen.values[entry]
      }
      #expect(values == positions.map { problem.x[$0, column] })
      #expect(values == (0..<5).map { dense[$0, column] })
    }
  }

  @Test func namesAreChecked() throws {
    let matrix = Matrix<Float>(rows: 1, columns: 2)
    #expect(throws: LinearModelError.self) { try DesignMatrix(matrix, names: ["a", "a"]) }
    #expect(throws: LinearModelError.self) { try DesignMatrix(matrix, names: ["a"]) }
    #expect(try Array(DesignMatrix(matrix).names) == ["x1", "x2"])
  }
}

import BLAS
import Foundation
import LinearModels
import Tensors
import Testing

@Suite struct MatrixMarketFileTests {
  private let folder = try! TextFolder()

  private func read(_ text: String) throws -> DesignMatrix.Storage {
    try MatrixMarketFile(contentsOf: folder.write(text)).contents
  }

  private func sparse(_ text: String) throws -> SparseMatrix {
    guard case .sparse(let matrix) = try read(text) else { throw CancellationError() }
    return matrix
  }

  private func dense(_ text: String) throws -> Matrix<Double> {
    guard case .dense(let matrix) = try read(text) else { throw CancellationError() }
    return matrix
  }

  @Test func coordinates() throws {
    let real = try sparse(
      "%%MatrixMarket matrix coordinate real general\n% a comment\n\n3 4 4\n3 4 -1.5\n1 1 2\n\n2 1 1e2\n% another\n1 4 0\n"
    )
    #expect(try real == SparseMatrix(rows: 3, columns: 4, entries: [(2, 3, -1.5), (0, 0, 2), (1, 0, 100)]))
    let integer = try sparse("%%matrixmarket MATRIX Coordinate Integer GENERAL\r\n2 2 1\r\n2 2 -7\r\n")
    #expect(try integer == SparseMatrix(rows: 2, columns: 2, entries: [(1, 1, -7)]))
    let pattern = try sparse("%%MatrixMarket matrix coordinate pattern general\n2 3 2\n1 3\n2 1\n")
    #expect(try pattern == SparseMatrix(rows: 2, columns: 3, entries: [(0, 2, 1), (1, 0, 1)]))
    let doubled = try sparse("%%MatrixMarket matrix coordinate real general\n2 2 3\n2 1 1\n1 1 5\n2 1 0.5\n")
    #expect(try doubled == SparseMatrix(rows: 2, columns: 2, entries: [(1, 0, 1.5), (0, 0, 5)]))
    let empty = try sparse("%%MatrixMarket matrix coordinate real general\n2 0 0\n")
    #expect(empty.rows == 2 && empty.columns == 0)
  }

  @Test func symmetries() throws {
    let symmetric = try sparse("%%MatrixMarket matrix coordinate real symmetric\n3 3 3\n3 1 2\n2 2 4\n3 2 -1\n")
    #expect(
      try symmetric
        == SparseMatrix(rows: 3, columns: 3, entries: [(2, 0, 2), (0, 2, 2), (1, 1, 4), (2, 1, -1), (1, 2, -1)]))
    let skew = try sparse("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n2 1 3\n")
    #expect(try skew == SparseMatrix(rows: 2, columns: 2, entries: [(1, 0, 3), (0, 1, -3)]))
    let array = try dense("%%MatrixMarket matrix array real symmetric\n3 3\n1\n2\n3\n4\n5\n6\n")
    #expect(array.elements == [1, 2, 3, 2, 4, 5, 3, 5, 6])
    let skewArray = try dense("%%MatrixMarket matrix array real skew-symmetric\n3 3\n1\n2\n3\n")
    #expect(skewArray.elements == [0, -1, -2, 1, 0, -3, 2, 3, 0])
  }

  @Test func arraysAreColumnAfterColumn() throws {
    let matrix = try dense("%%MatrixMarket matrix array real general\n2 3\n1\n2\n3\n4\n5\n6\n")
    #expect(matrix.rows == 2 && matrix.columns == 3 && matrix.elements == [1, 3, 5, 2, 4, 6])
  }

  private static let head = "%%MatrixMarket matrix coordinate real general\n"
  private static let array = "%%MatrixMarket matrix array real general\n"

  @Test(
    arguments: [
      ("", MatrixFileError.Reason.empty, nil), ("1 2 3\n", .noBanner, 1),
      ("%%MatrixMarket vector coordinate real general\n1 1 0\n", .unsupported, 1),
      ("%%MatrixMarket matrix coordinate complex general\n1 1 0\n", .unsupported, 1),
      ("%%MatrixMarket matrix coordinate real hermitian\n1 1 0\n", .unsupported, 1),
      ("%%MatrixMarket matrix array pattern general\n1 1\n", .unsupported, 1),
      ("%%MatrixMarket matrix coordinate real\n1 1 0\n", .malformedLine, 1), (head, .malformedLine, nil),
      (head + "2 2\n", .malformedLine, 2), (head + "2 2 1 1\n", .malformedLine, 2),
      (head + "-2 2 1\n", .malformedLine, 2),
      (head + "2.5 2 1\n", .malformedLine, 2), (head + "2 2 1\n", .entryCount, nil),
      (head + "2 2 1\n1 1 1\n2 2 1\n", .entryCount, 4), (head + "2 2 1\n3 1 1\n", .invalidIndex, 3),
      (head + "2 2 1\n0 1 1\n", .invalidIndex, 3), (head + "2 2 1\n1 a 1\n", .invalidIndex, 3),
      (head + "2 2 1\n1 1\n", .malformedLine, 3), (head + "2 2 1\n1 1 1 1\n", .malformedLine, 3),
      (head + "2 2 1\n1 1 x\n", .notANumber, 3), (head + "2 2 1\n1 1 nan\n", .notFinite, 3),
      (head + "2 2 2\n1 1 1e308\n1 1 1e308\n", .notFinite, nil),
      (head + "2 1000000000 1\n1 1 1\n", .tooLarge, 2), (head + "1000000000 2 1\n1 1 1\n", .tooLarge, 2),
      (head + "2 2 1000000000000\n1 1 1\n", .tooLarge, 2), (head + "2 2 99999999999999999999\n", .malformedLine, 2),
      (array + "100000 100000\n1\n", .tooLarge, 2), (array + "2 1\n1\n", .entryCount, nil),
      (array + "2 1\n1\n2\n3\n", .entryCount, 5), (array + "2 1\n1 2\n", .malformedLine, 3),
      (array + "2 1\n1\nb\n", .notANumber, 4),
      ("%%MatrixMarket matrix coordinate real symmetric\n2 3 0\n", .shape, 2),
      ("%%MatrixMarket matrix coordinate real symmetric\n2 2 1\n1 2 1\n", .invalidIndex, 3),
      ("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n1 1 1\n", .invalidIndex, 3),
      ("%%MatrixMarket matrix array real symmetric\n900000 900000\n1\n", .tooLarge, 2),
    ] as [(String, MatrixFileError.Reason, Int?)])
  func refusals(_ text: String, _ reason: MatrixFileError.Reason, _ line: Int?) throws {
    let error = try #require(throws: MatrixFileError.self) { try read(text) }
    #expect(error.reason == reason && error.line == line, "\(error)")
    #expect(error.description.contains(error.file) && error.description.contains(error.found))
  }

  @Test func writtenMatricesComeBack() throws {
    var random = RandomGenerator(seed: 7, stream: "matrix market")
    for _ in 0..<30 {
      let (rows, columns) = (1 + random.next(upperBound: 15), 1 + random.next(upperBound: 15))
      var entries: [(row: Int, column: Int, value: Double)] = []
      for _ in 0..<random.next(upperBound: 60) {
        entries.append(
          (random.next(upperBound: rows), random.next(upperBound: columns), Double(random.next(upperBound: 9)) + 1))
      }
      let lines = entries.map { "\($0.row + 1) \($0.column + 1) \($0.value)\n" }.joined()
      let matrix = try sparse(Self.head + "\(rows) \(columns) \(entries.count)\n" + lines)
      #expect(try matrix == SparseMatrix(rows: rows, columns: columns, entries: entries))
    }
  }

  @Test func damagedFilesAreMatricesOrErrors() throws {
    var random = RandomGenerator(seed: 8, stream: "matrix market")
    let bases = [
      Self.head + "3 4 4\n3 4 -1.5\n1 1 2\n2 1 1e2\n1 4 0\n", Self.array + "2 3\n1\n2\n3\n4\n5\n6\n",
      "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 1\n3 3\n",
      "%%MatrixMarket matrix array integer symmetric\n3 3\n1\n2\n3\n4\n5\n6\n",
    ].map { Array($0.utf8) }
    var (good, bad) = (0, 0)
    for round in 0..<2_000 {
      let url = try folder.write(mutated(bases[round % bases.count], &random))
      do throws(MatrixFileError) {
        let file = try MatrixMarketFile(contentsOf: url)
        if case .sparse(let matrix) = file.contents { #expect(matrix.values.allSatisfy { $0.isFinite }) }
        #expect(file.rows <= 1_001_000 && file.columns <= 1_001_000)
        good += 1
      } catch {
        #expect(!error.found.isEmpty)
        bad += 1
      }
    }
    // Few of a file's bytes may change without its counts being wrong.
    #expect(good > 20 && bad > 100, "\(good) matrices, \(bad) errors")
  }

  @Test func listsOfNumbers() throws {
    func numbers(_ text: String) throws -> [Double] { try NumberFile(contentsOf: folder.write(text)).values }
    #expect(try numbers("1\n\n-2.5 # why\n# no\n3e1") == [1, -2.5, 30])
    #expect(try numbers(Self.array + "3 1\n1\n2\n3\n") == [1, 2, 3])
    #expect(try numbers(Self.head + "1 3 1\n1 2 5\n") == [0, 5, 0])
    #expect(try numbers(Self.head + "3 1 1\n3 1 5\n") == [0, 0, 5])
    for (text, reason) in [
      ("", MatrixFileError.Reason.empty), ("1 2\n", .malformedLine), ("1\nx\n", .notANumber), ("inf\n", .notFinite),
      (Self.array + "2 2\n1\n2\n3\n4\n", .shape),
    ] {
      #expect(try #require(throws: MatrixFileError.self) { try numbers(text) }.reason == reason)
    }
  }
}

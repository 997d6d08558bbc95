import BLAS
import Foundation
import LinearModels

/// A regression in one binary file, as `regression_problems.py` beside the peers writes it, little-endian:
///
/// | bytes | dense | sparse |
/// |---|---|---|
/// | 8 | `RLDENSE1` | `RLSPARS1` |
/// | 24 | n, p and n·p as 64-bit integers | n, p and the number of entries |
/// | 8 n | the target | the target |
/// | rest | X, row after row | p + 1 starts (64-bit), the row indices (32-bit), the values |
struct ProblemFile {
  let x: DesignMatrix
  let y: [Double]
  /// The memory of the inputs, target included.
  let bytes: Int

  init(_ path: String) throws {
    guard let file = fopen(path, "rb") else { throw Failure(description: "\(path) cannot be read") }
    defer { fclose(file) }
    func read<Element: BitwiseCopyable>(_ count: Int, _ zero: Element) throws -> [Element] {
      // Straight into the array, so that the memory measured is the inputs' own.
      let values = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
        initialized = fread(buffer.baseAddress, MemoryLayout<Element>.stride, count, file)
      }
      guard values.count == count else { throw Failure(description: "\(path) ends early") }
      return values
    }
    let kind = String(decoding: try read(8, UInt8(0)), as: UTF8.self)
    let shape = try read(3, Int(0))
    let (n, p, count) = (shape[0], shape[1], shape[2])
    guard shape.allSatisfy({ (0..<1 << 40).contains($0) }) else { throw Failure(description: "\(path) has no shape") }
    y = try read(n, 0.0)
    switch kind {
    case "RLDENSE1":
      guard count == n * p else { throw Failure(description: "\(path) has no shape") }
      x = try DesignMatrix(Matrix(rows: n, columns: p, elements: try read(count, 0.0)))
      bytes = 8 * (count + n)
    case "RLSPARS1":
      let starts = try read(p + 1, Int(0))
      let rows = try read(count, Int32(0))
      x = try DesignMatrix(
        SparseMatrix(rows: n, columns: p, columnStarts: starts, rowIndices: rows, values: try read(count, 0.0)))
      bytes = 12 * count + 8 * (p + 1 + n)
    default: throw Failure(description: "\(path) is neither RLDENSE1 nor RLSPARS1")
    }
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }
}

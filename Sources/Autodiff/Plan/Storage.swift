import BLAS
import Tensors

/// Aligned memory of one variable. Plans hold its address, so it never moves.
final class Storage<S: Scalar> {
  let shape: Shape
  let start: UnsafeMutablePointer<S>
  var count: Int { shape.count }

  init(_ tensor: Tensor<S>) {
    shape = tensor.shape
    start = Arena.allocate(Swift.max(tensor.shape.count, 1))
    fill(tensor.elements)
  }

  func fill(_ elements: [S]) {
    elements.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { start.update(from: base, count: count) }
    }
  }

  deinit { start.deallocate() }
}

/// Allocation at the alignment that vector loads and cache lines like.
enum Arena {
  static let alignment = 64

  static func allocate<S: Scalar>(_ count: Int) -> UnsafeMutablePointer<S> {
    let bytes = (count * MemoryLayout<S>.stride + alignment - 1) / alignment * alignment
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: alignment)
    return raw.initializeMemory(as: S.self, repeating: 0, count: bytes / MemoryLayout<S>.stride)
  }
}

/// The memory of one plan: its arena, inputs and constants. Steps keep addresses into it.
final class PlanMemory<S: Scalar> {
  /// One element that nobody reads, for programs whose addresses are not known yet.
  let nowhere: UnsafeMutablePointer<S> = Arena.allocate(1)
  private var starts: [UnsafeMutablePointer<S>] = []

  /// `count` zeros that live as long as this object.
  func allocate(_ count: Int) -> UnsafeMutablePointer<S> {
    let start: UnsafeMutablePointer<S> = Arena.allocate(Swift.max(count, 1))
    starts.append(start)
    return start
  }

  deinit {
    nowhere.deallocate()
    for start in starts { start.deallocate() }
  }
}

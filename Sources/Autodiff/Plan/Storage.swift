import BLAS
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Aligned memory of one variable. Plans hold its address, so it never moves.
final class Storage<S: Scalar> {
  let shape: Shape
  let start: UnsafeMutablePointer<S>
  var count: Int { shape.count }

  init(_ tensor: Tensor<S>) {
    shape = tensor.shape
    start = Arena.allocate(Swift.max(tensor.shape.count, 1), fillingHugePages: true)
    fill(tensor.elements)
  }

  init(zeros shape: Shape) {
    self.shape = shape
    start = Arena.allocate(Swift.max(shape.count, 1), fillingHugePages: true)
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

  /// The size of a huge page. What fills one is laid out in them: an address is found 512 pages at a time, and one fault brings
  /// in what would have been 512.
  private static let hugePage = 2 << 20
  /// The part of its own size by which memory may grow so that its end lies in a huge page as well. What a plan
  /// foretells leaves it out.
  private static let largestGrowth = 16

  /// - Parameter fillingHugePages: whether the end may lie in a huge page as well. Every pass over a layer's weights gains by it;
  ///   the plan's own memory takes no more than was foretold.
  static func allocate<S: Scalar>(_ count: Int, fillingHugePages: Bool = false) -> UnsafeMutablePointer<S> {
    var bytes = (count * MemoryLayout<S>.stride + alignment - 1) / alignment * alignment
    let whole = (bytes + hugePage - 1) / hugePage * hugePage
    if fillingHugePages, whole - bytes <= bytes / largestGrowth { bytes = whole }
    let isHuge = bytes >= hugePage
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: isHuge ? hugePage : alignment)
    if isHuge { preferHugePages(raw, bytes / hugePage * hugePage) }
    return raw.initializeMemory(as: S.self, repeating: 0, count: bytes / MemoryLayout<S>.stride)
  }

  /// Asks for huge pages; a system that has none, or does not give them on request, goes on with small ones.
  private static func preferHugePages(_ start: UnsafeMutableRawPointer, _ bytes: Int) {
    #if os(Linux)
      _ = madvise(start, bytes, MADV_HUGEPAGE)
    #endif
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

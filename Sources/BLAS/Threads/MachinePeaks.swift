import Foundation

/// What this machine can do at most, measured: the limits that any program's speed can be read against.
///
/// All numbers are of threads that work at the same time, on `Float`. Each is the best of several short runs, since anything
/// else that the machine does only makes it slower.
public struct MachinePeaks: Sendable, Hashable {
  /// How many threads worked at the same time.
  public let threads: Int
  /// Multiply-adds on registers alone, in 10⁹ operations a second; a multiply-add is two.
  public let multiplyAddGflops: Double
  /// Matrix products of 768 x 768 by the linear algebra library, one a thread, in 10⁹ operations a second.
  public let productGflops: Double
  /// Reading memory beyond the caches, in 10⁹ bytes a second.
  public let readGigabytesPerSecond: Double
  /// Copying memory beyond the caches, in 10⁹ bytes that are copied a second.
  public let copyGigabytesPerSecond: Double

  /// Measures all of them on all threads of `pool`, in about a second, with 128 MB a thread.
  public static func measure(pool: ThreadPool) -> MachinePeaks {
    let bytes = 64 << 20
    let reading = readAndCopy(bytes: bytes, pool: pool)
    return MachinePeaks(
      threads: pool.threadCount, multiplyAddGflops: measureMultiplyAdds(pool: pool),
      productGflops: measureProducts(pool: pool), readGigabytesPerSecond: reading.read,
      copyGigabytesPerSecond: reading.copy)
  }

  /// Multiply-adds on registers alone, in 10⁹ operations a second, on all threads of `pool`.
  public static func measureMultiplyAdds(pool: ThreadPool) -> Double {
    let rounds = 400_000
    let sums = Buffers(count: pool.threadCount, elements: 1)
    let operations = Float.registerMultiplyAdds(rounds: rounds, sums[0])
    let seconds = fastest(of: 7, pool) { _ = Float.registerMultiplyAdds(rounds: rounds, sums[$0]) }
    return 2 * Double(operations) * Double(pool.threadCount) / seconds * 1e-9
  }

  /// Matrix products by the linear algebra library, in 10⁹ operations a second, on all threads of `pool`.
  ///
  /// - Parameter size: rows and columns of the square matrices.
  public static func measureProducts(pool: ThreadPool, size: Int = 768, runs: Int = 5) -> Double {
    LibraryThreads.hold()
    let matrices = Buffers(count: 3 * pool.threadCount, elements: size * size)
    let seconds = fastest(of: runs, pool) { task in
      Float.gemm(
        false, false, size, size, size, 1, matrices[3 * task], size, matrices[3 * task + 1], size, 0,
        matrices[3 * task + 2], size)
    }
    return 2 * pow(Double(size), 3) * Double(pool.threadCount) / seconds * 1e-9
  }

  private static func readAndCopy(bytes: Int, pool: ThreadPool) -> (read: Double, copy: Double) {
    let count = bytes / 4
    let buffers = Buffers(count: 2 * pool.threadCount, elements: count)
    let total = Double(bytes * pool.threadCount) * 1e-9
    let read = fastest(of: 5, pool) { task in
      buffers[2 * task + 1][0] = Float.sumOfSquares(count, buffers[2 * task])
    }
    let copy = fastest(of: 5, pool) { task in
      memcpy(buffers[2 * task + 1], buffers[2 * task], bytes)
    }
    return (total / read, total / copy)
  }

  /// The seconds of the fastest of several runs of a task on each thread at once, after one that does not count.
  private static func fastest(of runs: Int, _ pool: ThreadPool, _ body: (Int) -> Void) -> Double {
    let durations = (0...runs).map { _ in ContinuousClock().measure { pool.run(pool.threadCount, body) } }
    return durations.dropFirst().min().map { $0 / .seconds(1) } ?? .infinity
  }
}

/// Memory of each task, filled, so that its pages are there before the clock runs.
private final class Buffers: @unchecked Sendable {  // tasks write to buffers of their own
  private let pointers: [UnsafeMutablePointer<Float>]

  init(count: Int, elements: Int) {
    pointers = (0..<count).map { _ in
      let pointer = UnsafeMutablePointer<Float>.allocate(capacity: elements)
      pointer.initialize(repeating: 0.5, count: elements)
      return pointer
    }
  }

  deinit {
    for pointer in pointers { pointer.deallocate() }
  }

  subscript(index: Int) -> UnsafeMutablePointer<Float> { pointers[index] }
}

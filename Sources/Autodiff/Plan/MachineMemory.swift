import Foundation

/// What the machine has.
enum MachineMemory {
  /// Bytes of memory, all processes together.
  static let bytes = Int(clamping: ProcessInfo.processInfo.physicalMemory)

  /// Refuses a plan that asks for more, or for more than the system gives: the process would end.
  ///
  /// - Parameter elements: how many elements of `size` bytes the plan asks for.
  static func check(elements: Int, size: Int, batch: Int) throws(GraphError) {
    guard elements <= bytes / size else {
      throw .memory(bytes: elements.multipliedReportingOverflow(by: size).partialValue, available: bytes, batch: batch)
    }
    // Under a limit of its own (ulimit -v) the process would end where the memory is taken.
    // Pages that nobody touches cost nothing.
    let count = max(elements * size, 1)
    guard let room = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0), room != MAP_FAILED else {
      throw .memory(bytes: count, available: nil, batch: batch)
    }
    munmap(room, count)
  }
}

import Foundation

/// What the machine has.
enum MachineMemory {
  /// Bytes of memory, all processes together.
  static let bytes = Int(clamping: ProcessInfo.processInfo.physicalMemory)

  /// Refuses a plan that asks for more: the system would end the process, or fail to give the memory.
  ///
  /// - Parameter elements: how many elements of `size` bytes the plan asks for.
  static func check(elements: Int, size: Int, batch: Int) throws(GraphError) {
    guard elements <= bytes / size else {
      throw .memory(bytes: elements.multipliedReportingOverflow(by: size).partialValue, available: bytes, batch: batch)
    }
  }
}

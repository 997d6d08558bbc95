import Foundation

/// The memory of this process in bytes, from `/proc/self/status`; 0 where there is none.
enum ProcessMemory {
  /// What is resident now.
  static var resident: Int { value("VmRSS:") }
  /// The most that was ever resident.
  static var peak: Int { value("VmHWM:") }

  private static func value(_ key: String) -> Int {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return 0 }
    for line in status.split(separator: "\n") where line.hasPrefix(key) {
      return (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) * 1024
    }
    return 0
  }
}

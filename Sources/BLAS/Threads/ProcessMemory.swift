import Foundation

/// What memory this process holds, and what it may still take.
public enum ProcessMemory {
  /// Bytes that the process holds in memory now; nil where the system does not say.
  public static var residentBytes: Int? {
    #if os(Linux)
      // The second number is the resident pages.
      let fields = text(of: "/proc/self/statm")?.split(separator: " ") ?? []
      return fields.count > 1 ? Int(fields[1]).map { $0 * Int(getpagesize()) } : nil
    #else
      return nil
    #endif
  }

  /// The most bytes that the process has held in memory; nil where the system does not say.
  public static var peakResidentBytes: Int? {
    #if os(Linux)
      return kilobytes("VmHWM:", in: "/proc/self/status")
    #else
      var usage = rusage()
      return getrusage(RUSAGE_SELF, &usage) == 0 ? Int(usage.ru_maxrss) : nil  // in bytes on macOS
    #endif
  }

  /// Bytes that the process may take without the system running short: what is free or can be freed, and what a control group
  /// leaves; the machine's memory where the system does not say.
  public static var availableBytes: Int {
    let machine = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    let free = kilobytes("MemAvailable:", in: "/proc/meminfo") ?? machine
    guard let limit = ControlGroup(readFile: text(of:)).memoryLimit() else { return free }
    return min(free, max(0, Int(min(limit, 0x1p62)) - (residentBytes ?? 0)))
  }

  private static func kilobytes(_ key: String, in file: String) -> Int? {
    let line = text(of: file)?.split(separator: "\n").first { $0.hasPrefix(key) }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }

  private static func text(of file: String) -> String? { try? String(contentsOfFile: file, encoding: .utf8) }
}

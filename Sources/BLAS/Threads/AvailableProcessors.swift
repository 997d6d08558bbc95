#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// How many processors this process may use, by affinity, by its control group and by the user's wish.
enum AvailableProcessors {
  /// The size of the shared pool: `RIDGELINE_THREADS` if it is a number in 1...64, otherwise what the system grants.
  static func threadCount() -> Int {
    threadCount(
      wish: wish(), affinity: affinityCount(), quota: ControlGroup(readFile: contents(ofFile:)).processorQuota())
  }

  /// The environment variable that holds the user's wish.
  static let variable = "RIDGELINE_THREADS"

  static func wish() -> String? { getenv(variable).map { String(cString: $0) } }

  /// Throws for a wish that ``threadCount(wish:affinity:quota:)`` ignores; an empty one is none.
  static func check(wish: String?) throws(ThreadCountError) {
    guard let wish, !wish.isEmpty, count(of: wish) == nil else { return }
    throw ThreadCountError(source: variable, found: wish)
  }

  private static func count(of wish: String) -> Int? {
    Int(wish).flatMap { (1...ThreadPool.maximumThreadCount).contains($0) ? $0 : nil }
  }

  /// The rule alone: a valid wish wins, otherwise the smaller of affinity and quota (rounded up), within 1...64.
  static func threadCount(wish: String?, affinity: Int, quota: Double?) -> Int {
    if let count = wish.flatMap(count(of:)) { return count }
    let granted = quota.map { min(Double(affinity), $0.rounded(.up)) } ?? Double(affinity)
    return Int(min(max(granted, 1), Double(ThreadPool.maximumThreadCount)))
  }

  /// The processors that are online and, on Linux, in the affinity mask of the calling thread.
  static func affinityCount() -> Int {
    let online = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    guard let status = contents(ofFile: "/proc/thread-self/status"), let allowed = affinityCount(inStatus: status)
    else { return online }
    return min(allowed, online)
  }

  /// The number of processors in the line `Cpus_allowed_list: 0-3,8` of a thread's status.
  static func affinityCount(inStatus status: String) -> Int? {
    let key = "Cpus_allowed_list:"
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(key) }) else { return nil }
    var count = 0
    for range in line.dropFirst(key.count).split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
      let ends = range.split(separator: "-").map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last, ends.count <= 2 else {
        return nil
      }
      count += last - first + 1
    }
    return count > 0 ? count : nil
  }

  /// The text of a small file; nil when it cannot be read.
  static func contents(ofFile path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}

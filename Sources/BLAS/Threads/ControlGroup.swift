/// The limits that Linux control groups, version 1 or 2, set on the processor time and the memory of a process.
struct ControlGroup {
  /// Returns the text of a file, nil if there is none; injected so that the rules can be tested anywhere.
  let readFile: (String) -> String?

  /// Processors' worth of time a second (1.5 means one and a half), the tightest on the way up; nil without a limit.
  func processorQuota() -> Double? {
    limits(
      of: "cpu", version2Limit(in:), below: ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"], version1Limit(in:)
    )
    .min()
  }

  /// Bytes of memory, the tightest limit on the way up; nil without a limit.
  func memoryLimit() -> Double? {
    func limit(_ name: String) -> (String) -> Double? {
      { readFile($0 + name)?.split(whereSeparator: \.isWhitespace).first.flatMap { Double($0) } }
    }
    return limits(
      of: "memory", limit("/memory.max"), below: ["/sys/fs/cgroup/memory"], limit("/memory.limit_in_bytes")
    ).min()
  }

  /// What the process's groups say: version 2 has one tree, version 1 one for each controller.
  private func limits(
    of controller: String, _ version2: (String) -> Double?, below roots: [String], _ version1: (String) -> Double?
  ) -> [Double] {
    guard let membership = readFile("/proc/self/cgroup") else { return [] }
    var found: [Double] = []
    for line in membership.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      if fields[1].isEmpty {
        found += limits(below: "/sys/fs/cgroup", path: fields[2], version2)
      } else if fields[1].split(separator: ",").contains(Substring(controller)) {
        for root in roots { found += limits(below: root, path: fields[2], version1) }
      }
    }
    return found
  }

  /// The limits of a group and of all groups above it. Inside a container the upper part of the path may not exist.
  private func limits(below root: String, path: Substring, _ limit: (String) -> Double?) -> [Double] {
    var folder = root
    var found = [limit(folder)]
    for name in path.split(separator: "/") where name != ".." {
      folder += "/" + name
      found.append(limit(folder))
    }
    return found.compactMap { $0 }
  }

  /// `cpu.max` holds a quota, or `max`, and a period, both in microseconds.
  private func version2Limit(in folder: String) -> Double? {
    let fields = readFile(folder + "/cpu.max")?.split(whereSeparator: \.isWhitespace) ?? []
    guard fields.count == 2 else { return nil }
    return quota(fields[0], period: fields[1])
  }

  /// Quota (-1 for none) and period lie in two files, both in microseconds.
  private func version1Limit(in folder: String) -> Double? {
    guard let limit = readFile(folder + "/cpu.cfs_quota_us")?.split(whereSeparator: \.isWhitespace).first,
      let period = readFile(folder + "/cpu.cfs_period_us")?.split(whereSeparator: \.isWhitespace).first
    else { return nil }
    return quota(limit, period: period)
  }

  private func quota(_ limit: Substring, period: Substring) -> Double? {
    guard let limit = Int(limit), let period = Int(period), limit > 0, period > 0 else { return nil }
    return Double(limit) / Double(period)
  }
}

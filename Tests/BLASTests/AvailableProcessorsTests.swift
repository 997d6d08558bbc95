import Testing

@testable import BLAS

@Suite struct AvailableProcessorsTests {
  @Test func aValidWishWins() {
    #expect(AvailableProcessors.threadCount(wish: "3", affinity: 8, quota: 1) == 3)
    #expect(AvailableProcessors.threadCount(wish: "64", affinity: 2, quota: nil) == 64)
  }

  @Test(arguments: ["", "0", "-1", "65", "2.5", "two", " 2", "99999999999999999999"])
  func aBadWishIsIgnored(wish: String) {
    #expect(AvailableProcessors.threadCount(wish: wish, affinity: 8, quota: nil) == 8)
  }

  @Test(arguments: ["0", "-1", "65", "2.5", "two", " 2", "99999999999999999999"])
  func aBadWishIsAnErrorForWhoAsks(wish: String) {
    let error = #expect(throws: ThreadCountError.self) { try AvailableProcessors.check(wish: wish) }
    #expect(error?.description == "RIDGELINE_THREADS is a number of threads from 1 to 64, found '\(wish)'")
  }

  @Test(arguments: [nil, "", "1", "64"])
  func aGoodWishIsNone(wish: String?) throws { try AvailableProcessors.check(wish: wish) }

  @Test func theQuotaIsRoundedUp() {
    #expect(AvailableProcessors.threadCount(wish: nil, affinity: 8, quota: 1.5) == 2)
    #expect(AvailableProcessors.threadCount(wish: nil, affinity: 8, quota: 0.1) == 1)
    #expect(AvailableProcessors.threadCount(wish: nil, affinity: 2, quota: 16) == 2)
    #expect(AvailableProcessors.threadCount(wish: nil, affinity: 500, quota: nil) == 64)
    #expect(AvailableProcessors.threadCount(wish: nil, affinity: 0, quota: nil) == 1)
  }

  @Test func affinityListsAreCounted() {
    #expect(AvailableProcessors.affinityCount(inStatus: "Name:\tx\nCpus_allowed_list:\t0-3,8\nMems:\t0\n") == 5)
    #expect(AvailableProcessors.affinityCount(inStatus: "Cpus_allowed_list:\t7\n") == 1)
    #expect(AvailableProcessors.affinityCount(inStatus: "Cpus_allowed_list:\t\n") == nil)
    #expect(AvailableProcessors.affinityCount(inStatus: "Cpus_allowed_list:\tx-3\n") == nil)
    #expect(AvailableProcessors.affinityCount(inStatus: "Cpus_allowed_list:\t3-1\n") == nil)
    #expect(AvailableProcessors.affinityCount(inStatus: "") == nil)
  }

  @Test func thisProcessHasAtLeastOneProcessor() {
    #expect(AvailableProcessors.affinityCount() >= 1)
    #expect((1...64).contains(ThreadPool.shared.threadCount))
  }

  private func quota(_ files: [String: String]) -> Double? {
    ControlGroup { files[$0] }.processorQuota()
  }

  @Test func version2TakesTheTightestLimitOnTheWayUp() {
    let membership = "0::/user.slice/job\n"
    #expect(quota(["/proc/self/cgroup": membership]) == nil)
    #expect(quota(["/proc/self/cgroup": membership, "/sys/fs/cgroup/user.slice/job/cpu.max": "max 100000\n"]) == nil)
    #expect(
      quota([
        "/proc/self/cgroup": membership, "/sys/fs/cgroup/user.slice/job/cpu.max": "400000 100000\n",
        "/sys/fs/cgroup/user.slice/cpu.max": "150000 100000\n",
      ]) == 1.5)
    // In a container the group of the path is mounted at the root.
    #expect(quota(["/proc/self/cgroup": "0::/", "/sys/fs/cgroup/cpu.max": "50000 100000"]) == 0.5)
  }

  @Test func memoryIsTheTightestLimitOnTheWayUp() {
    func limit(_ files: [String: String]) -> Double? { ControlGroup { files[$0] }.memoryLimit() }
    let membership = ["/proc/self/cgroup": "0::/user.slice/job\n"]
    #expect(limit(membership) == nil)
    let files = [
      "/sys/fs/cgroup/user.slice/job/memory.max": "max\n", "/sys/fs/cgroup/user.slice/memory.max": "1073741824\n",
    ]
    #expect(limit(membership.merging(files) { $1 }) == 1_073_741_824)
    let version1 = [
      "/proc/self/cgroup": "5:memory:/docker/abc\n4:cpu:/x\n",
      "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "500\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    ]
    #expect(limit(version1) == 500)
    #expect(ProcessMemory.availableBytes > 0)
    if let held = ProcessMemory.residentBytes { #expect((ProcessMemory.peakResidentBytes ?? 0) >= held / 2) }
  }

  @Test func version1ReadsQuotaAndPeriod() {
    let membership = "5:memory:/x\n4:cpu,cpuacct:/docker/abc\n"
    let folder = "/sys/fs/cgroup/cpu,cpuacct/docker/abc"
    #expect(
      quota([
        "/proc/self/cgroup": membership, folder + "/cpu.cfs_quota_us": "200000\n",
        folder + "/cpu.cfs_period_us": "100000\n",
      ]) == 2)
    #expect(
      quota([
        "/proc/self/cgroup": membership, folder + "/cpu.cfs_quota_us": "-1\n",
        folder + "/cpu.cfs_period_us": "100000\n",
      ]) == nil)
  }

  @Test(arguments: ["", "garbage", "1", "x y", "100000 0", "-5 100000", "1 2 3"])
  func malformedLimitsAreNoLimits(text: String) {
    #expect(quota(["/proc/self/cgroup": "0::/\nbroken\n::\n", "/sys/fs/cgroup/cpu.max": text]) == nil)
  }
}

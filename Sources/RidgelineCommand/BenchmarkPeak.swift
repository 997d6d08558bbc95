import ArgumentParser
import Foundation
import Ridgeline

struct PeakBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peak", abstract: "Measure what the machine can do at most.",
    discussion: """
      Multiply-adds on registers alone, the library's matrix products, reading and copying memory: on one thread, and on \
      several at once. Where two processors are halves of one core, two threads do no more than one.

      With --json it is one object: threads, simd, blas, and under one_thread and all_threads multiply_add_gflops, \
      product_gflops, read_gigabytes_per_second and copy_gigabytes_per_second.
      """)

  @OptionGroup var threads: ThreadOptions
  @Flag(help: "Print one line of JSON.")
  var json = false

  // The names are the keys of the JSON object.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  struct Report: Encodable {
    struct Peaks: Encodable {
      let multiplyAddGflops: Double
      let productGflops: Double
      let readGigabytesPerSecond: Double
      let copyGigabytesPerSecond: Double

      init(_ peaks: MachinePeaks) {
        multiplyAddGflops = peaks.multiplyAddGflops
        productGflops = peaks.productGflops
        readGigabytesPerSecond = peaks.readGigabytesPerSecond
        copyGigabytesPerSecond = peaks.copyGigabytesPerSecond
      }
    }

    let threads: Int
    let simd: String
    let blas: String
    let oneThread: Peaks
    let allThreads: Peaks
  }

  func run() throws {
    let pool = threads.pool()
    let (one, all) = (MachinePeaks.measure(pool: ThreadPool(threads: 1)), MachinePeaks.measure(pool: pool))
    if json {
      return try Output.json(
        Report(
          threads: pool.threadCount, simd: VectorLevel.current.rawValue, blas: BLASInformation.current.description,
          oneThread: .init(one), allThreads: .init(all)))
    }
    func row(_ name: String, _ unit: String, _ value: KeyPath<MachinePeaks, Double>) -> String {
      String(
        format: "%9.1f %9.1f %6.2f  ", one[keyPath: value], all[keyPath: value],
        all[keyPath: value] / one[keyPath: value])
        + "\(name), \(unit)"
    }
    try Output.line(
      """
       1 thread \(String(format: "%2d threads", all.threads))  ratio
      \(row("multiply-adds on registers", "GFLOP/s", \.multiplyAddGflops))
      \(row("matrix products of 768 x 768", "GFLOP/s", \.productGflops))
      \(row("reading memory", "GB/s", \.readGigabytesPerSecond))
      \(row("copying memory", "GB/s", \.copyGigabytesPerSecond))
      Float, \(VectorLevel.current.rawValue); \(BLASInformation.current)
      """)
  }
}

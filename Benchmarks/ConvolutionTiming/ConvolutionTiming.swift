import ArgumentParser
import BLAS
import Kernels

/// Times convolutions and their gradients by every algorithm that can compute them.
@main
struct ConvolutionTiming: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convolution-timing",
    abstract: "Times the convolutions of AlexNet and VGG, forward and both gradients, by every algorithm.",
    discussion: """
      A line for each layer, pass and algorithm: the median time in milliseconds, and the multiply-adds of a direct \
      convolution in that time (in GFLOP/s, two operations each), which fast algorithms may bring above the processor's peak. \
      With --errors, the root mean square of the error against double precision instead, relative to that of the values, for \
      normally distributed inputs.
      """)

  @Option(help: "Images in a batch.")
  var batch = 8
  @Option(help: "Runs of each, of which the median is printed.")
  var rounds = 5
  @Option(help: "Threads.")
  var threads = ThreadPool.defaultThreadCount
  @Option(help: "Only layers whose name begins so.")
  var layer = ""
  @Option(help: "Only algorithms of this name.")
  var algorithm = ""
  @Flag(help: "Print each algorithm's rounding errors instead of its time.")
  var errors = false

  func validate() throws {
    guard batch > 0, rounds > 0, (1...ThreadPool.maximumThreadCount).contains(threads) else {
      throw ValidationError("--batch and --rounds are positive, --threads is 1 to \(ThreadPool.maximumThreadCount)")
    }
  }

  func run() throws {
    let pool = ThreadPool(threads: threads)
    for (name, geometry) in layers where name.hasPrefix(layer) {
      let reference = errors ? ConvolutionErrors(geometry, pool) : nil
      for candidate in ConvolutionAlgorithm.allCases where candidate.supports(geometry) {
        guard algorithm.isEmpty || "\(candidate)" == algorithm else { continue }
        if let reference {
          print(Self.column(name, 18), Self.column("\(candidate)", 14), reference.line(candidate, pool), separator: "")
        } else {
          time(name, geometry, candidate, pool)
        }
      }
    }
  }

  private var layers: [(String, ConvolutionGeometry)] {
    func vgg(_ size: Int, _ channels: Int, _ outputs: Int) -> ConvolutionGeometry {
      ConvolutionGeometry(
        batch: batch, size: Extent(size, size), channels: channels, kernel: 3, outputChannels: outputs,
        padding: .same(size: Extent(size, size), window: 3))
    }
    func alexNet(
      _ size: Int, _ channels: Int, _ kernel: Extent, _ outputs: Int, stride: Extent = 1, pad: Int = 1, groups: Int = 1
    ) -> ConvolutionGeometry {
      ConvolutionGeometry(
        batch: batch, size: Extent(size, size), channels: channels, kernel: kernel, outputChannels: outputs,
        stride: stride, padding: WindowPadding(top: pad, bottom: pad, left: pad, right: pad), groups: groups)
    }
    return [
      ("vgg-3-64@224", vgg(224, 3, 64)), ("vgg-64-64@224", vgg(224, 64, 64)), ("vgg-64-128@112", vgg(112, 64, 128)),
      ("vgg-128-128@112", vgg(112, 128, 128)), ("vgg-128-256@56", vgg(56, 128, 256)),
      ("vgg-256-256@56", vgg(56, 256, 256)), ("vgg-256-512@28", vgg(28, 256, 512)),
      ("vgg-512-512@28", vgg(28, 512, 512)), ("vgg-512-512@14", vgg(14, 512, 512)),
      ("alexnet-conv1", alexNet(227, 3, 11, 96, stride: 4, pad: 0)),
      ("alexnet-conv2", alexNet(27, 96, 5, 256, pad: 2, groups: 2)), ("alexnet-conv3", alexNet(13, 256, 3, 384)),
      ("alexnet-conv4", alexNet(13, 384, 3, 384, groups: 2)), ("alexnet-conv5", alexNet(13, 384, 3, 256, groups: 2)),
    ]
  }

  private func time(
    _ name: String, _ geometry: ConvolutionGeometry, _ algorithm: ConvolutionAlgorithm, _ pool: ThreadPool
  ) {
    let input = [Float](repeating: 0.5, count: geometry.inputCount)
    let kernel = [Float](repeating: 0.25, count: geometry.kernelCount)
    let gradient = [Float](repeating: 0.125, count: geometry.outputCount)
    func line(_ pass: String, _ planned: some PlannedKernel, count: Int, run: (Call<Float>) -> Void) {
      let result = UnsafeMutablePointer<Float>.allocate(capacity: count)
      defer { result.deallocate() }
      result.initialize(repeating: 0, count: count)
      report(name, geometry, algorithm, pass, planned, pool, Address(result), run: run)
    }
    let forward = ConvolutionForward<Float>(geometry, algorithm: algorithm)
    line("forward", forward, count: gradient.count) {
      forward.run(
        phase: $0.phase, task: $0.task, input: input, kernel: kernel, output: $0.result, workspace: $0.workspace)
    }
    let inputGradient = ConvolutionInputGradient<Float>(geometry, algorithm: algorithm)
    line("input gradient", inputGradient, count: input.count) {
      inputGradient.run(
        phase: $0.phase, task: $0.task, outputGradient: gradient, kernel: kernel, inputGradient: $0.result,
        workspace: $0.workspace)
    }
    let kernelGradient = ConvolutionKernelGradient<Float>(geometry, algorithm: algorithm)
    line("kernel gradient", kernelGradient, count: kernel.count) {
      kernelGradient.run(
        phase: $0.phase, task: $0.task, input: input, outputGradient: gradient, kernelGradient: $0.result,
        workspace: $0.workspace)
    }
  }

  private func report(
    _ name: String, _ geometry: ConvolutionGeometry, _ algorithm: ConvolutionAlgorithm, _ pass: String,
    _ kernel: some PlannedKernel, _ pool: ThreadPool, _ result: Address<Float>, run: (Call<Float>) -> Void
  ) {
    let workspace = UnsafeMutablePointer<Float>.allocate(capacity: max(1, kernel.workspaceCount))
    defer { workspace.deallocate() }
    let scratch = Address(workspace)
    var times: [Double] = []
    for _ in 0...rounds {
      let clock = ContinuousClock()
      let elapsed = clock.measure {
        for (phase, count) in kernel.phases.enumerated() {
          withoutActuallyEscaping(run) { run in
            pool.run(count) {
              run(Call(phase: phase, task: $0, result: result.pointer, workspace: scratch.pointer))
            }
          }
        }
      }
      times.append(Double(elapsed.components.attoseconds) * 1e-15 + Double(elapsed.components.seconds) * 1e3)
    }
    let median = times.dropFirst().sorted()[rounds / 2]
    let rate = 2 * Double(geometry.multiplyAdds) / median * 1e-6
    print(
      Self.column(name, 18) + Self.column(pass, 16) + Self.column("\(algorithm)", 14)
        + Self.column("\((median * 100).rounded() / 100) ms", 12)
        + Self.column("\(rate.rounded()) GFLOP/s", 16) + "\(kernel.workspaceCount * 4 / 1_000_000) MB")
  }

  private static func column(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}

/// One task of one phase, with the addresses that it writes to.
struct Call<S> {
  let phase: Int
  let task: Int
  let result: UnsafeMutablePointer<S>
  let workspace: UnsafeMutablePointer<S>
}

/// An address that tasks on several threads may share, since each writes a part of its own.
struct Address<S>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<S>
  init(_ pointer: UnsafeMutablePointer<S>) { self.pointer = pointer }
}

import BLAS
import Kernels
import Tensors

/// A convolution and its gradients in double precision, and how far an algorithm's in single precision are from them.
struct ConvolutionErrors {
  private let geometry: ConvolutionGeometry
  private let input: [Double], kernel: [Double], gradient: [Double]
  private let exact: [[Double]]

  init(_ geometry: ConvolutionGeometry, _ pool: ThreadPool) {
    self.geometry = geometry
    // Rounded to floats first, so that both precisions compute the same thing.
    func normal(_ count: Int, _ name: String) -> [Double] {
      var generator = RandomGenerator(seed: 1, stream: name)
      return (0..<count).map { _ in Double(Float(generator.normal())) }
    }
    (input, kernel) = (normal(geometry.inputCount, "input"), normal(geometry.kernelCount, "kernel"))
    gradient = normal(geometry.outputCount, "gradient")
    exact = Self.passes(geometry, .lowered, input, kernel, gradient, pool)
  }

  /// The relative root mean square errors of the three passes.
  func line(_ algorithm: ConvolutionAlgorithm, _ pool: ThreadPool) -> String {
    let found = Self.passes(
      geometry, algorithm, input.map { Float($0) }, kernel.map { Float($0) }, gradient.map { Float($0) }, pool)
    return zip(["forward", "input gradient", "kernel gradient"], zip(found, exact)).map { name, results in
      let (error, size) = zip(results.0, results.1).reduce((0.0, 0.0)) { sums, pair in
        let difference = Double(pair.0) - pair.1
        return (sums.0 + difference * difference, sums.1 + pair.1 * pair.1)
      }
      let relative = (error / size).squareRoot()
      return "\(name) \((relative * 1e9).rounded() / 100)e-7"
    }.joined(separator: "   ")
  }

  /// The convolution, the gradient by the input and the one by the kernel.
  private static func passes<S: Scalar>(
    _ geometry: ConvolutionGeometry, _ algorithm: ConvolutionAlgorithm, _ input: [S], _ kernel: [S], _ gradient: [S],
    _ pool: ThreadPool
  ) -> [[S]] {
    let forward = ConvolutionForward<S>(geometry, algorithm: algorithm)
    let byInput = ConvolutionInputGradient<S>(geometry, algorithm: algorithm)
    let byKernel = ConvolutionKernelGradient<S>(geometry, algorithm: algorithm)
    return [
      result(of: forward, count: gradient.count, pool) {
        forward.run(
          phase: $0.phase, task: $0.task, input: input, kernel: kernel, output: $0.result, workspace: $0.workspace)
      },
      result(of: byInput, count: input.count, pool) {
        byInput.run(
          phase: $0.phase, task: $0.task, outputGradient: gradient, kernel: kernel, inputGradient: $0.result,
          workspace: $0.workspace)
      },
      result(of: byKernel, count: kernel.count, pool) {
        byKernel.run(
          phase: $0.phase, task: $0.task, input: input, outputGradient: gradient, kernelGradient: $0.result,
          workspace: $0.workspace)
      },
    ]
  }

  private static func result<S: Scalar>(
    of planned: some PlannedKernel, count: Int, _ pool: ThreadPool, run: @Sendable (Call<S>) -> Void
  ) -> [S] {
    let workspace = UnsafeMutablePointer<S>.allocate(capacity: max(1, planned.workspaceCount))
    defer { workspace.deallocate() }
    let scratch = Address(workspace)
    return Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      let result = Address(buffer.baseAddress!)
      result.pointer.initialize(repeating: 0, count: count)
      for (phase, tasks) in planned.phases.enumerated() {
        pool.run(tasks) { run(Call(phase: phase, task: $0, result: result.pointer, workspace: scratch.pointer)) }
      }
      initialized = count
    }
  }
}

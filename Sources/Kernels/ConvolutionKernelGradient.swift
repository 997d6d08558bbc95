public import BLAS

/// The gradient of a convolution by its kernel.
///
/// Each task sums the gradients of its own images or blocks; a second phase adds these partial sums in order.
public struct ConvolutionKernelGradient<S: Scalar>: PlannedKernel {
  private enum Plan {
    case matrixProduct(MatrixProduct<S>)
    case direct(WorkPartition, workspaceCount: Int)
    case rowWinograd(WorkPartition, workspaceCount: Int)
    case winograd(WinogradKernelGradient<S>)
    case phasedWinograd(PhasedWinograd<S>)
    case lowered(ConvolutionBlocks, WorkPartition)
  }

  /// Elements of scratch memory that `run` needs.
  public let workspaceCount: Int
  /// The number of tasks in each phase.
  public let phases: [Int]
  /// The algorithm, and what spoke for it.
  public let choice: KernelChoice?
  private let geometry: ConvolutionGeometry, plan: Plan, sum: PartialSums<S>

  /// Plans the gradient, with the algorithm that suits the geometry unless one is given.
  public init(_ geometry: ConvolutionGeometry, algorithm: ConvolutionAlgorithm? = nil) {
    self.geometry = geometry
    let choice = ConvolutionChoice(algorithm, for: geometry, .kernelGradient)
    self.choice = choice.description
    switch choice.algorithm {
    case .matrixProduct:
      let product = MatrixProduct<S>(
        m: geometry.patchCount, n: geometry.outputChannels, k: geometry.batch * geometry.positions,
        transposeA: true)
      plan = .matrixProduct(product)
      sum = PartialSums(count: geometry.kernelCount, parts: 1)
      (workspaceCount, phases) = (product.workspaceCount, product.phases)
    case .direct:
      let partition = geometry.kernelGradientPartition(geometry.batch)
      let scratch = geometry.window.directWorkspaceCount(outputs: geometry.outputChannels).kernelGradient
      plan = .direct(partition, workspaceCount: scratch)
      sum = PartialSums(count: geometry.kernelCount, parts: partition.taskCount)
      workspaceCount = sum.workspaceCount + partition.taskCount * scratch
      phases = [partition.taskCount] + sum.phases
    case .rowWinograd:
      let partition = geometry.kernelGradientPartition(geometry.batch)
      let scratch = geometry.window.rowWinogradWorkspaceCount(outputs: geometry.outputChannels).kernelGradient
      plan = .rowWinograd(partition, workspaceCount: scratch)
      sum = PartialSums(count: geometry.kernelCount, parts: partition.taskCount)
      workspaceCount = sum.workspaceCount + partition.taskCount * scratch
      phases = [partition.taskCount] + sum.phases
    case .winograd:
      sum = PartialSums(count: geometry.kernelCount, parts: 1)
      if let pixels = PixelPhases(geometry) {
        let gradient = PhasedWinograd<S>(pixels, .kernelGradient)
        plan = .phasedWinograd(gradient)
        (workspaceCount, phases) = (gradient.workspaceCount, gradient.phases)
        return
      }
      let gradient = WinogradKernelGradient<S>(geometry)
      plan = .winograd(gradient)
      (workspaceCount, phases) = (gradient.workspaceCount, gradient.phases)
    case .lowered:
      let blocks = ConvolutionBlocks(geometry)
      let partition = geometry.kernelGradientPartition(geometry.batch * blocks.blocksPerImage)
      plan = .lowered(blocks, partition)
      sum = PartialSums(count: geometry.kernelCount, parts: partition.taskCount)
      workspaceCount = sum.workspaceCount + partition.taskCount * blocks.columnsCount
      phases = [partition.taskCount] + sum.phases
    }
  }

  /// Runs one task of one phase. `kernelGradient` is overwritten.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, input: UnsafePointer<S>, outputGradient: UnsafePointer<S>,
    kernelGradient: UnsafeMutablePointer<S>, workspace: UnsafeMutablePointer<S>?
  ) {
    switch plan {
    case .matrixProduct(let product):
      product.run(
        phase: phase, task: task, alpha: 1, a: input, b: outputGradient, beta: 0, c: kernelGradient,
        workspace: workspace)
    case .winograd(let gradient):
      gradient.run(
        phase: phase, task: task, input: input, outputGradient: outputGradient, kernelGradient: kernelGradient,
        workspace: workspace!)
    case .phasedWinograd(let gradient):
      gradient.run(
        phase: phase, task: task, input, outputGradient, results: kernelGradient, workspace: workspace!
      ) { _ in }
    case .direct where phase > 0, .rowWinograd where phase > 0, .lowered where phase > 0:
      sum.run(task: task, output: kernelGradient, workspace: workspace)
    case .direct(let partition, let scratch), .rowWinograd(let partition, let scratch):
      run(
        images: partition.range(task), input: input, outputGradient: outputGradient,
        part: sum.part(task, output: kernelGradient, workspace: workspace),
        scratch: workspace! + sum.workspaceCount + task * scratch)
    case .lowered(let blocks, let partition):
      let partial = zeroedPart(task, output: kernelGradient, workspace: workspace)
      let columns = workspace! + sum.workspaceCount + task * blocks.columnsCount
      for index in partition.range(task) {
        runBlock(
          blocks.block(index), input: input, outputGradient: outputGradient, partial: partial, columns: columns)
      }
    }
  }

  /// Elements of scratch memory for ``run(images:input:outputGradient:part:scratch:)``; `nil` where images are not computed
  /// one by one.
  public var imageScratchCount: Int? {
    switch plan {
    case .direct(_, let scratch), .rowWinograd(_, let scratch): scratch
    case .matrixProduct, .winograd, .phasedWinograd, .lowered: nil
    }
  }

  /// The images whose share each task of the first phase makes; none where images are not computed one by one.
  public var imageParts: [Range<Int>] {
    switch plan {
    case .direct(let partition, _), .rowWinograd(let partition, _): partition.ranges(of: 1)
    case .matrixProduct, .winograd, .phasedWinograd, .lowered: []
    }
  }

  /// The share of some of the images in the gradient, which overwrites `part`, where ``imageScratchCount`` is not `nil`.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    images: Range<Int>, input: UnsafePointer<S>, outputGradient: UnsafePointer<S>, part: UnsafeMutablePointer<S>,
    scratch: UnsafeMutablePointer<S>
  ) {
    S.elementwise(.fill, geometry.kernelCount, nil, nil, nil, part, 0, 0)
    if case .rowWinograd = plan {
      S.rowWinogradKernelGradient(
        geometry.window, outputs: geometry.outputChannels, firstImage: images.lowerBound, images: images.count, input,
        outputGradient, part, workspace: scratch)
    } else {
      S.directKernelGradient(
        geometry.window, outputs: geometry.outputChannels, firstImage: images.lowerBound, images: images.count, input,
        outputGradient, part, workspace: scratch)
    }
  }

  private func zeroedPart(
    _ task: Int, output: UnsafeMutablePointer<S>, workspace: UnsafeMutablePointer<S>?
  ) -> UnsafeMutablePointer<S> {
    let part = sum.part(task, output: output, workspace: workspace)
    S.elementwise(.fill, geometry.kernelCount, nil, nil, nil, part, 0, 0)
    return part
  }

  private func runBlock(
    _ block: ConvolutionBlocks.Block, input: UnsafePointer<S>, outputGradient: UnsafePointer<S>,
    partial: UnsafeMutablePointer<S>, columns: UnsafeMutablePointer<S>
  ) {
    let (channels, outputs, patch) = (geometry.groupChannels, geometry.groupOutputChannels, geometry.patchCount)
    let width = geometry.window.output.width
    let firstPosition = block.image * geometry.positions + block.firstRow * width
    for group in 0..<geometry.groups {
      S.imageToColumns(
        geometry.window, firstRow: block.firstRow, rows: block.rows, firstChannel: group * channels,
        channels: channels, input + block.image * geometry.imageCount, columns)
      S.gemm(
        true, false, patch, outputs, block.rows * width, 1, columns, patch,
        outputGradient + firstPosition * geometry.outputChannels + group * outputs, geometry.outputChannels, 1,
        partial + group * outputs, geometry.outputChannels)
    }
  }
}

extension ConvolutionGeometry {
  /// A cut of blocks or images for the kernel's gradient, with few enough parts that the partial sums stay small.
  func kernelGradientPartition(_ count: Int) -> WorkPartition {
    let parts = max(1, 16_000_000 / max(1, kernelCount))
    return WorkPartition(count: count, limit: min(parts, partition(count).taskCount))
  }
}

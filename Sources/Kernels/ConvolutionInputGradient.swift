public import BLAS

/// The gradient of a convolution by its input: the transpose of ``ConvolutionForward``, applied to the output's gradient.
///
/// Small images may be cut in tiles together (``ImageMosaic``).
public struct ConvolutionInputGradient<S: Scalar>: PlannedKernel {
  private enum Plan {
    case matrixProduct(MatrixProduct<S>)
    case direct(WorkPartition, workspaceCount: Int)
    case winograd(WinogradConvolution<S>)
    case phasedWinograd(PhasedWinograd<S>)
    case lowered(ConvolutionBlocks, WorkPartition)
  }

  /// Elements of scratch memory that `run` needs.
  public let workspaceCount: Int
  /// The number of tasks in each phase.
  public let phases: [Int]
  /// The algorithm, and what spoke for it.
  public let choice: KernelChoice?
  private let geometry: ConvolutionGeometry, plan: Plan

  /// Plans the gradient, with the algorithm that suits the geometry unless one is given.
  public init(_ geometry: ConvolutionGeometry, algorithm: ConvolutionAlgorithm? = nil) {
    self.geometry = geometry
    let choice = ConvolutionChoice(algorithm, for: geometry, .inputGradient)
    self.choice = choice.description
    switch choice.algorithm {
    case .matrixProduct:
      let product = MatrixProduct<S>(
        m: geometry.batch * geometry.positions, n: geometry.patchCount, k: geometry.outputChannels,
        transposeB: true)
      plan = .matrixProduct(product)
      (workspaceCount, phases) = (product.workspaceCount, product.phases)
    case .direct, .rowWinograd:
      let partition = geometry.partition(geometry.batch)
      let scratch = geometry.window.directWorkspaceCount(outputs: geometry.outputChannels).inputGradient
      plan = .direct(partition, workspaceCount: scratch)
      (workspaceCount, phases) = (partition.taskCount * scratch, [partition.taskCount])
    case .winograd:
      if let pixels = PixelPhases(geometry) {
        let convolution = PhasedWinograd<S>(pixels, .inputGradient)
        plan = .phasedWinograd(convolution)
        (workspaceCount, phases) = (convolution.workspaceCount, convolution.phases)
        return
      }
      let convolution = WinogradConvolution<S>(geometry, isInputGradient: true, joinsImages: true)
      plan = .winograd(convolution)
      (workspaceCount, phases) = (convolution.workspaceCount, convolution.phases)
    case .lowered:
      let blocks = ConvolutionBlocks(geometry)
      // Patches overlap, so a task owns whole images.
      let partition = geometry.partition(geometry.batch)
      plan = .lowered(blocks, partition)
      workspaceCount = geometry.kernelCount + partition.taskCount * blocks.columnsCount
      phases = [1, partition.taskCount]
    }
  }

  /// Each task of all but the matrix product writes rows, or whole images, that follow each other.
  public var resultRanges: [Range<Int>]? {
    switch plan {
    case .matrixProduct: nil
    case .winograd(let convolution): convolution.resultRanges
    case .phasedWinograd(let convolution): convolution.resultRanges
    case .direct(let partition, _), .lowered(_, let partition): partition.ranges(of: geometry.imageCount)
    }
  }

  /// Tasks of the filtered convolution tell of each block of tiles, unless it is one over phases.
  public var writesByPieces: Bool { if case .winograd = plan { true } else { false } }

  /// Runs one task of one phase. `inputGradient` is overwritten.
  ///
  /// - Parameter written: where ``writesByPieces``, called with each part of the task's ``resultRanges`` as soon as it is
  ///   written.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, outputGradient: UnsafePointer<S>, kernel: UnsafePointer<S>,
    inputGradient: UnsafeMutablePointer<S>, workspace: UnsafeMutablePointer<S>?,
    written: (Range<Int>) -> Void = { _ in }
  ) {
    switch plan {
    case .matrixProduct(let product):
      product.run(
        phase: phase, task: task, alpha: 1, a: outputGradient, b: kernel, beta: 0, c: inputGradient,
        workspace: workspace)
    case .direct(let partition, let scratch):
      run(
        images: partition.range(task), outputGradient: outputGradient, kernel: kernel, inputGradient: inputGradient,
        scratch: workspace! + task * scratch)
    case .winograd(let convolution):
      convolution.run(
        phase: phase, task: task, images: outputGradient, kernel: kernel, results: inputGradient,
        workspace: workspace!, written: written)
    case .phasedWinograd(let convolution):
      convolution.run(
        phase: phase, task: task, outputGradient, kernel, results: inputGradient, workspace: workspace!,
        written: written)
    case .lowered(let blocks, let partition):
      let transposed = workspace!
      if phase == 0 {
        transpose(kernel, into: transposed)
        return
      }
      let columns = workspace! + geometry.kernelCount + task * blocks.columnsCount
      for image in partition.range(task) {
        let gradient = inputGradient + image * geometry.imageCount
        S.elementwise(.fill, geometry.imageCount, nil, nil, nil, gradient, 0, 0)
        for index in 0..<blocks.blocksPerImage {
          let block = blocks.block(image * blocks.blocksPerImage + index)
          runBlock(block, outputGradient: outputGradient, transposed: transposed, gradient: gradient, columns: columns)
        }
      }
    }
  }

  /// Elements of scratch memory for ``run(images:outputGradient:kernel:inputGradient:scratch:)``; `nil` where images are not
  /// computed one by one.
  public var imageScratchCount: Int? {
    if case .direct(_, let scratch) = plan { scratch } else { nil }
  }

  /// The gradients of some of the images, where ``imageScratchCount`` is not `nil`.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    images: Range<Int>, outputGradient: UnsafePointer<S>, kernel: UnsafePointer<S>,
    inputGradient: UnsafeMutablePointer<S>, scratch: UnsafeMutablePointer<S>
  ) {
    S.directInputGradient(
      geometry.window, outputs: geometry.outputChannels, firstImage: images.lowerBound, images: images.count,
      outputGradient, kernel, inputGradient, workspace: scratch)
  }

  /// Writes the kernel as [groups, output channels of a group, patch]: OpenBLAS is slow with a transposed right operand.
  private func transpose(_ kernel: UnsafePointer<S>, into transposed: UnsafeMutablePointer<S>) {
    let (outputs, patch) = (geometry.groupOutputChannels, geometry.patchCount)
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 6) { buffer in
      let layout = buffer.baseAddress!
      (layout[0], layout[1], layout[2]) = (geometry.groups, outputs, patch)
      (layout[3], layout[4], layout[5]) = (outputs, 1, geometry.outputChannels)
      S.broadcastCopy(
        rank: 3, dimensions: layout, strides: layout + 3, start: 0, count: geometry.kernelCount, kernel, transposed)
    }
  }

  private func runBlock(
    _ block: ConvolutionBlocks.Block, outputGradient: UnsafePointer<S>, transposed: UnsafePointer<S>,
    gradient: UnsafeMutablePointer<S>, columns: UnsafeMutablePointer<S>
  ) {
    let (channels, outputs, patch) = (geometry.groupChannels, geometry.groupOutputChannels, geometry.patchCount)
    let width = geometry.window.output.width
    let firstPosition = block.image * geometry.positions + block.firstRow * width
    for group in 0..<geometry.groups {
      S.gemm(
        false, false, block.rows * width, patch, outputs, 1,
        outputGradient + firstPosition * geometry.outputChannels + group * outputs, geometry.outputChannels,
        transposed + group * outputs * patch, patch, 0, columns, patch)
      S.columnsToImage(
        geometry.window, firstRow: block.firstRow, rows: block.rows, firstChannel: group * channels,
        channels: channels, columns, gradient)
    }
  }
}

public import BLAS

/// The convolution of a batch of images with a kernel.
public struct ConvolutionForward<S: Scalar>: PlannedKernel {
  private enum Plan {
    case matrixProduct(MatrixProduct<S>)
    case direct(WorkPartition, workspaceCount: Int)
    case rowWinograd(WorkPartition, workspaceCount: Int)
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

  /// Plans the convolution, with the algorithm that suits the geometry unless one is given.
  ///
  /// - Parameter joinsImages: whether small images may be cut together where that saves time, as is good in a training step. By
  ///   default each is computed for itself: it has the same bits in any batch, and what is not a number in one reaches no other.
  public init(_ geometry: ConvolutionGeometry, algorithm: ConvolutionAlgorithm? = nil, joinsImages: Bool = false) {
    self.geometry = geometry
    let choice = ConvolutionChoice(algorithm, for: geometry, .forward)
    self.choice = choice.description
    switch choice.algorithm {
    case .matrixProduct:
      let product = MatrixProduct<S>(
        m: geometry.batch * geometry.positions, n: geometry.outputChannels, k: geometry.patchCount)
      plan = .matrixProduct(product)
      (workspaceCount, phases) = (product.workspaceCount, product.phases)
    case .direct:
      let partition = geometry.partition(geometry.batch)
      let scratch = geometry.window.directWorkspaceCount(outputs: geometry.outputChannels).forward
      plan = .direct(partition, workspaceCount: scratch)
      (workspaceCount, phases) = (partition.taskCount * scratch, [partition.taskCount])
    case .rowWinograd:
      let partition = geometry.partition(geometry.batch)
      let scratch = geometry.window.rowWinogradWorkspaceCount(outputs: geometry.outputChannels).forward
      plan = .rowWinograd(partition, workspaceCount: scratch)
      (workspaceCount, phases) = (partition.taskCount * scratch, [partition.taskCount])
    case .winograd:
      if let pixels = PixelPhases(geometry) {
        let convolution = PhasedWinograd<S>(pixels, .forward, joinsImages: joinsImages)
        plan = .phasedWinograd(convolution)
        (workspaceCount, phases) = (convolution.workspaceCount, convolution.phases)
        return
      }
      let convolution = WinogradConvolution<S>(geometry, joinsImages: joinsImages)
      plan = .winograd(convolution)
      (workspaceCount, phases) = (convolution.workspaceCount, convolution.phases)
    case .lowered:
      let blocks = ConvolutionBlocks(geometry)
      let partition = geometry.partition(geometry.batch * blocks.blocksPerImage)
      plan = .lowered(blocks, partition)
      (workspaceCount, phases) = (partition.taskCount * blocks.columnsCount, [partition.taskCount])
    }
  }

  /// Each task of all but the matrix product writes output rows, or whole images, that follow each other.
  public var resultRanges: [Range<Int>]? {
    switch plan {
    case .matrixProduct: nil
    case .direct(let partition, _), .rowWinograd(let partition, _):
      partition.ranges(of: geometry.positions * geometry.outputChannels)
    case .winograd(let convolution): convolution.resultRanges
    case .phasedWinograd(let convolution): convolution.resultRanges
    case .lowered(let blocks, let partition):
      (0..<partition.taskCount).map { task in
        let range = partition.range(task)
        return firstElement(blocks, range.lowerBound)..<firstElement(blocks, range.upperBound)
      }
    }
  }

  /// Where a block's results begin.
  private func firstElement(_ blocks: ConvolutionBlocks, _ index: Int) -> Int {
    let block = blocks.block(index)
    let position = block.image * geometry.positions + block.firstRow * geometry.window.output.width
    return position * geometry.outputChannels
  }

  /// Tasks of the filtered convolution tell of each block of tiles.
  public var writesByPieces: Bool {
    switch plan {
    case .winograd, .phasedWinograd: true
    case .matrixProduct, .direct, .rowWinograd, .lowered: false
    }
  }

  /// Runs one task of one phase. `output` is overwritten.
  ///
  /// - Parameter written: where ``writesByPieces``, called with each part of the task's ``resultRanges`` as soon as it is
  ///   written.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, input: UnsafePointer<S>, kernel: UnsafePointer<S>, output: UnsafeMutablePointer<S>,
    workspace: UnsafeMutablePointer<S>?, written: (Range<Int>) -> Void = { _ in }
  ) {
    switch plan {
    case .matrixProduct(let product):
      product.run(phase: phase, task: task, alpha: 1, a: input, b: kernel, beta: 0, c: output, workspace: workspace)
    case .direct(let partition, let scratch), .rowWinograd(let partition, let scratch):
      run(
        images: partition.range(task), input: input, kernel: kernel, output: output,
        scratch: workspace! + task * scratch)
    case .winograd(let convolution):
      convolution.run(
        phase: phase, task: task, images: input, kernel: kernel, results: output, workspace: workspace!,
        written: written)
    case .phasedWinograd(let convolution):
      convolution.run(
        phase: phase, task: task, input, kernel, results: output, workspace: workspace!, written: written)
    case .lowered(let blocks, let partition):
      let columns = workspace! + task * blocks.columnsCount
      for index in partition.range(task) {
        runBlock(blocks.block(index), input: input, kernel: kernel, output: output, columns: columns)
      }
    }
  }

  /// Elements of scratch memory for ``run(images:input:kernel:output:scratch:)``; `nil` where images are not computed one by
  /// one.
  public var imageScratchCount: Int? {
    switch plan {
    case .direct(_, let scratch), .rowWinograd(_, let scratch): scratch
    case .matrixProduct, .winograd, .phasedWinograd, .lowered: nil
    }
  }

  /// Convolves some of the images, where ``imageScratchCount`` is not `nil`.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    images: Range<Int>, input: UnsafePointer<S>, kernel: UnsafePointer<S>, output: UnsafeMutablePointer<S>,
    scratch: UnsafeMutablePointer<S>
  ) {
    if case .rowWinograd = plan {
      S.rowWinogradConvolution(
        geometry.window, outputs: geometry.outputChannels, firstImage: images.lowerBound, images: images.count, input,
        kernel, output, workspace: scratch)
    } else {
      S.directConvolution(
        geometry.window, outputs: geometry.outputChannels, firstImage: images.lowerBound, images: images.count, input,
        kernel, output, workspace: scratch)
    }
  }

  private func runBlock(
    _ block: ConvolutionBlocks.Block, input: UnsafePointer<S>, kernel: UnsafePointer<S>,
    output: UnsafeMutablePointer<S>, columns: UnsafeMutablePointer<S>
  ) {
    let (channels, outputs, patch) = (geometry.groupChannels, geometry.groupOutputChannels, geometry.patchCount)
    let width = geometry.window.output.width
    let firstPosition = block.image * geometry.positions + block.firstRow * width
    for group in 0..<geometry.groups {
      S.imageToColumns(
        geometry.window, firstRow: block.firstRow, rows: block.rows, firstChannel: group * channels,
        channels: channels, input + block.image * geometry.imageCount, columns)
      S.gemm(
        false, false, block.rows * width, outputs, patch, 1, columns, patch, kernel + group * outputs,
        geometry.outputChannels, 0, output + firstPosition * geometry.outputChannels + group * outputs,
        geometry.outputChannels)
    }
  }
}

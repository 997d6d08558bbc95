public import BLAS

/// A convolution of blocks of interleaved images, or one of its two gradients.
///
/// In a block [height, width, channels, images] every vector holds the same element of as many images as it has lanes, so that
/// few channels cost no more than their products. The work is cut by blocks; the kernel's gradient is summed over them in a
/// fixed order.
public struct InterleavedConvolution<S: Scalar>: PlannedKernel {
  /// Elements of scratch memory that `run` needs.
  public let workspaceCount: Int
  /// The number of tasks in each phase.
  public let phases: [Int]
  /// The algorithm, and what spoke for it.
  public let choice: KernelChoice?
  /// Elements of scratch memory for ``run(blocks:first:second:result:scratch:)``.
  public let scratchCount: Int
  private let geometry: ConvolutionGeometry, pass: ConvolutionPass, isFiltered: Bool
  private let partition: WorkPartition, sum: PartialSums<S>

  /// Plans the convolution of images in whole blocks.
  public init(_ geometry: ConvolutionGeometry, _ pass: ConvolutionPass) {
    precondition(Self.supports(geometry), "blocks of interleaved images cannot be convolved by this window")
    (self.geometry, self.pass) = (geometry, pass)
    // One or two rows would be made by as many products as five.
    isFiltered = ConvolutionChoice.paysForRowWinograd(geometry) && geometry.window.output.height > 2
    partition = WorkPartition(count: geometry.batch / S.interleavedImages, limit: 16)
    let scratch = geometry.window.interleavedWorkspaceCount(
      outputs: geometry.outputChannels, images: S.interleavedImages, isFiltered: isFiltered)
    switch pass {
    case .forward: scratchCount = scratch.forward
    case .inputGradient: scratchCount = scratch.inputGradient
    case .kernelGradient: scratchCount = scratch.kernelGradient
    }
    sum = PartialSums(count: geometry.kernelCount, parts: pass == .kernelGradient ? partition.taskCount : 1)
    workspaceCount = sum.workspaceCount + partition.taskCount * scratchCount
    phases = [partition.taskCount] + sum.phases
    choice = KernelChoice(
      method: "\(S.interleavedImages) images interleaved" + (isFiltered ? ", winograd F(5, 5) along the height" : ""),
      reason: "few channels, and every vector is full")
  }

  /// Whether the kernel's gradient can be summed over a few rows of the output's gradient at a time, which are then kept nowhere.
  public var sumsByRows: Bool { pass == .kernelGradient && !isFiltered }

  /// Adds what rows of a block's output gradient, `band`, add to sums in `scratch`, or overwrites these.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func add(
    rows: Range<Int>, block: Int, isFirst: Bool, input: UnsafePointer<S>, band: UnsafePointer<S>,
    scratch: UnsafeMutablePointer<S>
  ) {
    S.interleavedKernelGradient(
      geometry.window, outputs: geometry.outputChannels, rows: rows, isFirst: isFirst,
      input + block * geometry.imageCount * S.interleavedImages, band, workspace: scratch)
  }

  /// Overwrites `part` with the sums in `scratch`.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func finish(part: UnsafeMutablePointer<S>, scratch: UnsafeMutablePointer<S>) {
    S.elementwise(.fill, geometry.kernelCount, nil, nil, nil, part, 0, 0)
    S.addInterleavedSums(count: geometry.kernelCount, workspace: scratch, part)
  }

  /// Whether such a convolution can be computed: one group, a stride and dilation of 1 and whole blocks.
  public static func supports(_ geometry: ConvolutionGeometry) -> Bool {
    geometry.groups == 1 && geometry.window.stride == 1 && geometry.window.dilation == 1 && geometry.outputCount > 0
      && geometry.batch % S.interleavedImages == 0
  }

  /// The blocks that each task of the first phase computes.
  public var blockParts: [Range<Int>] { partition.ranges(of: 1) }

  /// Each task writes whole blocks, where the result has any.
  public var resultRanges: [Range<Int>]? {
    switch pass {
    case .forward: partition.ranges(of: geometry.positions * geometry.outputChannels * S.interleavedImages)
    case .inputGradient: partition.ranges(of: geometry.imageCount * S.interleavedImages)
    case .kernelGradient: nil
    }
  }

  /// Runs one task of one phase; the operands are those of ``run(blocks:first:second:result:scratch:)``.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, first: UnsafePointer<S>, second: UnsafePointer<S>, result: UnsafeMutablePointer<S>,
    workspace: UnsafeMutablePointer<S>
  ) {
    if phase > 0 { return sum.run(task: task, output: result, workspace: workspace) }
    run(
      blocks: partition.range(task), first: first, second: second,
      result: sum.part(task, output: result, workspace: workspace),
      scratch: workspace + sum.workspaceCount + task * scratchCount)
  }

  /// Computes some of the blocks of the result, or for the kernel's gradient their share of it, which overwrites `result`.
  ///
  /// The operands are the input and the kernel, the output's gradient and the kernel, or the input and the output's gradient.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    blocks: Range<Int>, first: UnsafePointer<S>, second: UnsafePointer<S>, result: UnsafeMutablePointer<S>,
    scratch: UnsafeMutablePointer<S>
  ) {
    let (window, outputs) = (geometry.window, geometry.outputChannels)
    switch pass {
    case .forward:
      S.interleavedConvolution(
        window, isFiltered: isFiltered, outputs: outputs, firstBlock: blocks.lowerBound, blocks: blocks.count, first,
        second, result, workspace: scratch)
    case .inputGradient:
      S.interleavedInputGradient(
        window, isFiltered: isFiltered, outputs: outputs, firstBlock: blocks.lowerBound, blocks: blocks.count, first,
        second, result, workspace: scratch)
    case .kernelGradient:
      S.elementwise(.fill, geometry.kernelCount, nil, nil, nil, result, 0, 0)
      S.interleavedKernelGradient(
        window, isFiltered: isFiltered, outputs: outputs, firstBlock: blocks.lowerBound, blocks: blocks.count, first,
        second, result, workspace: scratch)
    }
  }
}

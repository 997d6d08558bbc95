import BLAS

/// A convolution with a stride, or a gradient of one, by Winograd's filtering of the phases of its images.
///
/// The phases of what is read are written first, and what is made over them is taken back last; between these come the
/// phases of work of the filtering.
struct PhasedWinograd<S: Scalar>: Sendable {
  private enum Filtering {
    case forward(WinogradConvolution<S>)
    case inputGradient(WinogradConvolution<S>)
    case kernelGradient(WinogradKernelGradient<S>)
  }

  /// Elements of scratch memory.
  let workspaceCount: Int
  /// The number of tasks in each phase.
  let phases: [Int]
  /// Where each task's results lie; `nil` where they are a kernel's.
  let resultRanges: [Range<Int>]?

  private let pixels: PixelPhases, filtering: Filtering
  /// Elements of the images and of the kernel over the phases, which stand first in the scratch memory.
  private let imagesCount: Int, kernelCount: Int

  /// Plans a pass. Small images may be cut in tiles together if it `joinsImages`, and in gradients always.
  init(_ pixels: PixelPhases, _ pass: ConvolutionPass, joinsImages: Bool = true) {
    self.pixels = pixels
    (imagesCount, kernelCount) = (pixels.phased.inputCount, WinogradTiling.plane(pixels.phased.kernelCount))
    let images = pixels.partition.taskCount
    let filtered: (workspaceCount: Int, phases: [Int])
    switch pass {
    case .forward:
      let convolution = WinogradConvolution<S>(pixels.phased, joinsImages: joinsImages)
      filtering = .forward(convolution)
      filtered = (convolution.workspaceCount, convolution.phases)
      (phases, resultRanges) = ([images + 1] + filtered.phases, convolution.resultRanges)
    case .inputGradient:
      let convolution = WinogradConvolution<S>(pixels.phased, isInputGradient: true, joinsImages: true)
      filtering = .inputGradient(convolution)
      filtered = (convolution.workspaceCount, convolution.phases)
      (phases, resultRanges) = ([1] + filtered.phases + [images], pixels.imageRanges)
    case .kernelGradient:
      let gradient = WinogradKernelGradient<S>(pixels.phased)
      filtering = .kernelGradient(gradient)
      filtered = (gradient.workspaceCount, gradient.phases)
      (phases, resultRanges) = ([images] + filtered.phases + [1], nil)
    }
    workspaceCount = imagesCount + kernelCount + filtered.workspaceCount
  }

  /// Whether tasks of the last phase tell of what they have written.
  var writesByPieces: Bool { if case .forward = filtering { true } else { false } }

  /// Runs one task. What is read are images and a kernel, the output's gradient and a kernel, or images and the output's
  /// gradient.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func run(
    phase: Int, task: Int, _ first: UnsafePointer<S>, _ second: UnsafePointer<S>, results: UnsafeMutablePointer<S>,
    workspace: UnsafeMutablePointer<S>, written: (Range<Int>) -> Void
  ) {
    let (images, kernel) = (workspace, workspace + imagesCount)
    let scratch = kernel + kernelCount
    let (isFirst, isLast) = (phase == 0, phase == phases.count - 1)
    switch filtering {
    case .forward(let convolution):
      if isFirst && task == pixels.partition.taskCount {
        pixels.gather(kernel: second, to: kernel)
      } else if isFirst {
        pixels.gather(pixels.partition.range(task), first, to: images)
      } else {
        convolution.run(
          phase: phase - 1, task: task, images: images, kernel: kernel, results: results, workspace: scratch,
          written: written)
      }
    case .inputGradient(let convolution):
      if isFirst {
        pixels.gather(kernel: second, to: kernel)
      } else if isLast {
        pixels.scatter(pixels.partition.range(task), images, to: results)
      } else {
        convolution.run(
          phase: phase - 1, task: task, images: first, kernel: kernel, results: images, workspace: scratch
        ) { _ in }
      }
    case .kernelGradient(let gradient):
      if isFirst {
        pixels.gather(pixels.partition.range(task), first, to: images)
      } else if isLast {
        pixels.scatter(kernel: kernel, to: results)
      } else {
        gradient.run(
          phase: phase - 1, task: task, input: images, outputGradient: second, kernelGradient: kernel,
          workspace: scratch)
      }
    }
  }
}

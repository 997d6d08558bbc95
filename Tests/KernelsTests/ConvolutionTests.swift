import BLAS
import CKernels
import Kernels
import Testing

/// A convolution of whole numbers and its gradients, as nested loops over every output and tap.
///
/// Whole numbers make every sum exact in any order, so the kernels' results must equal these.
struct ConvolutionOracle {
  let input: [Int], kernel: [Int], outputGradient: [Int]
  private(set) var output: [Int], inputGradient: [Int], kernelGradient: [Int]

  init(_ geometry: ConvolutionGeometry, seed: UInt64) {
    var values = TestValues(seed: seed)
    func draw(_ count: Int) -> [Int] { (0..<count).map { _ in Int(values.next() % 9) - 4 } }
    (input, kernel) = (draw(geometry.inputCount), draw(geometry.kernelCount))
    outputGradient = draw(geometry.outputCount)
    output = [Int](repeating: 0, count: geometry.outputCount)
    inputGradient = [Int](repeating: 0, count: geometry.inputCount)
    kernelGradient = [Int](repeating: 0, count: geometry.kernelCount)
    let w = geometry.window, outputs = geometry.outputChannels
    let (groupChannels, groupOutputs) = (w.channels / geometry.groups, outputs / geometry.groups)
    for position in 0..<(geometry.batch * w.output.height * w.output.width) {
      let (image, rest) = position.quotientAndRemainder(dividingBy: w.output.height * w.output.width)
      let (row, column) = rest.quotientAndRemainder(dividingBy: w.output.width)
      for tap in 0..<(w.window.height * w.window.width) {
        let y = row * w.stride.height + tap / w.window.width * w.dilation.height - w.padding.top
        let x = column * w.stride.width + tap % w.window.width * w.dilation.width - w.padding.left
        guard y >= 0, y < w.size.height, x >= 0, x < w.size.width else { continue }
        let pixel = ((image * w.size.height + y) * w.size.width + x) * w.channels
        for channel in 0..<groupChannels {
          for out in 0..<outputs {
            let from = pixel + out / groupOutputs * groupChannels + channel
            let weight = (tap * groupChannels + channel) * outputs + out
            output[position * outputs + out] += input[from] * kernel[weight]
            inputGradient[from] += outputGradient[position * outputs + out] * kernel[weight]
            kernelGradient[weight] += outputGradient[position * outputs + out] * input[from]
          }
        }
      }
    }
  }
}

/// A convolution and its gradients by the planned kernels.
struct PlannedConvolution<S: Scalar> {
  let geometry: ConvolutionGeometry
  var algorithm: ConvolutionAlgorithm?
  var order = TaskOrder.forward

  func forward(_ input: [S], _ kernel: [S], joinsImages: Bool = false) -> [S] {
    let plan = ConvolutionForward<S>(geometry, algorithm: algorithm, joinsImages: joinsImages)
    return filled(geometry.outputCount) { output in
      execute(plan, order) {
        plan.run(phase: $0, task: $1, input: input, kernel: kernel, output: output, workspace: $2)
      }
    }
  }

  func inputGradient(_ outputGradient: [S], _ kernel: [S]) -> [S] {
    let plan = ConvolutionInputGradient<S>(geometry, algorithm: algorithm)
    return filled(geometry.inputCount) { gradient in
      execute(plan, order) {
        plan.run(
          phase: $0, task: $1, outputGradient: outputGradient, kernel: kernel, inputGradient: gradient, workspace: $2)
      }
    }
  }

  func kernelGradient(_ input: [S], _ outputGradient: [S]) -> [S] {
    let plan = ConvolutionKernelGradient<S>(geometry, algorithm: algorithm)
    return filled(geometry.kernelCount) { gradient in
      execute(plan, order) {
        plan.run(
          phase: $0, task: $1, input: input, outputGradient: outputGradient, kernelGradient: gradient, workspace: $2)
      }
    }
  }
}

@Suite struct ConvolutionTests {
  static let geometries: [ConvolutionGeometry] = [
    // LeNet-5's two layers.
    ConvolutionGeometry(
      batch: 5, size: 28, channels: 1, kernel: 5, outputChannels: 6, padding: .same(size: 28, window: 5)),
    ConvolutionGeometry(batch: 5, size: 14, channels: 6, kernel: 5, outputChannels: 16),
    // Padding that differs on each side, strides and dilations that differ along the axes.
    ConvolutionGeometry(
      batch: 2, size: Extent(9, 7), channels: 3, kernel: Extent(3, 2), outputChannels: 5, stride: Extent(2, 1),
      padding: WindowPadding(top: 2, bottom: 0, left: 1, right: 3)),
    ConvolutionGeometry(
      batch: 2, size: Extent(8, 11), channels: 2, kernel: 3, outputChannels: 4, stride: Extent(1, 2),
      padding: WindowPadding(top: 1, bottom: 2, left: 0, right: 1), dilation: Extent(2, 3)),
    // Groups, down to one channel each.
    ConvolutionGeometry(
      batch: 3, size: 6, channels: 4, kernel: 3, outputChannels: 6, padding: .same(size: 6, window: 3), groups: 2),
    ConvolutionGeometry(batch: 2, size: 5, channels: 3, kernel: 2, outputChannels: 3, stride: 2, groups: 3),
    // A matrix product, and the same kernel size where it is not one.
    ConvolutionGeometry(batch: 3, size: 5, channels: 7, kernel: 1, outputChannels: 9),
    ConvolutionGeometry(batch: 3, size: 5, channels: 7, kernel: 1, outputChannels: 9, stride: 2),
    // The window is the image; the window is mostly padding; more channels than a vector.
    ConvolutionGeometry(batch: 4, size: 5, channels: 16, kernel: 5, outputChannels: 120),
    ConvolutionGeometry(
      batch: 1, size: 1, channels: 2, kernel: 5, outputChannels: 3,
      padding: WindowPadding(top: 4, bottom: 4, left: 4, right: 4)),
    ConvolutionGeometry(
      batch: 2, size: Extent(6, 5), channels: 35, kernel: 3, outputChannels: 37, padding: .same(size: 6, window: 3)),
    // Stride beyond the window, and a large stride over a padded image (AlexNet's first layer in small).
    ConvolutionGeometry(batch: 2, size: 10, channels: 3, kernel: 2, outputChannels: 4, stride: 3),
    ConvolutionGeometry(
      batch: 2, size: 23, channels: 3, kernel: 11, outputChannels: 8, stride: 4,
      padding: WindowPadding(top: 2, bottom: 2, left: 2, right: 2)),
    // One channel, with output channels that repeat after one, two or three vectors, or more; rows of several blocks.
    ConvolutionGeometry(batch: 3, size: Extent(6, 9), channels: 1, kernel: Extent(3, 2), outputChannels: 4),
    ConvolutionGeometry(
      batch: 2, size: Extent(9, 30), channels: 1, kernel: 3, outputChannels: 24, stride: Extent(2, 1),
      padding: WindowPadding(top: 0, bottom: 1, left: 2, right: 0), dilation: Extent(2, 1)),
    ConvolutionGeometry(
      batch: 2, size: Extent(4, 70), channels: 1, kernel: Extent(1, 5), outputChannels: 3,
      padding: .same(size: Extent(4, 70), window: Extent(1, 5))),
    ConvolutionGeometry(batch: 2, size: 8, channels: 1, kernel: 4, outputChannels: 7, stride: Extent(3, 1)),
    // Output channels that fill vectors at every level, over a padded image.
    ConvolutionGeometry(
      batch: 2, size: Extent(5, 4), channels: 3, kernel: 3, outputChannels: 16,
      padding: .same(size: Extent(5, 4), window: 3)),
    // Gradients of outputs that are read in several bands of rows.
    ConvolutionGeometry(
      batch: 2, size: Extent(25, 19), channels: 3, kernel: 3, outputChannels: 90, stride: Extent(2, 1),
      padding: WindowPadding(top: 1, bottom: 1, left: 1, right: 1)),
    ConvolutionGeometry(batch: 1, size: Extent(19, 30), channels: 2, kernel: Extent(4, 3), outputChannels: 64),
    // Several blocks of rows in an image.
    ConvolutionGeometry(
      batch: 2, size: 20, channels: 16, kernel: 5, outputChannels: 24, padding: .same(size: 20, window: 5)),
    // Windows of 5 rows over an odd number of output rows, and over one only.
    ConvolutionGeometry(
      batch: 3, size: Extent(10, 13), channels: 3, kernel: Extent(5, 4), outputChannels: 11, stride: Extent(1, 2),
      padding: WindowPadding(top: 1, bottom: 2, left: 2, right: 0)),
    ConvolutionGeometry(batch: 2, size: Extent(5, 9), channels: 4, kernel: Extent(5, 4), outputChannels: 32),
    // Tiles that hang over the image on every side, over padding that differs; less than a tile; groups in tiles.
    ConvolutionGeometry(
      batch: 3, size: Extent(10, 15), channels: 5, kernel: 3, outputChannels: 18,
      padding: WindowPadding(top: 2, bottom: 0, left: 1, right: 2)),
    ConvolutionGeometry(
      batch: 2, size: Extent(9, 6), channels: 20, kernel: 5, outputChannels: 6,
      padding: WindowPadding(top: 0, bottom: 4, left: 3, right: 1)),
    ConvolutionGeometry(
      batch: 2, size: Extent(2, 3), channels: 3, kernel: 3, outputChannels: 2,
      padding: .same(size: Extent(2, 3), window: 3)),
    ConvolutionGeometry(
      batch: 2, size: Extent(9, 7), channels: 12, kernel: 5, outputChannels: 20,
      padding: .same(size: Extent(9, 7), window: 5), groups: 2),
    // Groups with more channels than one sum takes, over more tiles than one sum takes.
    ConvolutionGeometry(
      batch: 4, size: Extent(20, 18), channels: 80, kernel: 3, outputChannels: 72,
      padding: .same(size: Extent(20, 18), window: 3), groups: 2),
    // Several chunks of tiles and several blocks of a task, chosen for their size.
    ConvolutionGeometry(
      batch: 3, size: Extent(34, 46), channels: 34, kernel: 5, outputChannels: 40,
      padding: .same(size: Extent(34, 46), window: 5)),
    // Windows over phases: padding on every side, pixels and taps that no window sees, many channels.
    ConvolutionGeometry(
      batch: 3, size: Extent(17, 22), channels: 4, kernel: 5, outputChannels: 10, stride: 2,
      padding: WindowPadding(top: 3, bottom: 1, left: 0, right: 2)),
    ConvolutionGeometry(batch: 2, size: Extent(24, 19), channels: 9, kernel: 13, outputChannels: 35, stride: 3),
    ConvolutionGeometry(
      batch: 3, size: Extent(3, 4), channels: 2, kernel: 5, outputChannels: 6, stride: 2,
      padding: WindowPadding(top: 1, bottom: 9, left: 7, right: 0)),
    ConvolutionGeometry(batch: 16, size: Extent(20, 21), channels: 3, kernel: 9, outputChannels: 5, stride: 3),
    // Images that are cut in tiles by fours, as AlexNet's last ones, with groups.
    ConvolutionGeometry(
      batch: 32, size: 13, channels: 64, kernel: 3, outputChannels: 66, padding: .same(size: 13, window: 3), groups: 2),
  ]

  private func check<S: Scalar>(
    _: S.Type, _ geometry: ConvolutionGeometry, _ algorithm: ConvolutionAlgorithm?, _ oracle: ConvolutionOracle
  ) {
    func scalars(_ values: [Int]) -> [S] { values.map { S($0) } }
    let (input, kernel) = (scalars(oracle.input), scalars(oracle.kernel))
    let gradient = scalars(oracle.outputGradient)
    let planned = PlannedConvolution<S>(geometry: geometry, algorithm: algorithm)
    let name = "\(S.self), \(algorithm.map { "\($0)" } ?? "chosen")"
    // A stride makes windows over phases of what is divided by it.
    let (extent, stride) = (geometry.window.window.height, geometry.window.stride.height)
    let roundings = WinogradRoundings.largest((extent + stride - 1) / stride)
    /// Exact, but for the transforms of Winograd's filtering, whose points are fractions.
    func expect(_ found: [S], _ wanted: [Int], _ what: String) {
      if [.rowWinograd, .winograd, nil].contains(algorithm) {
        expectNear(found, wanted, "\(what), \(name)", roundings: roundings)
      } else {
        expectEqual(found, scalars(wanted), "\(what), \(name)")
      }
    }
    expect(planned.forward(input, kernel), oracle.output, "forward")
    if algorithm == .winograd {
      expect(planned.forward(input, kernel, joinsImages: true), oracle.output, "forward, images together")
    }
    expect(planned.inputGradient(gradient, kernel), oracle.inputGradient, "input gradient")
    expect(planned.kernelGradient(input, gradient), oracle.kernelGradient, "kernel gradient")
  }

  @Test(arguments: geometries)
  func everyAlgorithmAgainstOracle(_ geometry: ConvolutionGeometry) {
    let oracle = ConvolutionOracle(geometry, seed: 4)
    for algorithm in [nil] + ConvolutionAlgorithm.allCases where algorithm?.supports(geometry) ?? true {
      check(Float.self, geometry, algorithm, oracle)
      check(Double.self, geometry, algorithm, oracle)
    }
  }

  /// Forward, an image is computed for itself: it has the same bits in any batch, and what is not a number stays in it. So do pixels
  /// that no window sees.
  @Test(arguments: [
    ConvolutionGeometry(
      batch: 32, size: 13, channels: 33, kernel: 3, outputChannels: 40, padding: .same(size: 13, window: 3)),
    ConvolutionGeometry(batch: 32, size: 30, channels: 3, kernel: 11, outputChannels: 32, stride: 4),
  ])
  func imagesAreComputedForThemselves(_ geometry: ConvolutionGeometry) {
    var values = TestValues(seed: 41)
    var input: [Float] = values.uniform(geometry.inputCount)
    let kernel: [Float] = values.uniform(geometry.kernelCount)
    let planned = PlannedConvolution<Float>(geometry: geometry, algorithm: .winograd)
    let whole = planned.forward(input, kernel)
    let (image, outputs) = (geometry.inputCount / 32, geometry.outputCount / 32)
    let alone = ConvolutionGeometry(
      batch: 1, size: geometry.window.size, channels: geometry.window.channels, kernel: geometry.window.window,
      outputChannels: geometry.outputChannels, stride: geometry.window.stride, padding: geometry.window.padding)
    let single = PlannedConvolution<Float>(geometry: alone, algorithm: .winograd)
    expectEqual(
      single.forward(Array(input[5 * image..<6 * image]), kernel), Array(whole[5 * outputs..<6 * outputs]), "alone")
    for pixel in 5 * image..<6 * image { input[pixel] = .nan }
    let spoiled = planned.forward(input, kernel)
    #expect(spoiled.indices.allSatisfy { spoiled[$0].isNaN == (5 * outputs..<6 * outputs ~= $0) })
    // Images of 30 pixels under windows of 11 every 4: the last three rows and columns are seen by none.
    guard geometry.window.stride == 4 else { return }
    input = input.map { $0.isNaN ? 1 : $0 }
    let before = planned.forward(input, kernel)
    for element in input.indices where element / 3 % 30 >= 27 || element / 90 % 30 >= 27 { input[element] = .nan }
    expectEqual(planned.forward(input, kernel), before, "pixels that no window sees")
    let gradient = planned.inputGradient(before, kernel)
    #expect(gradient.indices.allSatisfy { input[$0].isNaN == (gradient[$0] == 0) })
  }

  /// The direct kernels are written for each width of vectors, so they are checked at every level.
  @Test(arguments: geometries.filter { ConvolutionAlgorithm.direct.supports($0) })
  func directKernelsAtEveryLevel(_ geometry: ConvolutionGeometry) {
    let oracle = ConvolutionOracle(geometry, seed: 14)
    let (input, kernel) = (oracle.input.map { Float($0) }, oracle.kernel.map { Float($0) })
    let gradient = oracle.outputGradient.map { Float($0) }
    let scratch = geometry.window.directWorkspaceCount(outputs: geometry.outputChannels)
    let (batch, outputs) = (geometry.batch, geometry.outputChannels)
    var window = layout(geometry.window)
    for (name, kernels) in everyLevel() {
      let output = filled(geometry.outputCount) { (out: UnsafeMutablePointer<Float>) in
        withWorkspace(scratch.forward) {
          kernels.direct_convolution(&window, outputs, 0, batch, input, kernel, out, $0)
        }
      }
      expectEqual(output, oracle.output.map { Float($0) }, "forward at level \(name)")
      var kernelGradient = [Float](repeating: 1, count: geometry.kernelCount)
      withWorkspace(scratch.kernelGradient) {
        kernels.direct_kernel_gradient(&window, outputs, 0, batch, input, gradient, &kernelGradient, $0)
      }
      expectEqual(kernelGradient, oracle.kernelGradient.map { Float($0 + 1) }, "kernel gradient at level \(name)")
      let inputGradient = filled(geometry.inputCount) { (out: UnsafeMutablePointer<Float>) in
        withWorkspace(scratch.inputGradient) {
          kernels.direct_input_gradient(&window, outputs, 0, batch, gradient, kernel, out, $0)
        }
      }
      expectEqual(inputGradient, oracle.inputGradient.map { Float($0) }, "input gradient at level \(name)")
    }
  }

  @Test(arguments: geometries.filter { ConvolutionAlgorithm.rowWinograd.supports($0) })
  func rowWinogradKernelsAtEveryLevel(_ geometry: ConvolutionGeometry) {
    let oracle = ConvolutionOracle(geometry, seed: 24)
    let (input, kernel) = (oracle.input.map { Float($0) }, oracle.kernel.map { Float($0) })
    let gradient = oracle.outputGradient.map { Float($0) }
    let scratch = geometry.window.rowWinogradWorkspaceCount(outputs: geometry.outputChannels)
    let (batch, outputs) = (geometry.batch, geometry.outputChannels)
    var window = layout(geometry.window)
    for (name, kernels) in everyLevel() {
      let output = filled(geometry.outputCount) { (out: UnsafeMutablePointer<Float>) in
        withWorkspace(scratch.forward) {
          kernels.row_winograd_convolution(&window, outputs, 0, batch, input, kernel, out, $0)
        }
      }
      expectNear(output, oracle.output, "forward at level \(name)")
      var kernelGradient = [Float](repeating: 1, count: geometry.kernelCount)
      withWorkspace(scratch.kernelGradient) {
        kernels.row_winograd_kernel_gradient(&window, outputs, 0, batch, input, gradient, &kernelGradient, $0)
      }
      expectNear(kernelGradient, oracle.kernelGradient.map { $0 + 1 }, "kernel gradient at level \(name)")
    }
  }

  @Test func winogradRoundsLittle() {
    let geometry = ConvolutionGeometry(
      batch: 1, size: 28, channels: 64, kernel: 3, outputChannels: 64, padding: .same(size: 28, window: 3))
    var values = TestValues(seed: 6)
    let input: [Double] = values.uniform(geometry.inputCount).map { Double(Float($0 as Double)) }
    let kernel: [Double] = values.uniform(geometry.kernelCount).map { Double(Float($0 as Double)) }
    let gradient: [Double] = values.uniform(geometry.outputCount).map { Double(Float($0 as Double)) }
    func relative(_ found: [Float], _ wanted: [Double]) -> Double {
      let error = zip(found, wanted).map { (Double($0) - $1) * (Double($0) - $1) }.reduce(0, +)
      return (error / wanted.map { $0 * $0 }.reduce(0, +)).squareRoot()
    }
    let exact = PlannedConvolution<Double>(geometry: geometry, algorithm: .lowered)
    let single = PlannedConvolution<Float>(geometry: geometry, algorithm: .winograd)
    let (x, k, g) = (input.map { Float($0) }, kernel.map { Float($0) }, gradient.map { Float($0) })
    #expect(relative(single.forward(x, k), exact.forward(input, kernel)) < 1e-6)
    #expect(relative(single.inputGradient(g, k), exact.inputGradient(gradient, kernel)) < 1e-6)
    #expect(relative(single.kernelGradient(x, g), exact.kernelGradient(input, gradient)) < 1e-6)
  }

  @Test(arguments: geometries)
  func bitsDoNotDependOnThreads(_ geometry: ConvolutionGeometry) {
    var values = TestValues(seed: 5)
    let input: [Float] = values.uniform(geometry.inputCount)
    let kernel: [Float] = values.uniform(geometry.kernelCount)
    let gradient: [Float] = values.uniform(geometry.outputCount)
    let wanted = PlannedConvolution<Float>(geometry: geometry)
    for order in [TaskOrder.backward, .threads(1), .threads(2), .threads(4)] {
      let found = PlannedConvolution<Float>(geometry: geometry, order: order)
      expectEqual(found.forward(input, kernel), wanted.forward(input, kernel), "forward, \(order)")
      expectEqual(
        found.inputGradient(gradient, kernel), wanted.inputGradient(gradient, kernel), "input gradient, \(order)")
      expectEqual(
        found.kernelGradient(input, gradient), wanted.kernelGradient(input, gradient), "kernel gradient, \(order)")
    }
  }

  @Test func algorithms() {
    let onePixel = ConvolutionGeometry(batch: 2, size: 5, channels: 3, kernel: 1, outputChannels: 4)
    let wholeImage = ConvolutionGeometry(batch: 2, size: 5, channels: 3, kernel: 5, outputChannels: 4)
    let strided = ConvolutionGeometry(batch: 2, size: 5, channels: 3, kernel: 1, outputChannels: 4, stride: 2)
    let grouped = ConvolutionGeometry(batch: 2, size: 5, channels: 4, kernel: 3, outputChannels: 4, groups: 2)
    let dilated = ConvolutionGeometry(
      batch: 2, size: 9, channels: 4, kernel: 3, outputChannels: 4, dilation: Extent(1, 2))
    #expect(ConvolutionAlgorithm.allCases.filter { $0.supports(onePixel) } == [.matrixProduct, .direct, .lowered])
    #expect(
      ConvolutionAlgorithm.allCases.filter { $0.supports(wholeImage) }
        == [.matrixProduct, .direct, .rowWinograd, .winograd, .lowered])
    #expect(ConvolutionAlgorithm.allCases.filter { $0.supports(strided) } == [.direct, .lowered])
    #expect(ConvolutionAlgorithm.allCases.filter { $0.supports(grouped) } == [.winograd, .lowered])
    #expect(ConvolutionAlgorithm.allCases.filter { $0.supports(dilated) } == [.lowered])
  }

  /// The first layers of VGG, AlexNet and ResNet, and one with outputs that fill no vectors.
  @Test func manyOutputsOfFewChannels() {
    func method(_ geometry: ConvolutionGeometry) -> String? {
      ConvolutionKernelGradient<Float>(geometry).choice?.method
    }
    func vgg(_ outputs: Int) -> ConvolutionGeometry {
      ConvolutionGeometry(
        batch: 2, size: 224, channels: 3, kernel: 3, outputChannels: outputs, padding: .same(size: 224, window: 3))
    }
    let alexNet = ConvolutionGeometry(batch: 2, size: 227, channels: 3, kernel: 11, outputChannels: 96, stride: 4)
    #expect(method(vgg(64)) == "direct")
    #expect(method(vgg(50)) == "lowered (im2col and gemm)")
    #expect(method(alexNet) == "winograd F(4x4, 3x3) over 4x4 phases")
    let resNet = ConvolutionGeometry(
      batch: 2, size: 224, channels: 3, kernel: 7, outputChannels: 64, stride: 2,
      padding: WindowPadding(top: 3, bottom: 3, left: 3, right: 3))
    #expect(method(resNet) == (Float.interleavedImages < 16 ? "lowered (im2col and gemm)" : "direct"))
  }

  @Test func sizes() {
    let lenet = Self.geometries[0]
    #expect(lenet.window.output == Extent(28, 28))
    #expect(lenet.kernelCount == 150)
    #expect(lenet.multiplyAdds == 5 * 28 * 28 * 6 * 25)
    // Keras: ceil(size / stride) positions, the odd row of padding below and to the right.
    let padding = WindowPadding.same(size: Extent(10, 11), window: 3, stride: 2)
    #expect(padding == WindowPadding(top: 0, bottom: 1, left: 1, right: 1))
    let same = SlidingWindow(size: Extent(10, 11), channels: 1, window: 3, stride: 2, padding: padding)
    #expect(same.output == Extent(5, 6))
    #expect(SlidingWindow(size: 3, channels: 1, window: 4).output == Extent(0, 0))
    #expect(SlidingWindow(size: 7, channels: 1, window: 3, dilation: 3).output == Extent(1, 1))
  }
}

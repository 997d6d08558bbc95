import BLAS
import CKernels
import Kernels
import Testing

/// Convolutions of blocks of interleaved images against the loops of ``ConvolutionOracle``.
@Suite("Interleaved images") struct InterleavedConvolutionTests {
  /// Geometries of one image.
  static let geometries: [ConvolutionGeometry] = [
    // LeNet-5's two layers.
    ConvolutionGeometry(
      batch: 1, size: 28, channels: 1, kernel: 5, outputChannels: 6, padding: .same(size: 28, window: 5)),
    ConvolutionGeometry(batch: 1, size: 14, channels: 6, kernel: 5, outputChannels: 16),
    // Windows of 5 rows over odd numbers of rows and padding that differs on each side; a single row of outputs.
    ConvolutionGeometry(
      batch: 1, size: Extent(9, 7), channels: 3, kernel: Extent(5, 3), outputChannels: 9,
      padding: WindowPadding(top: 1, bottom: 3, left: 2, right: 0)),
    ConvolutionGeometry(batch: 1, size: Extent(5, 6), channels: 7, kernel: Extent(5, 4), outputChannels: 13),
    // More padding than the window reaches from the image.
    ConvolutionGeometry(
      batch: 1, size: Extent(3, 2), channels: 2, kernel: 5, outputChannels: 8,
      padding: WindowPadding(top: 6, bottom: 5, left: 5, right: 6)),
    // Other windows, down to a row, a column and a pixel.
    ConvolutionGeometry(
      batch: 1, size: Extent(6, 8), channels: 4, kernel: 3, outputChannels: 5, padding: .same(size: 8, window: 3)),
    ConvolutionGeometry(batch: 1, size: Extent(4, 9), channels: 5, kernel: Extent(1, 4), outputChannels: 7),
    ConvolutionGeometry(batch: 1, size: Extent(7, 3), channels: 8, kernel: Extent(2, 1), outputChannels: 1),
    ConvolutionGeometry(batch: 1, size: 3, channels: 11, kernel: 1, outputChannels: 15),
    // A window as large as the image.
    ConvolutionGeometry(batch: 1, size: 4, channels: 3, kernel: 4, outputChannels: 10),
  ]

  /// Roundings of the largest element that filtering five rows at a time may be away.
  private static let filteredRoundings = 32.0

  private func batch(_ count: Int, of geometry: ConvolutionGeometry) -> ConvolutionGeometry {
    let window = geometry.window
    return ConvolutionGeometry(
      batch: count, size: window.size, channels: window.channels, kernel: window.window,
      outputChannels: geometry.outputChannels, padding: window.padding)
  }

  /// Element e of image i of a block stands at e · images + i.
  private func interleaved<S: Scalar>(_ values: [Int], batch: Int, images: Int) -> [S] {
    let count = values.count / batch
    return (0..<values.count).map { place in
      let (block, rest) = place.quotientAndRemainder(dividingBy: count * images)
      return S(values[(block * images + rest % images) * count + rest / images])
    }
  }

  @Test("the kernels at every level", arguments: geometries)
  func kernelsAtEveryLevel(_ one: ConvolutionGeometry) {
    for (name, kernels) in everyLevel() {
      let images = kernels.interleaved_images
      let geometry = batch(3 * images, of: one)
      let oracle = ConvolutionOracle(geometry, seed: 44)
      func blocks(_ values: [Int]) -> [Float] { interleaved(values, batch: geometry.batch, images: images) }
      let (input, gradient) = (blocks(oracle.input), blocks(oracle.outputGradient))
      let kernel = oracle.kernel.map { Float($0) }
      let outputs = geometry.outputChannels
      var window = layout(geometry.window)
      for isFiltered in [false, true] where !isFiltered || one.window.window.height == 5 {
        let scratch = geometry.window.interleavedWorkspaceCount(
          outputs: outputs, images: images, isFiltered: isFiltered)
        let what = "at level \(name), \(isFiltered ? "filtered" : "direct")"
        func expect(_ found: [Float], _ wanted: [Int], _ pass: String) {
          if isFiltered {
            expectNear(found, wanted, "\(pass) \(what)", roundings: Self.filteredRoundings)
          } else {
            expectEqual(found, wanted.map { Float($0) }, "\(pass) \(what)")
          }
        }
        func places(_ values: [Int]) -> [Int] { blocks(values).map { Int($0) } }
        let flag: Int32 = isFiltered ? 1 : 0
        // Two calls, so that a block that is not the first is the first of a call.
        let output = filled(geometry.outputCount) { (out: UnsafeMutablePointer<Float>) in
          withWorkspace(scratch.forward) {
            kernels.interleaved_convolution(&window, flag, outputs, 0, 1, input, kernel, out, $0)
            kernels.interleaved_convolution(&window, flag, outputs, 1, 2, input, kernel, out, $0)
          }
        }
        expect(output, places(oracle.output), "forward")
        let inputGradient = filled(geometry.inputCount) { (out: UnsafeMutablePointer<Float>) in
          withWorkspace(scratch.inputGradient) {
            kernels.interleaved_input_gradient(&window, flag, outputs, 0, 2, gradient, kernel, out, $0)
            kernels.interleaved_input_gradient(&window, flag, outputs, 2, 1, gradient, kernel, out, $0)
          }
        }
        expect(inputGradient, places(oracle.inputGradient), "input gradient")
        var kernelGradient = [Float](repeating: 1, count: geometry.kernelCount)
        withWorkspace(scratch.kernelGradient) {
          kernels.interleaved_kernel_gradient(&window, flag, outputs, 0, 2, input, gradient, &kernelGradient, $0)
          kernels.interleaved_kernel_gradient(&window, flag, outputs, 2, 1, input, gradient, &kernelGradient, $0)
        }
        expect(kernelGradient, oracle.kernelGradient.map { $0 + 1 }, "kernel gradient")
      }
      // By bands of one, two, three, ... rows, each in memory of its own.
      var byRows = [Float](repeating: 1, count: geometry.kernelCount)
      let (height, row) = (one.window.output.height, one.window.output.width * outputs * images)
      withWorkspace(
        geometry.window.interleavedWorkspaceCount(outputs: outputs, images: images, isFiltered: false).kernelGradient
      ) { (workspace: UnsafeMutablePointer<Float>) in
        for block in 0..<3 {
          let start = Array(input[block * input.count / 3..<(block + 1) * input.count / 3])
          var (first, rows) = (0, 1)
          while first < height {
            let count = min(rows, height - first)
            let band = Array(gradient[(block * height + first) * row..<(block * height + first + count) * row])
            kernels.interleaved_kernel_gradient_rows(
              &window, outputs, first, count, block == 0 && first == 0 ? 1 : 0, start, band, workspace)
            (first, rows) = (first + count, rows + 1)
          }
        }
        kernels.add_interleaved_sums(geometry.kernelCount, workspace, &byRows)
      }
      expectEqual(byRows, oracle.kernelGradient.map { Float($0 + 1) }, "kernel gradient by rows at level \(name)")
    }
  }

  @Test("products with a matrix at every level", arguments: 1...25)
  func products(_ rows: Int) {
    for (name, kernels) in everyLevel() {
      let images = kernels.interleaved_images
      for depth in [0, 1, 7, 120] {
        let matrix = (0..<rows * depth).map { $0 * 7919 % 23 - 11 }
        let block = (0..<depth * images).map { $0 * 104_729 % 19 - 9 }
        let found = filled(rows * images) { (out: UnsafeMutablePointer<Float>) in
          kernels.interleaved_product(rows, depth, matrix.map { Float($0) }, block.map { Float($0) }, out)
        }
        let wanted = (0..<rows * images).map { place in
          (0..<depth).reduce(0) { $0 + matrix[place / images * depth + $1] * block[$1 * images + place % images] }
        }
        expectEqual(found, wanted.map { Float($0) }, "\(rows) rows of \(depth) at level \(name)")
      }
    }
  }

  private func checkPlanned<S: Scalar>(_: S.Type, _ one: ConvolutionGeometry, _ order: TaskOrder) {
    let geometry = batch(5 * S.interleavedImages, of: one)
    let oracle = ConvolutionOracle(geometry, seed: 45)
    func blocks(_ values: [Int]) -> [S] { interleaved(values, batch: geometry.batch, images: S.interleavedImages) }
    let (input, gradient) = (blocks(oracle.input), blocks(oracle.outputGradient))
    let kernel = oracle.kernel.map { S($0) }
    func check(_ pass: ConvolutionPass, _ first: [S], _ second: [S], _ wanted: [Int]) {
      let plan = InterleavedConvolution<S>(geometry, pass)
      let found = filled(wanted.count) { result in
        execute(plan, order) {
          plan.run(phase: $0, task: $1, first: first, second: second, result: result, workspace: $2!)
        }
      }
      let isFiltered = plan.choice?.method.contains("winograd") ?? false
      expectNear(found, wanted, "\(pass)", roundings: isFiltered ? Self.filteredRoundings : 16)
    }
    func places(_ values: [Int]) -> [Int] { blocks(values).map { Int(Double($0)) } }
    check(.forward, input, kernel, places(oracle.output))
    check(.inputGradient, gradient, kernel, places(oracle.inputGradient))
    check(.kernelGradient, input, gradient, oracle.kernelGradient)
  }

  @Test("planned, in any order of the tasks", arguments: geometries)
  func planned(_ geometry: ConvolutionGeometry) {
    for order in [TaskOrder.forward, .backward, .threads(4)] {
      checkPlanned(Float.self, geometry, order)
      checkPlanned(Double.self, geometry, order)
    }
  }

  private func checkMovement<S: Scalar>(_: S.Type, count: Int) {
    let batch = 3 * S.interleavedImages
    let values = (0..<batch * count).map { $0 }
    let images = values.map { S($0) }
    let there = ImageInterleaving<S>(batch: batch, count: count, isInverse: false)
    let back = ImageInterleaving<S>(batch: batch, count: count, isInverse: true)
    let blocks = filled(images.count) { result in
      execute(there) { there.run(phase: $0, task: $1, source: images, result: result) }
    }
    expectEqual(blocks, interleaved(values, batch: batch, images: S.interleavedImages), "\(count) elements")
    let again = filled(images.count) { result in
      execute(back) { back.run(phase: $0, task: $1, source: blocks, result: result) }
    }
    expectEqual(again, images, "\(count) elements, there and back")
  }

  @Test("images become blocks, and blocks images", arguments: [1, 2, 3, 4, 7, 18, 49])
  func movement(_ count: Int) {
    checkMovement(Float.self, count: count)
    checkMovement(Double.self, count: count)
  }

  @Test("sums over all but the channels", arguments: [1, 2, 7, 20])
  func channelSums(_ blocks: Int) {
    let (height, width, channels, images) = (5, 7, 6, Float.interleavedImages)
    let positions = height * width
    let values = (0..<blocks * images * positions * channels).map { $0 * 7919 % 23 - 11 }
    let input: [Float] = interleaved(values, batch: blocks * images, images: images)
    let kernel = InterleavedChannelSum<Float>(blocks: blocks, height: height, width: width, channels: channels)
    let found = filled(channels) { output in
      execute(kernel, .backward) {
        kernel.run(phase: $0, task: $1, input: input, output: output, workspace: $2!)
      }
    }
    let wanted = (0..<channels).map { channel in
      stride(from: channel, to: values.count, by: channels).reduce(0) { $0 + values[$1] }
    }
    expectEqual(found, wanted.map { Float($0) }, "\(blocks) blocks")
  }

  @Test("a sum of many numbers that cancel")
  func longChannelSum() {
    let (height, width, channels, images) = (31, 2, 2, Float.interleavedImages)
    let blocks = 40
    let count = blocks * height * width * channels * images
    let input = (0..<count).map { (place: Int) -> Float in
      Float((place * 7919 + place / 977) % 2003) / 1001 - 1
    }
    let kernel = InterleavedChannelSum<Float>(blocks: blocks, height: height, width: width, channels: channels)
    let found = filled(channels) { output in
      execute(kernel) { kernel.run(phase: $0, task: $1, input: input, output: output, workspace: $2!) }
    }
    for channel in 0..<channels {
      let places = (0..<count).filter { $0 / images % channels == channel }
      let wanted = places.reduce(0.0) { $0 + Double(input[$1]) }
      // Roundings of the sums of a lane, a hundredth of the numbers each, and not of each addition on the way.
      let tolerance = 1e-6 * Double(places.count / images).squareRoot()
      #expect(abs(Double(found[channel]) - wanted) <= tolerance, "\(wanted)")
    }
  }
}

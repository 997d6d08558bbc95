import BLAS
import Kernels
import Tensors

/// Convolutions of few channels, and what stands between them, on blocks of interleaved images instead of images.
///
/// In the layout of images, channels last, a vector of 16 numbers holds the 6 channels of LeNet-5's first layer and nothing
/// else, or channels have to be turned into planes and back. A block [height, width, channels, images] is to every pooling,
/// sum and elementwise operation an image of more channels, so only convolutions and sums a channel have kernels of their own; images are
/// interleaved once at the beginning of a chain of such operations and separated once at its end, where dense layers go on block
/// by block.
struct InterleavedImages<S: Scalar> {
  private let compiler: Compiler<S>
  private let live: [Int]
  private let shapes: [Int: Shape]
  /// The nodes that are computed on blocks: images, and what is made of images alone.
  private let chosen: Set<Int>

  private var graph: Graph<S> { compiler.graph }
  private static var images: Int { S.interleavedImages }

  /// The most channels on one side of a convolution, and on both.
  private static var fewChannels: (one: Int, both: Int) { (8, 16) }
  /// The most elements of a block that has a convolution, so that it stays in the second-level cache.
  private static var largestBlock: Int { 1 << 18 }

  /// Nil where nothing of the graph is computed on blocks.
  ///
  /// - Parameter compiler: before it has done anything.
  init?(_ compiler: Compiler<S>) throws(GraphError) {
    var planned = compiler
    guard compiler.batch % Self.images == 0, compiler.batch >= 2 * Self.images,
      compiler.graph.records.contains(where: { $0.operation is Convolution })
    else { return nil }
    (live, shapes) = try planned.liveShapes()
    self.compiler = compiler
    var finder = InterleavableNodes(graph: compiler.graph, live: live, shapes: shapes, batch: compiler.batch) {
      $0.window.paddedCount * Self.images <= Self.largestBlock
        && $0.outputCount / $0.batch * Self.images <= Self.largestBlock
        && min($0.window.channels, $0.outputChannels) <= Self.fewChannels.one
        && max($0.window.channels, $0.outputChannels) <= Self.fewChannels.both
        && Kernels.InterleavedConvolution<S>.supports($0)
        && !ConvolutionAlgorithm.matrixProduct.supports($0)
    }
    chosen = finder.run()
    if chosen.isEmpty { return nil }
  }

  /// A compiler of the graph in which the chosen nodes are computed on blocks.
  ///
  /// - Parameter isThrifty: whether the order of recording is kept, in which less memory is held at a time: what runs in the same
  ///   tasks is held until the last of it is done.
  func rewritten(isThrifty: Bool) -> Compiler<S> {
    let repeated = chosen.filter { graph.records[$0].operation is any ElementwiseOperation }
      .flatMap { graph.records[$0].operands }.filter { (shapes[$0]?.count ?? 1) > 1 && !chosen.contains($0) }
      .filter { shapes[$0]?.dimensions.dropLast().allSatisfy { $0 == 1 } ?? false }
    var rewriting = Rewriting(
      graph: graph, shapes: shapes, chosen: chosen, repeated: Set(repeated), images: Self.images,
      batch: compiler.batch)
    let wanted = Set(compiler.outputs + compiler.updates.map(\.value))
    let readPlain = live.flatMap { index -> ArraySlice<Int> in
      let record = graph.records[index]
      // A kernel is no images, even where it has as many rows as a batch has images.
      let isOfKernel = record.operation is Convolution || record.operation is ConvolutionInputGradient
      return chosen.contains(index)
        ? record.operands[(isOfKernel ? 1 : record.operands.count)...] : record.operands[...]
    }
    let plain = wanted.union(readPlain).intersection(chosen)
    let order = ChainOrder(graph: graph, live: live, shapes: shapes, chains: chosen)
    for index in isThrifty ? order.recorded : order.unbroken {
      rewriting.place(index, isAlsoPlain: plain.contains(index))
    }
    let nodes = graph.records.indices.map { rewriting.plain[$0] ?? rewriting.blocks[$0] ?? -1 }
    let updates = compiler.updates.map { Graph<S>.Update(variable: nodes[$0.variable], value: nodes[$0.value]) }
    return Compiler(compiler, graph: Graph(records: rewriting.records, updates: updates), nodes: nodes)
  }

  /// The records of the new graph, as far as they have been made.
  private struct Rewriting {
    let graph: Graph<S>
    let shapes: [Int: Shape]
    let chosen: Set<Int>
    /// What stands once for each channel in operations on blocks.
    let repeated: Set<Int>
    let images: Int
    let batch: Int
    private(set) var records: [Graph<S>.Record] = []
    /// Where each node stands as it was recorded, and where on blocks.
    private(set) var plain: [Int: Int] = [:]
    private(set) var blocks: [Int: Int] = [:]

    init(
      graph: Graph<S>, shapes: [Int: Shape], chosen: Set<Int>, repeated: Set<Int>, images: Int, batch: Int
    ) {
      (self.graph, self.shapes, self.chosen, self.repeated) = (graph, shapes, chosen, repeated)
      (self.images, self.batch) = (images, batch)
    }

    private mutating func append(
      _ operation: some Operation, _ operands: [Int], like index: Int, as shape: SymbolicShape? = nil
    )
      -> Int
    {
      let record = graph.records[index]
      guard let shape = shape ?? (try? operation.shape(of: operands.map { records[$0].shape })) else {
        preconditionFailure("\(operation.name) has no shape on blocks of images")
      }
      records.append(
        Graph.Record(
          operation: operation, operands: operands, shape: shape, scope: record.scope, name: record.name,
          stage: record.stage))
      return records.count - 1
    }

    mutating func place(_ index: Int, isAlsoPlain: Bool) {
      let record = graph.records[index]
      guard chosen.contains(index) else {
        let operands = record.operands.map { plain[$0] ?? -1 }
        if let product = record.operation as? MatrixMultiplication,
          let byBlocks = ProductByBlocks(
            product, operands: record.operands.map { shapes[$0] ?? [] }, batch: batch, rows: images)
        {
          plain[index] = append(byBlocks, operands, like: index, as: record.shape)
        } else {
          plain[index] = append(record.operation, operands, like: index, as: record.shape)
        }
        if repeated.contains(index) { _ = onBlocks(index, for: index) }
        return
      }
      switch record.operation {
      case is Convolution: placeConvolution(index, .forward)
      case is ConvolutionInputGradient: placeConvolution(index, .inputGradient)
      case is ConvolutionKernelGradient: placeConvolution(index, .kernelGradient)
      case let sum as Sum:
        let operand = onBlocks(record.operands[0], for: index)
        plain[index] =
          sum.axes == Sum.imageAxes
          ? append(InterleavedChannelSum(images: images), [operand], like: index)
          : append(sum, [operand], like: index)
      default: blocks[index] = append(record.operation, record.operands.map { onBlocks($0, for: index) }, like: index)
      }
      guard isAlsoPlain, plain[index] == nil, let block = blocks[index] else { return }
      plain[index] = append(Interleaving(images: images, isInverse: true), [block], like: index)
    }

    private mutating func placeConvolution(_ index: Int, _ pass: ConvolutionPass) {
      let record = graph.records[index]
      guard let (attributes, input, kernel) = graph.convolution(index, shapes) else { return }
      let operation = InterleavedConvolution(
        attributes: attributes, pass: pass, images: images, input: input, kernel: kernel)
      let first = onBlocks(record.operands[0], for: index)
      if pass == .kernelGradient {
        plain[index] = append(operation, [first, onBlocks(record.operands[1], for: index)], like: index)
      } else {
        blocks[index] = append(operation, [first, plain[record.operands[1]] ?? -1], like: index)
      }
    }

    /// An operand of a node that is computed on blocks.
    private mutating func onBlocks(_ operand: Int, for index: Int) -> Int {
      if let known = blocks[operand] { return known }
      guard let node = plain[operand], let shape = shapes[operand] else { return -1 }
      let record = graph.records[operand]
      if let fill = record.operation as? Fill {
        let isImages = shape.rank == 4 && shape[0] > 1
        guard isImages || shape.count > 1 else { return node }
        let spread: SymbolicShape =
          isImages
          ? [Dimension(shape[0] / images), Dimension(shape[1]), Dimension(shape[2]), Dimension(shape[3] * images)] : []
        blocks[operand] = append(fill.spread(over: spread), [], like: operand)
      } else if shape.count == 1 {
        return node
      } else if shape.dimensions.dropLast().allSatisfy({ $0 == 1 }) {
        // A number a channel stands once for each image of a block.
        let channels = Dimension(shape.count)
        let column = append(Reshape(target: [channels, 1]), [node], like: operand)
        let spread = append(Broadcast(target: [channels, Dimension(images)]), [column], like: operand)
        blocks[operand] = append(Reshape(target: [1, 1, 1, Dimension(shape.count * images)]), [spread], like: operand)
      } else {
        // The batch is known here.
        let known = SymbolicShape(shape)
        let fixed = append(Reshape(target: known), [node], like: operand, as: known)
        blocks[operand] = append(Interleaving(images: images, isInverse: false), [fixed], like: index)
      }
      return blocks[operand] ?? -1
    }
  }
}

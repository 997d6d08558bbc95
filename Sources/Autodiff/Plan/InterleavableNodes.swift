import BLAS
import Kernels
import Tensors

/// Finds the nodes that can be computed on blocks of interleaved images, as far as they hang together with a convolution that
/// gains by it.
struct InterleavableNodes<S: Scalar> {
  let graph: Graph<S>
  let live: [Int]
  let shapes: [Int: Shape]
  let batch: Int
  /// Whether a convolution gains.
  let gains: (ConvolutionGeometry) -> Bool

  private var candidates: Set<Int> = []
  /// A node of the same chain, or the node itself: a forest.
  private var parent: [Int: Int] = [:]

  init(
    graph: Graph<S>, live: [Int], shapes: [Int: Shape], batch: Int, gains: @escaping (ConvolutionGeometry) -> Bool
  ) {
    (self.graph, self.live, self.shapes, self.batch, self.gains) = (graph, live, shapes, batch, gains)
  }

  mutating func run() -> Set<Int> {
    var readers: [Int: [Int]] = [:]
    for index in live {
      for operand in graph.records[index].operands { readers[operand, default: []].append(index) }
    }
    for index in live where canInterleave(index, readers) {
      candidates.insert(index)
      for operand in graph.records[index].operands where candidates.contains(operand) {
        parent[root(of: index)] = root(of: operand)
      }
    }
    let chains = Set(candidates.filter { graph.convolution($0, shapes) != nil }.map { root(of: $0) })
    return candidates.filter { chains.contains(root(of: $0)) }
  }

  private func root(of index: Int) -> Int {
    var index = index
    while let next = parent[index], next != index { index = next }
    return index
  }

  /// [batch, height, width, channels].
  private func isImages(_ index: Int) -> Bool {
    guard let shape = shapes[index] else { return false }
    return shape.rank == 4 && shape[0] == batch
  }

  /// A number for all, or one for each channel of the last axis.
  private func isRepeated(_ index: Int, channels: Int) -> Bool {
    guard let shape = shapes[index], shape.rank <= 4 else { return false }
    return shape.count == 1 || (shape.dimensions.last == channels && shape.count == channels)
  }

  private func canInterleave(_ index: Int, _ readers: [Int: [Int]]) -> Bool {
    let record = graph.records[index]
    let operands = record.operands
    switch record.operation {
    case is Convolution, is ConvolutionInputGradient, is ConvolutionKernelGradient:
      guard let (attributes, input, kernel) = graph.convolution(index, shapes), attributes.algorithm == nil else {
        return false
      }
      return gains(attributes.geometry(input: input, kernel: kernel))
    case is AveragePooling, is AveragePoolingGradient, is MaxPooling:
      return isImages(operands[0]) && !(graph.records[operands[0]].operation is Fill)
    case is MaxPoolingPlaces:
      // Places are read as they are written.
      return isImages(operands[0]) && !(graph.records[operands[0]].operation is Fill)
        && (readers[index] ?? []).allSatisfy { graph.records[$0].operation is MaxPoolingGradient }
    case is MaxPoolingGradient:
      return isImages(index) && candidates.contains(operands[0])
    case let sum as Sum:
      return isImages(operands[0]) && (sum.axes == Sum.imageAxes || sum.axes == Sum.imageAxes + [3])
        && !(graph.records[operands[0]].operation is Fill)
    case is any ElementwiseOperation:
      guard isImages(index), let shape = shapes[index] else { return false }
      let images = operands.filter { isImages($0) }
      return images.contains { !(graph.records[$0].operation is Fill) }
        && operands.allSatisfy { shapes[$0] == shape || isRepeated($0, channels: shape[3]) }
    default:
      return false
    }
  }
}

extension Sum {
  /// All axes of images but the channels.
  static var imageAxes: [Int] { [0, 1, 2] }
}

extension Graph {
  /// What a convolution or one of its gradients is made of, if a node is one.
  func convolution(
    _ index: Int, _ shapes: [Int: Shape]
  ) -> (attributes: ConvolutionAttributes, input: Shape, kernel: Shape)? {
    let record = records[index]
    let operands = record.operands.map { shapes[$0] ?? [] }
    guard let result = shapes[index] else { return nil }
    switch record.operation {
    case let convolution as Convolution: return (convolution.attributes, operands[0], operands[1])
    case let gradient as ConvolutionInputGradient: return (gradient.attributes, result, operands[1])
    case let gradient as ConvolutionKernelGradient: return (gradient.attributes, operands[0], result)
    default: return nil
    }
  }
}

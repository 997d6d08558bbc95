/// The way back through a dense layer y = x·W under a small batch, dX = G·Wᵀ and W ← W + α·Xᵀ·G, in one pass over W.
///
/// Both products take longer to go over W, which is large, than to multiply. Here the gradient of the input is made of a few
/// rows of W while they are in the cache, and then these change: W is read and written once.
public struct BackwardProduct<S: Scalar>: Sendable {
  /// The rows of X and G.
  public let batch: Int
  /// The columns of X and the rows of W.
  public let inputs: Int
  /// The columns of G and of W.
  public let outputs: Int
  /// The number of tasks, which may run in any order or at once: each takes rows of W for itself.
  public let taskCount: Int
  private let rows: Int

  /// The plan, or `nil` where the two products are not both streamed: under larger batches packing pays, and small layers stay
  /// in a cache.
  public init?(batch: Int, inputs: Int, outputs: Int) {
    let longest = StreamedProduct.longestShortSide
    guard 1...longest ~= batch, inputs > 0, outputs > 0, inputs <= Int.max / longest / outputs,
      let product = StreamedProduct(m: batch, n: inputs, k: outputs, transposeA: false, transposeB: true),
      let change = StreamedProduct(m: inputs, n: outputs, k: batch, transposeA: true, transposeB: false),
      !change.isCached
    else { return nil }
    (self.batch, self.inputs, self.outputs) = (batch, inputs, outputs)
    (rows, taskCount) = (product.columns, product.taskCount)
  }

  /// How the products are computed, and why.
  public var choice: KernelChoice {
    KernelChoice(
      method: "streamed, input gradient and update in one pass",
      reason: "\(batch) x \(outputs) by \(inputs) x \(outputs): reading the weights takes longer than multiplying")
  }

  /// Runs one task: its columns of dX are written, and its rows of W, of which nobody else may read any meanwhile.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    task: Int, alpha: S, g: UnsafePointer<S>, x: UnsafePointer<S>, w: UnsafeMutablePointer<S>,
    dx: UnsafeMutablePointer<S>
  ) {
    let first = task * rows
    S.backwardProduct(
      batch: batch, inputs: min(rows, inputs - first), outputs: outputs, g, gPitch: outputs, alpha, x + first,
      xPitch: inputs, w + first * outputs, wPitch: outputs, dx + first, dxPitch: inputs)
  }
}

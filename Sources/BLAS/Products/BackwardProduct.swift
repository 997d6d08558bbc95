/// The way back through a dense layer y = x·W under a small batch, dX = G·Wᵀ and W ← W + α·Xᵀ·G, in one pass over W.
///
/// Both products take about as long to go over W, or longer, as to multiply. Here the gradient of the input is made of a few
/// rows of W while they are in registers, and then these change: W is read and written once, and so is its velocity, where it
/// has one.
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

  /// The fewest inputs and outputs, which fill vectors.
  private static var fewestInputs: Int { 32 }
  private static var fewestOutputs: Int { 64 }

  /// The plan, or `nil` where one pass is no gain: under larger batches packing pays, and where there are few inputs or outputs
  /// vectors are not filled.
  public init?(batch: Int, inputs: Int, outputs: Int) {
    let longest = StreamedProduct.longestShortSide
    guard 1...longest ~= batch, inputs >= Self.fewestInputs, outputs >= Self.fewestOutputs,
      inputs <= Int.max / longest / outputs
    else { return nil }
    (self.batch, self.inputs, self.outputs) = (batch, inputs, outputs)
    // As the other streamed products, so that a thread finds its share in its own cache.
    let pieces = StreamedProduct.pieces(worth: batch * inputs * outputs)
    rows = evenLength(of: inputs, in: pieces, multipleOf: StreamedProduct.unit)
    taskCount = pieceCount(of: inputs, by: rows)
  }

  /// How the products are computed, with dX among them or without, and why.
  public func choice(makesInputGradient: Bool) -> KernelChoice {
    KernelChoice(
      method: makesInputGradient ? "streamed, input gradient and update in one pass" : "streamed, update in one pass",
      reason: "\(batch) x \(outputs) by \(inputs) x \(outputs): going over the weights takes as long as multiplying")
  }

  /// Runs one task: its columns of dX are written, if there is one, and its rows of W, of which nobody else may read any
  /// meanwhile.
  ///
  /// Where W has a velocity V, as large as W, it is that which takes the gradient, V ← μ·V + α·Xᵀ·G + λ·W, and W follows it,
  /// W ← W + step·V. Source: Polyak (1964); with a decay Krizhevsky, Sutskever and Hinton (2012), section 5.
  ///
  /// - Parameters:
  ///   - alpha: α.
  ///   - velocity: V, if there is one.
  ///   - momentum: μ.
  ///   - decay: λ; with 0 what is not finite in W stays out of V.
  ///   - step: by how much of V the weights change.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    task: Int, alpha: S, g: UnsafePointer<S>, x: UnsafePointer<S>, w: UnsafeMutablePointer<S>,
    velocity: UnsafeMutablePointer<S>? = nil, momentum: S = 0, decay: S = 0, step: S = 0, dx: UnsafeMutablePointer<S>?
  ) {
    let first = task * rows
    S.backwardProduct(
      batch: batch, inputs: min(rows, inputs - first), outputs: outputs, g, gPitch: outputs, alpha, x + first,
      xPitch: inputs, w + first * outputs, wPitch: outputs, velocity: velocity.map { $0 + first * outputs },
      momentum: momentum, decay: decay, step: step, dx.map { $0 + first }, dxPitch: inputs)
  }
}

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
  /// The number of tasks in each phase. Phases run one after the other, the tasks of one phase in any order or at once: each of
  /// the last takes rows of W for itself.
  public let phases: [Int]
  /// How many elements of scratch memory `run` needs; 0 means that `workspace` may be nil.
  public let workspaceCount: Int
  /// Rows of W that belong together: a task takes some of these blocks.
  private let blockRows: Int
  /// Elements from one row of G to the next where a first phase copies it, and the rows of one of its tasks.
  private let copyPitch: Int, copiedRows: Int

  /// The fewest inputs and outputs, which fill vectors.
  private static var fewestInputs: Int { 32 }
  private static var fewestOutputs: Int { 64 }

  /// Multiply-adds from which on G is copied first where its rows do not all begin with a line of the cache: every vector that
  /// crosses lines is loaded twice, by each row of W.
  private static var smallestCopiedWork: Int { 4_000_000 }
  private static var lineBytes: Int { 64 }

  /// The plan, or `nil` where one pass is no gain: under larger batches packing pays, and where there are few inputs or outputs
  /// vectors are not filled.
  public init?(batch: Int, inputs: Int, outputs: Int) {
    let longest = StreamedProduct.longestShortSide
    guard 1...longest ~= batch, inputs >= Self.fewestInputs, outputs >= Self.fewestOutputs,
      inputs <= Int.max / longest / outputs
    else { return nil }
    (self.batch, self.inputs, self.outputs) = (batch, inputs, outputs)
    blockRows = batch == 1 ? 8 : 4
    let taskCount = StreamedProduct.pieces(worth: batch * inputs * outputs)
    let line = Self.lineBytes / MemoryLayout<S>.stride
    copyPitch = pieceCount(of: outputs, by: line) * line
    copiedRows = pieceCount(of: batch, by: 2)
    let isCopied = copyPitch > outputs && batch > 1 && batch * inputs * outputs >= Self.smallestCopiedWork
    workspaceCount = isCopied ? batch * copyPitch : 0
    phases =
      (isCopied ? [pieceCount(of: batch, by: copiedRows)] : []) + [
        min(taskCount, pieceCount(of: inputs, by: blockRows))
      ]
  }

  /// How the products are computed, with dX among them or without, and why.
  public func choice(makesInputGradient: Bool) -> KernelChoice {
    KernelChoice(
      method: makesInputGradient ? "streamed, input gradient and update in one pass" : "streamed, update in one pass",
      reason: "\(batch) x \(outputs) by \(inputs) x \(outputs): going over the weights takes as long as multiplying")
  }

  /// Runs one task of one phase. In the last its columns of dX are written, if there is one, and its rows of W, of which nobody
  /// else may read any meanwhile.
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
  ///   - workspace: ``workspaceCount`` elements, the same ones in all phases, which begin with a line of the cache.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(
    phase: Int, task: Int, alpha: S, g: UnsafePointer<S>, x: UnsafePointer<S>, w: UnsafeMutablePointer<S>,
    velocity: UnsafeMutablePointer<S>? = nil, momentum: S = 0, decay: S = 0, step: S = 0, dx: UnsafeMutablePointer<S>?,
    workspace: UnsafeMutablePointer<S>?
  ) {
    guard phase == phases.count - 1 else {
      for row in task * copiedRows..<min((task + 1) * copiedRows, batch) {
        (workspace! + row * copyPitch).update(from: g + row * outputs, count: outputs)
      }
      return
    }
    // As even as blocks allow, so that threads have equal shares, nearly the same ones as of a product by W.
    let blocks = pieceCount(of: inputs, by: blockRows)
    let (first, end) = (task * blocks / phases[phase] * blockRows, (task + 1) * blocks / phases[phase] * blockRows)
    let (rowsOfG, pitch) = workspaceCount > 0 ? (UnsafePointer(workspace!), copyPitch) : (g, outputs)
    S.backwardProduct(
      batch: batch, inputs: min(end, inputs) - first, outputs: outputs, rowsOfG, gPitch: pitch, alpha, x + first,
      xPitch: inputs, w + first * outputs, wPitch: outputs, velocity: velocity.map { $0 + first * outputs },
      momentum: momentum, decay: decay, step: step, dx.map { $0 + first }, dxPitch: inputs,
      following: StreamedProduct.following(task, of: phases[phase], rows: inputs - min(end, inputs)))
  }
}

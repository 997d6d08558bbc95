/// How a kernel was planned to compute, and why, in words for people.
public struct KernelChoice: Hashable, Sendable {
  /// The way that was taken, as in `winograd F(4x4, 3x3)`.
  public let method: String
  /// What spoke for it, as in `0.28 of the direct products`.
  public let reason: String

  /// A method with its reason.
  public init(method: String, reason: String) {
    self.method = method
    self.reason = reason
  }
}

extension MatrixProduct {
  /// How the product is computed, and why.
  public var choice: KernelChoice {
    if let streamed {
      let form = streamed.form == .dots ? "sums along stored rows" : "rows added to rows"
      return KernelChoice(
        method: "streamed, " + form,
        reason: "\(m) x \(k) by \(k) x \(n): each element of the large matrix is used too seldom to repay packing")
    }
    let pieces = tiling.rowCount * tiling.columnCount
    let size = "\(m) x \(k) by \(k) x \(n)"
    if tiling.depthCount > 1 {
      return KernelChoice(
        method: "gemm, sums in \(tiling.depthCount) parts", reason: "\(size): long sums into few elements")
    }
    return KernelChoice(
      method: pieces > 1 ? "gemm in \(pieces) tiles of \(tiling.rows) x \(tiling.columns)" : "gemm",
      reason: pieces > 1 ? "\(size): tiles for all threads that the library packs well" : "\(size): too small to share")
  }
}

/// C = alpha op(A) op(B) + beta C, cut in tiles by shape alone, so that its bits do not depend on the number of threads.
public struct MatrixProduct<S: Scalar>: Sendable {
  /// How many elements of scratch memory `run` needs; 0 means that `workspace` may be nil.
  public let workspaceCount: Int

  /// The number of tasks in each phase. Phases run one after the other, the tasks of one phase in any order or at once.
  public let phases: [Int]

  let m: Int, n: Int, k: Int, transposeA: Bool, transposeB: Bool, lda: Int, ldb: Int, ldc: Int

  /// Plans the product of op(A), m x k, and op(B), k x n; the leading dimensions default to dense row-major storage.
  public init(
    m: Int, n: Int, k: Int, transposeA: Bool = false, transposeB: Bool = false, lda: Int? = nil, ldb: Int? = nil,
    ldc: Int? = nil
  ) {
    (self.m, self.n, self.k, self.transposeA, self.transposeB) = (m, n, k, transposeA, transposeB)
    self.lda = lda ?? (transposeA ? m : k)
    self.ldb = ldb ?? (transposeB ? k : n)
    self.ldc = ldc ?? n
    workspaceCount = 0
    phases = [1]
  }

  /// Runs one task of one phase. With `beta` 0, C is not read.
  public func run(
    phase: Int, task: Int, alpha: S, a: UnsafePointer<S>, b: UnsafePointer<S>, beta: S, c: UnsafeMutablePointer<S>,
    workspace: UnsafeMutablePointer<S>?
  ) {
    S.gemm(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
  }
}

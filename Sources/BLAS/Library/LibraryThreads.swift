import COpenBLAS

/// The one owner of OpenBLAS's thread count.
///
/// OpenBLAS must run on the calling thread alone: its own threads serialise concurrent products behind one lock, spin
/// for about 0.1 s when idle and so take a processor from our pool, and make a result's bits depend on their number.
/// `openblas_set_num_threads` holds for the whole process, so nothing else may call it; a program that links Ridgeline
/// and calls OpenBLAS itself will find it single-threaded.
enum LibraryThreads {
  private static let single: Void = openblas_set_num_threads(1)

  /// Makes OpenBLAS single-threaded on the first call; afterwards it costs a load and a branch.
  @inline(__always)
  static func hold() {
    _ = single
  }
}

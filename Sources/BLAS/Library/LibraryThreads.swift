import COpenBLAS

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The one owner of OpenBLAS's thread count.
///
/// OpenBLAS must run on the calling thread alone: its own threads serialise concurrent products behind one lock, spin
/// for about 0.1 s when idle and so take a processor from our pool, and make a result's bits depend on their number.
/// `openblas_set_num_threads` holds for the whole process, so nothing else may call it; a program that links Ridgeline
/// and calls OpenBLAS itself will find it single-threaded.
///
/// What is set once for the library is set here, on the first call: its kernels too (`LibraryKernels`).
///
/// OpenBLAS starts its threads when it is loaded, and they spin at first too; so they are ended, not only left idle. It starts
/// them again by itself if somebody sets another number.
enum LibraryThreads {
  private static let single: Void = {
    LibraryKernels.choose()
    openblas_set_num_threads(1)
    // Exported but in no header, and absent from a library that was built without threads.
    if let shutdown = dlsym(dlopen(nil, RTLD_LAZY), "blas_thread_shutdown_") {
      _ = unsafeBitCast(shutdown, to: (@convention(c) () -> CInt).self)()
    }
  }()

  /// Chooses OpenBLAS's kernels, makes it single-threaded and ends its threads on the first call; afterwards it costs a load
  /// and a branch.
  @inline(__always)
  static func hold() {
    _ = single
  }
}

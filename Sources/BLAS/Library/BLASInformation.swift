import COpenBLAS

/// Which linear algebra library answers, for `--version` and for the environment of every recorded result.
public struct BLASInformation: Sendable, Equatable, CustomStringConvertible {
  /// How the library was built to run: OpenBLAS's `openblas_get_parallel`.
  public enum ParallelMode: String, Sendable {
    /// Built without threads.
    case sequential
    /// Built on POSIX threads.
    case pthreads
    /// Built on OpenMP.
    case openMP
  }

  /// The library's own name, version and options, such as `OpenBLAS 0.3.21 DYNAMIC_ARCH Cooperlake MAX_THREADS=64`.
  public let configuration: String

  /// The processor family whose kernels the library has chosen, such as `Cooperlake`.
  public let core: String

  /// How the library was built to run. Whatever it is, Ridgeline holds the library to one thread.
  public let parallelMode: ParallelMode

  /// The information about the library that this process runs on.
  public static let current: BLASInformation = {
    LibraryThreads.hold()
    let mode: ParallelMode =
      switch openblas_get_parallel() {
      case 0: .sequential
      case 1: .pthreads
      default: .openMP
      }
    return BLASInformation(
      configuration: String(cString: openblas_get_config()).trimmingSpaces,
      core: String(cString: openblas_get_corename()), parallelMode: mode)
  }()

  /// One line: configuration, kernels in use, parallel mode.
  public var description: String {
    "\(configuration) (\(core) kernels, \(parallelMode.rawValue) build, one thread)"
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    split(separator: " ").joined(separator: " ")
  }
}

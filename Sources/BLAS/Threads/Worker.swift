#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A thread of the operating system that runs one function and can be waited for.
struct Worker: Sendable {
  #if canImport(Darwin)
    private nonisolated(unsafe) let handle: pthread_t
  #else
    private let handle: pthread_t
  #endif

  /// Starts a thread that runs `body` once; nil when the system refuses another thread.
  init?(_ body: @escaping @Sendable () -> Void) {
    let entry = Unmanaged.passRetained(Entry(body))
    var created: pthread_t?
    #if canImport(Darwin)
      let status = pthread_create(&created, nil, { Worker.enter($0) }, entry.toOpaque())
    #else
      var thread = pthread_t()
      let status = pthread_create(&thread, nil, { Worker.enter($0!) }, entry.toOpaque())
      created = thread
    #endif
    guard status == 0, let created else {
      entry.release()
      return nil
    }
    handle = created
  }

  /// Waits until the thread has returned from its function.
  func join() {
    pthread_join(handle, nil)
  }

  private static func enter(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<Entry>.fromOpaque(argument).takeRetainedValue().body()
    return nil
  }

  private final class Entry: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}

/// Seconds of a clock that never goes back.
func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

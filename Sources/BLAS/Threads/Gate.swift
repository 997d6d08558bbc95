#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A place where threads sleep until they are called: a mutex and a condition variable.
///
/// The pointers are unsafe by nature: both objects must keep their address from creation to destruction.
final class Gate: Sendable {
  private nonisolated(unsafe) let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private nonisolated(unsafe) let condition: UnsafeMutablePointer<pthread_cond_t>

  init() {
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    condition.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Sleeps until `isOpen` holds. It is asked with the lock held, first before any sleep.
  func wait(until isOpen: () -> Bool) {
    pthread_mutex_lock(mutex)
    while !isOpen() {
      pthread_cond_wait(condition, mutex)
    }
    pthread_mutex_unlock(mutex)
  }

  /// Wakes up to `count` sleepers; the lock makes sure that none is between its last question and its sleep.
  func open(for count: Int = .max) {
    pthread_mutex_lock(mutex)
    // From some number on, waking one too many costs less than many calls.
    if count > 8 {
      pthread_cond_broadcast(condition)
    } else {
      for _ in 0..<count { pthread_cond_signal(condition) }
    }
    pthread_mutex_unlock(mutex)
  }
}

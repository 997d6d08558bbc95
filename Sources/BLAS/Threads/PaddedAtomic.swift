import Synchronization

/// An atomic counter alone on its cache lines, so that threads that count here do not slow those that poll elsewhere.
struct PaddedAtomic: ~Copyable {
  let value = Atomic<Int>(0)
  private let padding = SIMD8<Int>.zero
}

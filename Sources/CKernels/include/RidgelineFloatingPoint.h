#ifndef RIDGELINE_FLOATING_POINT_H
#define RIDGELINE_FLOATING_POINT_H

#include <stdint.h>

/// The calling thread's floating-point control word: rounding, and whether subnormal numbers count as zeros.
static inline uint64_t ridgeline_floating_point_mode(void) {
#if defined(__x86_64__)
  // Without the flags that say what has happened.
  return __builtin_ia32_stmxcsr() & 0xffc0u;
#elif defined(__aarch64__)
  uint64_t word;
  __asm__ __volatile__("mrs %0, fpcr" : "=r"(word));
  return word;
#else
  return 0;
#endif
}

static inline void ridgeline_set_floating_point_mode(uint64_t mode) {
#if defined(__x86_64__)
  // The flags that say what has happened stay.
  __builtin_ia32_ldmxcsr((__builtin_ia32_stmxcsr() & 0x3fu) | (uint32_t)mode);
#elif defined(__aarch64__)
  __asm__ __volatile__("msr fpcr, %0" ::"r"(mode));
#else
  (void)mode;
#endif
}

/// A mode with subnormal operands and results taken as zeros.
static inline uint64_t ridgeline_flushing_subnormals(uint64_t mode) {
#if defined(__x86_64__)
  return mode | 0x8040u;
#elif defined(__aarch64__)
  return mode | 1u << 24;
#else
  return mode;
#endif
}

#endif

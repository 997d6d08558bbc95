// Which level runs: decided once, from the processor and RIDGELINE_SIMD.
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

extern const ridgeline_float_kernels ridgeline_kernels_float_baseline;
extern const ridgeline_double_kernels ridgeline_kernels_double_baseline;
#if defined(__x86_64__)
extern const ridgeline_float_kernels ridgeline_kernels_float_v3, ridgeline_kernels_float_v4;
extern const ridgeline_double_kernels ridgeline_kernels_double_v3, ridgeline_kernels_double_v4;
#endif

static int is_supported(enum ridgeline_level level) {
  if (level == ridgeline_level_baseline) return 1;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (level == ridgeline_level_v3) return __builtin_cpu_supports("x86-64-v3") != 0;
  if (level == ridgeline_level_v4) return __builtin_cpu_supports("x86-64-v4") != 0;
#endif
  return 0;
}

const char *ridgeline_level_name(enum ridgeline_level level) {
  switch (level) {
    case ridgeline_level_v4: return "v4";
    case ridgeline_level_v3: return "v3";
    default: return "baseline";
  }
}

static enum ridgeline_level choose_level(void) {
  enum ridgeline_level limit = ridgeline_level_v4;
  const char *wanted = getenv("RIDGELINE_SIMD");
  for (int level = ridgeline_level_baseline; wanted && level <= ridgeline_level_v4; level++) {
    if (strcmp(wanted, ridgeline_level_name(level)) == 0) limit = level;
  }
  while (!is_supported(limit)) limit--;
  return limit;
}

enum ridgeline_level ridgeline_current_level(void) {
  // Racing first calls compute the same answer, so a relaxed atomic is enough.
  static _Atomic int chosen = -1;
  int level = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (level < 0) {
    level = choose_level();
    atomic_store_explicit(&chosen, level, memory_order_relaxed);
  }
  return (enum ridgeline_level)level;
}

static const ridgeline_float_kernels *float_kernels(enum ridgeline_level level) {
  (void)level;
#if defined(__x86_64__)
  if (level == ridgeline_level_v4) return &ridgeline_kernels_float_v4;
  if (level == ridgeline_level_v3) return &ridgeline_kernels_float_v3;
#endif
  return &ridgeline_kernels_float_baseline;
}

const ridgeline_float_kernels *ridgeline_float_kernels_of_level(enum ridgeline_level level) {
  return is_supported(level) ? float_kernels(level) : NULL;
}

const ridgeline_float_kernels *ridgeline_float_kernels_current(void) {
  return float_kernels(ridgeline_current_level());
}

static const ridgeline_double_kernels *double_kernels(enum ridgeline_level level) {
  (void)level;
#if defined(__x86_64__)
  if (level == ridgeline_level_v4) return &ridgeline_kernels_double_v4;
  if (level == ridgeline_level_v3) return &ridgeline_kernels_double_v3;
#endif
  return &ridgeline_kernels_double_baseline;
}

const ridgeline_double_kernels *ridgeline_double_kernels_of_level(enum ridgeline_level level) {
  return is_supported(level) ? double_kernels(level) : NULL;
}

const ridgeline_double_kernels *ridgeline_double_kernels_current(void) {
  return double_kernels(ridgeline_current_level());
}

// The kernels for x86-64-v3: AVX2 and FMA.
#include "body/support.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define RIDGELINE_LEVEL v3
#define RIDGELINE_VECTOR_BYTES 32
#define RIDGELINE_HAS_FMA 1
#include "body/bodies.h"
#pragma clang attribute pop
#endif

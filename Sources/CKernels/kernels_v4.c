// The kernels for x86-64-v4: AVX-512, at its full width.
#include "body/support.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,no-prefer-256-bit"))), apply_to = function)
#define RIDGELINE_LEVEL v4
#define RIDGELINE_VECTOR_BYTES 64
#define RIDGELINE_HAS_FMA 1
#include "body/bodies.h"
#pragma clang attribute pop
#endif

// The kernels for the instruction set of the build: SSE2 on x86-64, NEON on arm64.
#include "body/support.h"

#define RIDGELINE_LEVEL baseline
#define RIDGELINE_VECTOR_BYTES 16
#if defined(__aarch64__)
#define RIDGELINE_HAS_FMA 1
#else
#define RIDGELINE_HAS_FMA 0
#endif
#include "body/bodies.h"

// All kernels of one level: included with RIDGELINE_LEVEL, RIDGELINE_HAS_FMA and RIDGELINE_VECTOR_BYTES
// defined.
// Nothing is contracted or reordered by the compiler: an element's bits do not depend on where it stands in a vector,
// and a fused multiply-add is written out where it is wanted.
#pragma clang fp contract(off)

#if RIDGELINE_HAS_FMA
#define FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#else
#define FMA(a, b, c) ((a) * (b) + (c))
#endif

#define TYPE float
#define TYPE_BYTES 4
#define TABLE ridgeline_float_kernels
#include "vector_math_float.h"
#include "kernels.h"
#undef TYPE
#undef TYPE_BYTES
#undef TABLE

#define TYPE double
#define TYPE_BYTES 8
#define TABLE ridgeline_double_kernels
#include "vector_math_double.h"
#include "kernels.h"
#undef TYPE
#undef TYPE_BYTES
#undef TABLE

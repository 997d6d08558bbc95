/// The loops over elements that Swift cannot dispatch by processor.
///
/// Every kernel is written once (in `body/`) as plain C loops and compiled for each element type and each level of the
/// instruction set; a table of function pointers per type and level is the whole interface.
#ifndef RIDGELINE_CKERNELS_H
#define RIDGELINE_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "RidgelineFloatingPoint.h"
#include "RidgelineHeap.h"
#include "RidgelinePause.h"

/// The instruction sets that the kernels are compiled for. Only the baseline exists outside x86-64.
enum ridgeline_level {
  ridgeline_level_baseline = 0,  ///< SSE2 on x86-64, NEON on arm64
  ridgeline_level_v3 = 1,        ///< x86-64-v3: AVX2 and FMA
  ridgeline_level_v4 = 2,        ///< x86-64-v4: AVX-512
};

/// What `elementwise` computes of a[i], b[i], c[i] and the parameters p and q.
enum ridgeline_opcode {
  ridgeline_opcode_copy = 0,
  ridgeline_opcode_negate,
  ridgeline_opcode_abs,
  ridgeline_opcode_sign,
  ridgeline_opcode_square,
  ridgeline_opcode_sqrt,
  ridgeline_opcode_reciprocal,
  ridgeline_opcode_exp,
  ridgeline_opcode_log,
  ridgeline_opcode_sin,
  ridgeline_opcode_cos,
  ridgeline_opcode_tanh,
  ridgeline_opcode_sigmoid,
  ridgeline_opcode_softplus,
  ridgeline_opcode_softsign,
  ridgeline_opcode_relu,
  ridgeline_opcode_leaky_relu,  ///< p = slope
  ridgeline_opcode_elu,         ///< p = alpha
  ridgeline_opcode_affine,      ///< p * a + q
  ridgeline_opcode_power,       ///< a ^ p
  ridgeline_opcode_clamp,       ///< a limited to p...q
  ridgeline_opcode_step,        ///< a > 0 ? 1 : 0
  ridgeline_opcode_fill,        ///< p
  ridgeline_opcode_add,
  ridgeline_opcode_subtract,
  ridgeline_opcode_multiply,
  ridgeline_opcode_divide,
  ridgeline_opcode_maximum,
  ridgeline_opcode_minimum,
  ridgeline_opcode_raise,          ///< a ^ b
  ridgeline_opcode_greater,        ///< a > b ? 1 : 0
  ridgeline_opcode_greater_equal,  ///< a >= b ? 1 : 0
  ridgeline_opcode_equal,          ///< a == b ? 1 : 0
  ridgeline_opcode_add_scaled,     ///< a + p * b
  ridgeline_opcode_multiply_by_square, ///< a * (p * b * b + q)
  ridgeline_opcode_tanh_of_sum,    ///< tanh(a + b)
  ridgeline_opcode_multiply_add,   ///< a * b + c
  ridgeline_opcode_subtract_product, ///< a - b * c
  ridgeline_opcode_select,         ///< a != 0 ? b : c
};

/// A two-dimensional window that slides over an image stored as [height, width, channels].
///
/// Position (row, column) of the output sees the inputs (row * stride_height + i * dilation_height - padding_top,
/// column * stride_width + j * dilation_width - padding_left) for 0 <= i < window_height and 0 <= j < window_width;
/// those outside the image are padding.
typedef struct ridgeline_window {
  ptrdiff_t height, width, channels;
  ptrdiff_t window_height, window_width;
  ptrdiff_t stride_height, stride_width;
  ptrdiff_t dilation_height, dilation_width;
  ptrdiff_t padding_top, padding_left;
  ptrdiff_t output_height, output_width;
} ridgeline_window;

/// Images that are cut in tiles as one: `images_down` times `images_across` of them, in this order, each `period_rows` below or
/// `period_columns` beside its neighbour with zeros between, which together have `tiles_down` times `tiles_across` tiles.
typedef struct ridgeline_mosaic {
  ptrdiff_t images_down, images_across;
  ptrdiff_t period_rows, period_columns;
  ptrdiff_t tiles_down, tiles_across;
} ridgeline_mosaic;

/// The channels of a pixel and how many of them, before and after each, its local response normalization sees.
typedef struct ridgeline_response {
  ptrdiff_t channels, before, after;
} ridgeline_response;

/// The most axes that `broadcast_copy` walks.
enum { ridgeline_maximum_rank = 16 };

#define TYPE float
#define TABLE ridgeline_float_kernels
#include "kernel_table.h"
#undef TYPE
#undef TABLE

#define TYPE double
#define TABLE ridgeline_double_kernels
#include "kernel_table.h"
#undef TYPE
#undef TABLE

/// The highest level that this processor supports, lowered by the environment variable RIDGELINE_SIMD
/// (`baseline`, `v3` or `v4`; anything else is ignored). Read once.
enum ridgeline_level ridgeline_current_level(void);

/// The name of a level, as RIDGELINE_SIMD spells it.
const char *ridgeline_level_name(enum ridgeline_level level);

/// The kernels of one level, or NULL where this processor or this build does not have it.
const ridgeline_float_kernels *ridgeline_float_kernels_of_level(enum ridgeline_level level);
const ridgeline_double_kernels *ridgeline_double_kernels_of_level(enum ridgeline_level level);

/// The kernels of the current level.
const ridgeline_float_kernels *ridgeline_float_kernels_current(void);
const ridgeline_double_kernels *ridgeline_double_kernels_current(void);

/// One block of Philox4x32-10: four counter words, two key words, four words out.
void ridgeline_philox_block(const uint32_t *counter, const uint32_t *key, uint32_t *out);

#endif

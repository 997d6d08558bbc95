// The direct convolution of one input channel with few output channels, where vectors over output channels would be
// mostly empty. A row of the output is a run of (position, output channel) pairs; with each pixel of the input repeated
// for all output channels, the products of a tap are those of two contiguous runs, and every lane works.

/// Vectors after which the lanes come back to the same output channels.
static inline ptrdiff_t NAME(lane_period)(ptrdiff_t outputs) {
  ptrdiff_t a = outputs, b = NAME(width);
  while (b) {
    ptrdiff_t rest = a % b;
    a = b;
    b = rest;
  }
  return outputs / a;
}

/// Whether the kernels below are meant for a geometry.
static inline int NAME(is_single_channel)(const ridgeline_window *w, ptrdiff_t outputs) {
  return w->channels == 1 && w->stride_width == 1 && outputs % NAME(width) != 0 && NAME(lane_period)(outputs) <= 3;
}

/// Writes `count` pixels, each repeated `outputs` times.
static TYPE *NAME(repeat_run)(ptrdiff_t count, ptrdiff_t outputs, const TYPE *from, TYPE *to) {
  for (ptrdiff_t k = 0; k < count; k++) {
    ptrdiff_t rest = outputs;
    // Pieces of fixed sizes: whole vectors would lie across cache lines.
#define PIECE(n)                                              \
  {                                                           \
    typedef TYPE piece __attribute__((ext_vector_type(n)));   \
    piece pixel = (piece)(from[k]);                           \
    memcpy(to, &pixel, n * sizeof(TYPE));                     \
    to += n;                                                  \
  }
    for (; rest >= 4; rest -= 4) PIECE(4)
    if (rest & 2) PIECE(2)
    if (rest & 1) PIECE(1)
#undef PIECE
  }
  return to;
}

/// The padded image with every pixel repeated `outputs` times; returns the elements of a row, which ends in zeros.
static ptrdiff_t NAME(repeat_pixels)(const ridgeline_window *w, ptrdiff_t outputs, const TYPE *image, TYPE *buffer) {
  const ptrdiff_t rows = NAME(reached_rows)(w), columns = NAME(reached_columns)(w);
  const ptrdiff_t pitch = columns * outputs + 3 * NAME(width);
  const ptrdiff_t left = ridgeline_smaller(w->padding_left, columns);
  const ptrdiff_t inside = ridgeline_larger(0, ridgeline_smaller(w->width, columns - left));
  for (ptrdiff_t row = 0; row < rows; row++) {
    TYPE *to = buffer + row * pitch, *end = to + pitch;
    ptrdiff_t y = row - w->padding_top;
    if (y >= 0 && y < w->height) {
      for (ptrdiff_t k = 0; k < left * outputs; k++) to[k] = 0;
      to = NAME(repeat_run)(inside, outputs, image + y * w->width, to + left * outputs);
    }
    memset(to, 0, (size_t)(end - to) * sizeof(TYPE));
  }
  return pitch;
}

/// sums[g][v] = sum over taps (i, j) of a vector of repeated pixels * the tap's weights, for `groups` runs of `period`
/// vectors.
static inline __attribute__((always_inline)) void NAME(accumulate_runs)(
    const int groups, const int period, const ridgeline_window *w, ptrdiff_t outputs, ptrdiff_t pitch, const TYPE *in,
    const TYPE *weights, TYPE *sums) {
  NAME(vector) sum[RIDGELINE_REGISTER_BLOCK];
#pragma clang loop unroll(full)
  for (int k = 0; k < groups * period; k++) sum[k] = (NAME(vector))(0);
  for (ptrdiff_t i = 0; i < w->window_height; i++) {
    const TYPE *x = in + i * w->dilation_height * pitch;
    for (ptrdiff_t j = 0; j < w->window_width; j++, x += outputs, weights += period * NAME(width)) {
#pragma clang loop unroll(full)
      for (int k = 0; k < groups * period; k++) {
        sum[k] = FMA(NAME(load)(x + k * NAME(width)), NAME(load)(weights + k % period * NAME(width)), sum[k]);
      }
    }
  }
#pragma clang loop unroll(full)
  for (int k = 0; k < groups * period; k++) NAME(store)(sums + k * NAME(width), sum[k]);
}

/// Calls FUNCTION(count, period, ...) with sizes known to the compiler, for count * period <= RIDGELINE_REGISTER_BLOCK.
#define FOR_SIZES(CASE, count, period) \
  switch ((count) * 4 + (period)) {    \
    CASE(1, 1)                         \
    CASE(2, 1)                         \
    CASE(3, 1)                         \
    CASE(4, 1)                         \
    CASE(5, 1)                         \
    CASE(6, 1)                         \
    CASE(7, 1)                         \
    CASE(8, 1)                         \
    CASE(9, 1)                         \
    CASE(10, 1)                        \
    CASE(11, 1)                        \
    CASE(12, 1)                        \
    CASE(1, 2)                         \
    CASE(2, 2)                         \
    CASE(3, 2)                         \
    CASE(4, 2)                         \
    CASE(5, 2)                         \
    CASE(6, 2)                         \
    CASE(1, 3)                         \
    CASE(2, 3)                         \
    CASE(3, 3)                         \
    CASE(4, 3)                         \
  }

static void NAME(runs)(ptrdiff_t groups, ptrdiff_t period, const ridgeline_window *w, ptrdiff_t outputs, ptrdiff_t pitch,
                       const TYPE *in, const TYPE *weights, TYPE *sums) {
#define CASE(g, q)                                                         \
  case g * 4 + q:                                                          \
    NAME(accumulate_runs)(g, q, w, outputs, pitch, in, weights, sums); \
    return;
  FOR_SIZES(CASE, groups, period)
#undef CASE
}

static void NAME(single_channel_convolution)(const ridgeline_window *w, ptrdiff_t outputs, ptrdiff_t first_image,
                                             ptrdiff_t images, const TYPE *input, const TYPE *kernel, TYPE *output,
                                             TYPE *workspace) {
  const ptrdiff_t period = NAME(lane_period)(outputs), run = period * NAME(width);
  const ptrdiff_t taps = w->window_height * w->window_width, length = w->output_width * outputs;
  const ptrdiff_t groups = NAME(blocks_of)(length, run);
  const ptrdiff_t blocks = NAME(blocks_of)(groups, RIDGELINE_REGISTER_BLOCK / period);
  for (ptrdiff_t tap = 0; tap < taps; tap++) {
    for (ptrdiff_t lane = 0; lane < run; lane++) workspace[tap * run + lane] = kernel[tap * outputs + lane % outputs];
  }
  TYPE *repeated = workspace + taps * run;
  TYPE sums[RIDGELINE_REGISTER_BLOCK * NAME(width)];
  for (ptrdiff_t image = first_image; image < first_image + images; image++) {
    ptrdiff_t pitch = NAME(repeat_pixels)(w, outputs, input + image * w->height * w->width, repeated);
    for (ptrdiff_t row = 0; row < w->output_height; row++) {
      TYPE *out = output + (image * w->output_height + row) * length;
      for (ptrdiff_t block = 0; block < blocks; block++) {
        ptrdiff_t first = block * groups / blocks, last = (block + 1) * groups / blocks;
        NAME(runs)(last - first, period, w, outputs, pitch, repeated + row * w->stride_height * pitch + first * run,
                   workspace, sums);
        memcpy(out + first * run, sums, (size_t)(ridgeline_smaller(last * run, length) - first * run) * sizeof(TYPE));
      }
    }
  }
}

/// sums[t][v] = sum over output rows and runs of a vector of repeated pixels, offsets[t] further on, * a vector of the
/// output's gradient.
static inline __attribute__((always_inline)) void NAME(accumulate_gradient_runs)(
    const int taps, const int period, ptrdiff_t rows, ptrdiff_t groups, const TYPE *in, ptrdiff_t row_step,
    const ptrdiff_t *offsets, const TYPE *gradient, TYPE *sums) {
  NAME(vector) sum[RIDGELINE_REGISTER_BLOCK];
  const TYPE *from[RIDGELINE_REGISTER_BLOCK];
#pragma clang loop unroll(full)
  for (int k = 0; k < taps * period; k++) sum[k] = NAME(load)(sums + k * NAME(width));
  for (ptrdiff_t row = 0; row < rows; row++) {
#pragma clang loop unroll(full)
    for (int t = 0; t < taps; t++) from[t] = in + row * row_step + offsets[t];
    for (ptrdiff_t k = 0; k < groups * period * NAME(width); k += period * NAME(width)) {
#pragma clang loop unroll(full)
      for (int v = 0; v < period; v++) {
        NAME(vector) g = NAME(load)(gradient + k + v * NAME(width));
#pragma clang loop unroll(full)
        for (int t = 0; t < taps; t++) {
          sum[t * period + v] = FMA(NAME(load)(from[t] + k + v * NAME(width)), g, sum[t * period + v]);
        }
      }
    }
    gradient += groups * period * NAME(width);
  }
#pragma clang loop unroll(full)
  for (int k = 0; k < taps * period; k++) NAME(store)(sums + k * NAME(width), sum[k]);
}

static void NAME(gradient_runs)(ptrdiff_t taps, ptrdiff_t period, ptrdiff_t rows, ptrdiff_t groups, const TYPE *in,
                                ptrdiff_t row_step, const ptrdiff_t *offsets, const TYPE *gradient, TYPE *sums) {
#define CASE(t, q)                                                                                     \
  case t * 4 + q:                                                                                      \
    NAME(accumulate_gradient_runs)(t, q, rows, groups, in, row_step, offsets, gradient, sums); \
    return;
  FOR_SIZES(CASE, taps, period)
#undef CASE
}

/// Adds the gradients of some images to `kernel_gradient`.
static void NAME(single_channel_kernel_gradient)(const ridgeline_window *w, ptrdiff_t outputs, ptrdiff_t first_image,
                                                 ptrdiff_t images, const TYPE *input, const TYPE *output_gradient,
                                                 TYPE *kernel_gradient, TYPE *workspace) {
  const ptrdiff_t period = NAME(lane_period)(outputs), run = period * NAME(width);
  const ptrdiff_t taps = w->window_height * w->window_width, length = w->output_width * outputs;
  const ptrdiff_t groups = NAME(blocks_of)(length, run), together = RIDGELINE_REGISTER_BLOCK / period;
  TYPE *sums = workspace, *gradient = sums + taps * run, *repeated = gradient + w->output_height * groups * run;
  for (ptrdiff_t k = 0; k < taps * run; k++) sums[k] = 0;
  for (ptrdiff_t image = first_image; image < first_image + images; image++) {
    ptrdiff_t pitch = NAME(repeat_pixels)(w, outputs, input + image * w->height * w->width, repeated);
    // Rows filled up to whole runs with zeros.
    for (ptrdiff_t row = 0; row < w->output_height; row++) {
      TYPE *to = gradient + row * groups * run;
      memcpy(to, output_gradient + (image * w->output_height + row) * length, (size_t)length * sizeof(TYPE));
      for (ptrdiff_t k = length; k < groups * run; k++) to[k] = 0;
    }
    for (ptrdiff_t first = 0; first < taps; first += together) {
      ptrdiff_t offsets[RIDGELINE_REGISTER_BLOCK], count = ridgeline_smaller(together, taps - first);
      for (ptrdiff_t t = 0; t < count; t++) {
        ptrdiff_t i = (first + t) / w->window_width, j = (first + t) % w->window_width;
        offsets[t] = i * w->dilation_height * pitch + j * outputs;
      }
      NAME(gradient_runs)(count, period, w->output_height, groups, repeated, w->stride_height * pitch, offsets,
                          gradient, sums + first * run);
    }
  }
  for (ptrdiff_t k = 0; k < taps * run; k++) kernel_gradient[k / run * outputs + k % run % outputs] += sums[k];
}

#undef FOR_SIZES

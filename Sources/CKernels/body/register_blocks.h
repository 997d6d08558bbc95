// The inner loops of the direct convolutions: blocks of sums that stay in registers while inputs are broadcast to all
// lanes. Their sizes must be known to the compiler, so every size is a case of its own.

static inline ptrdiff_t NAME(whole_vectors)(ptrdiff_t count) {
  return (count + NAME(width) - 1) / NAME(width) * NAME(width);
}

#ifndef RIDGELINE_REGISTER_BLOCK
/// Vectors of sums held in registers: enough to hide the latency of a multiply-add in the 16 registers of AVX2.
#define RIDGELINE_REGISTER_BLOCK 12
#endif

/// Blocks of at most `limit` that `count` is cut in, as equal as can be; block b begins at b * count / blocks.
static inline ptrdiff_t NAME(blocks_of)(ptrdiff_t count, ptrdiff_t limit) { return (count + limit - 1) / limit; }

/// The rows and columns of a padded image that the window reads.
static inline ptrdiff_t NAME(reached_rows)(const ridgeline_window *w) {
  return (w->output_height - 1) * w->stride_height + (w->window_height - 1) * w->dilation_height + 1;
}

static inline ptrdiff_t NAME(reached_columns)(const ridgeline_window *w) {
  return (w->output_width - 1) * w->stride_width + w->window_width;
}

/// sums[p * sums_pitch + v] = sum over segments s and elements j of in[s * segment_pitch + p * pixel_stride + j] *
/// kernel[s * kernel_step + j * kernel_pitch + v], where v runs over `vectors` whole vectors.
static inline __attribute__((always_inline)) void NAME(accumulate_patches)(
    const int pixels, const int vectors, ptrdiff_t segments, ptrdiff_t length, ptrdiff_t segment_pitch, const TYPE *in,
    ptrdiff_t pixel_stride, const TYPE *kernel, ptrdiff_t kernel_step, ptrdiff_t kernel_pitch, TYPE *sums,
    ptrdiff_t sums_pitch) {
  NAME(vector) sum[RIDGELINE_REGISTER_BLOCK];
#pragma clang loop unroll(full)
  for (int k = 0; k < pixels * vectors; k++) sum[k] = (NAME(vector))(0);
  for (ptrdiff_t s = 0; s < segments; s++, in += segment_pitch, kernel += kernel_step) {
    const TYPE *row = kernel;
    for (ptrdiff_t j = 0; j < length; j++, row += kernel_pitch) {
      NAME(vector) weight[2];
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) weight[v] = NAME(load)(row + v * NAME(width));
#pragma clang loop unroll(full)
      for (int p = 0; p < pixels; p++) {
        NAME(vector) x = (NAME(vector))(in[p * pixel_stride + j]);
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) sum[p * vectors + v] = FMA(x, weight[v], sum[p * vectors + v]);
      }
    }
  }
#pragma clang loop unroll(full)
  for (int k = 0; k < pixels * vectors; k++) {
    NAME(store)(sums + k / vectors * sums_pitch + k % vectors * NAME(width), sum[k]);
  }
}

/// `accumulate_patches` for a number of pixels and vectors known only now.
static void NAME(patches)(ptrdiff_t pixels, ptrdiff_t vectors, ptrdiff_t segments, ptrdiff_t length,
                          ptrdiff_t segment_pitch, const TYPE *in, ptrdiff_t pixel_stride, const TYPE *kernel,
                          ptrdiff_t kernel_step, ptrdiff_t kernel_pitch, TYPE *sums, ptrdiff_t sums_pitch) {
#define CASE(p, v)                                                                                             \
  case p * 2 + v:                                                                                              \
    NAME(accumulate_patches)(p, v, segments, length, segment_pitch, in, pixel_stride, kernel, kernel_step, kernel_pitch, \
                             sums, sums_pitch);                                                                \
    return;
  switch (pixels * 2 + vectors) {
    CASES_1_TO_6(1) CASES_7_TO_12(1) CASES_1_TO_6(2)
  }
#undef CASE
}

/// sums[r][t][v] = sum over all output positions of in[r * tap_row_pitch + t] * `vectors` vectors of output gradients.
static inline __attribute__((always_inline)) void NAME(accumulate_taps)(
    const int rows, const int taps, const int vectors, const ridgeline_window *w, ptrdiff_t pitch, const TYPE *in,
    const TYPE *gradient, ptrdiff_t gradient_pitch, TYPE *sums) {
  NAME(vector) sum[RIDGELINE_REGISTER_BLOCK];
#pragma clang loop unroll(full)
  for (int k = 0; k < rows * taps * vectors; k++) sum[k] = (NAME(vector))(0);
  const ptrdiff_t tap_row = w->dilation_height * pitch, step = w->stride_width * w->channels;
  for (ptrdiff_t y = 0; y < w->output_height; y++) {
    const TYPE *x = in + y * w->stride_height * pitch;
    for (ptrdiff_t column = 0; column < w->output_width; column++, x += step, gradient += gradient_pitch) {
      NAME(vector) g[2];
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) g[v] = NAME(load)(gradient + v * NAME(width));
#pragma clang loop unroll(full)
      for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
        for (int t = 0; t < taps; t++) {
          NAME(vector) pixel = (NAME(vector))(x[r * tap_row + t]);
          const int k = (r * taps + t) * vectors;
#pragma clang loop unroll(full)
          for (int v = 0; v < vectors; v++) sum[k + v] = FMA(pixel, g[v], sum[k + v]);
        }
      }
    }
  }
#pragma clang loop unroll(full)
  for (int k = 0; k < rows * taps * vectors; k++) NAME(store)(sums + k * NAME(width), sum[k]);
}

static void NAME(taps)(ptrdiff_t rows, ptrdiff_t taps, ptrdiff_t vectors, const ridgeline_window *w, ptrdiff_t pitch,
                       const TYPE *in, const TYPE *gradient, ptrdiff_t gradient_pitch, TYPE *sums) {
#define CASE(r, t, v)                                                              \
  case (t * 2 + r) * 2 + v:                                                        \
    NAME(accumulate_taps)(r, t, v, w, pitch, in, gradient, gradient_pitch, sums); \
    return;
  switch ((taps * 2 + rows) * 2 + vectors) {
    CASE(1, 1, 1)
    CASE(1, 2, 1)
    CASE(1, 3, 1)
    CASE(1, 4, 1)
    CASE(1, 5, 1)
    CASE(1, 6, 1)
    CASE(1, 7, 1)
    CASE(1, 8, 1)
    CASE(1, 9, 1)
    CASE(1, 10, 1)
    CASE(1, 11, 1)
    CASE(1, 12, 1)
    CASE(2, 1, 1)
    CASE(2, 2, 1)
    CASE(2, 3, 1)
    CASE(2, 4, 1)
    CASE(2, 5, 1)
    CASE(2, 6, 1)
    CASE(1, 1, 2)
    CASE(1, 2, 2)
    CASE(1, 3, 2)
    CASE(1, 4, 2)
    CASE(1, 5, 2)
    CASE(1, 6, 2)
    CASE(2, 1, 2)
    CASE(2, 2, 2)
    CASE(2, 3, 2)
  }
#undef CASE
}

// The direct convolution of one input channel, where vectors over few output channels would be mostly empty: vectors run
// over the positions of an output row instead, with registers for several output channels. The channels of an output lie
// side by side in memory, so a row is computed as planes and then transposed.

enum {
  /// Output channels whose sums over two vectors of positions are held in registers.
  NAME(plane_block) = RIDGELINE_REGISTER_BLOCK / 2,
  /// Output channels and taps of the kernel's gradient held in registers: AVX-512 has twice as many of them.
  NAME(gradient_planes) = RIDGELINE_VECTOR_BYTES == 64 ? 6 : 3,
  NAME(gradient_taps) = 4,
};

/// Whether vectors over positions are fuller than vectors over output channels.
static inline int NAME(is_single_channel)(const ridgeline_window *w, ptrdiff_t outputs) {
  return w->channels == 1 && w->stride_width == 1 &&
         outputs * NAME(whole_vectors)(w->output_width) < NAME(whole_vectors)(outputs) * w->output_width;
}

/// Copies the image with its padding and with zeros on the right for whole vectors; returns the elements of a row.
static ptrdiff_t NAME(widened_image)(const ridgeline_window *w, const TYPE *image, TYPE *buffer) {
  const ptrdiff_t rows = NAME(reached_rows)(w), columns = NAME(reached_columns)(w);
  const ptrdiff_t pitch = NAME(whole_vectors)(w->output_width) + w->window_width - 1;
  const ptrdiff_t left = ridgeline_smaller(w->padding_left, columns);
  const ptrdiff_t inside = ridgeline_larger(0, ridgeline_smaller(w->width, columns - left));
  for (ptrdiff_t row = 0; row < rows; row++) {
    TYPE *to = buffer + row * pitch;
    ptrdiff_t y = row - w->padding_top;
    // The last zeros may fall into the next row, which comes after.
    for (ptrdiff_t k = 0; k < pitch; k += NAME(width)) NAME(store)(to + k, (NAME(vector))(0));
    if (y >= 0 && y < w->height) NAME(copy_short)(inside, image + y * w->width, to + left);
  }
  return pitch;
}

/// sums[o][v] = sum over taps (i, j) of a vector of pixels * the weight of the tap for output channel o.
static inline __attribute__((always_inline)) void NAME(accumulate_planes)(
    const int planes, const int vectors, const ridgeline_window *w, ptrdiff_t pitch, const TYPE *in,
    const TYPE *weights, ptrdiff_t outputs, TYPE *sums) {
  NAME(vector) sum[NAME(plane_block) * 2];
#pragma clang loop unroll(full)
  for (int k = 0; k < planes * vectors; k++) sum[k] = (NAME(vector))(0);
  for (ptrdiff_t i = 0; i < w->window_height; i++) {
    const TYPE *x = in + i * w->dilation_height * pitch;
    for (ptrdiff_t j = 0; j < w->window_width; j++, x++, weights += outputs) {
      NAME(vector) pixels[2];
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) pixels[v] = NAME(load)(x + v * NAME(width));
#pragma clang loop unroll(full)
      for (int o = 0; o < planes; o++) {
        NAME(vector) weight = (NAME(vector))(weights[o]);
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) sum[o * vectors + v] = FMA(pixels[v], weight, sum[o * vectors + v]);
      }
    }
  }
#pragma clang loop unroll(full)
  for (int k = 0; k < planes * vectors; k++) NAME(store)(sums + k * NAME(width), sum[k]);
}

static void NAME(planes)(ptrdiff_t planes, ptrdiff_t vectors, const ridgeline_window *w, ptrdiff_t pitch,
                         const TYPE *in, const TYPE *weights, ptrdiff_t outputs, TYPE *sums) {
#define CASE(n, v)                                                            \
  case n * 2 + v:                                                             \
    NAME(accumulate_planes)(n, v, w, pitch, in, weights, outputs, sums); \
    return;
  switch (planes * 2 + vectors) {
    CASE(1, 1)
    CASE(2, 1)
    CASE(3, 1)
    CASE(4, 1)
    CASE(5, 1)
    CASE(6, 1)
    CASE(1, 2)
    CASE(2, 2)
    CASE(3, 2)
    CASE(4, 2)
    CASE(5, 2)
    CASE(6, 2)
  }
#undef CASE
}

static void NAME(single_channel_convolution)(const ridgeline_window *w, ptrdiff_t outputs, ptrdiff_t first_image,
                                             ptrdiff_t images, const TYPE *input, const TYPE *kernel, TYPE *output,
                                             TYPE *workspace) {
  const ptrdiff_t blocks = NAME(blocks_of)(outputs, NAME(plane_block));
  TYPE sums[NAME(plane_block) * 2 * NAME(width)];
  for (ptrdiff_t image = first_image; image < first_image + images; image++) {
    ptrdiff_t pitch = NAME(widened_image)(w, input + image * w->height * w->width, workspace);
    for (ptrdiff_t row = 0; row < w->output_height; row++) {
      const TYPE *x = workspace + row * w->stride_height * pitch;
      TYPE *out = output + (image * w->output_height + row) * w->output_width * outputs;
      for (ptrdiff_t column = 0; column < w->output_width; column += 2 * NAME(width)) {
        ptrdiff_t positions = ridgeline_smaller(2 * NAME(width), w->output_width - column);
        ptrdiff_t vectors = NAME(blocks_of)(positions, NAME(width));
        for (ptrdiff_t block = 0; block < blocks; block++) {
          ptrdiff_t first = block * outputs / blocks, planes = (block + 1) * outputs / blocks - first;
          NAME(planes)(planes, vectors, w, pitch, x + column, kernel + first, outputs, sums);
          NAME(transpose)(planes, positions, sums, vectors * NAME(width), out + column * outputs + first, outputs);
        }
      }
    }
  }
}

/// sums[t][o] += sum over output rows and columns of a vector of pixels, offsets[t] further on, * a vector of the
/// gradient of output channel o; where it `is_first`, it does not matter what they hold.
static inline __attribute__((always_inline)) void NAME(accumulate_gradient_planes)(
    const int taps, const int planes, ptrdiff_t rows, ptrdiff_t columns, const TYPE *in, ptrdiff_t row_step,
    const ptrdiff_t *offsets, const TYPE *gradient, ptrdiff_t plane, int is_first, TYPE *sums, ptrdiff_t sums_pitch) {
  NAME(vector) sum[NAME(gradient_taps) * NAME(gradient_planes)];
  const TYPE *from[NAME(gradient_taps)];
#pragma clang loop unroll(full)
  for (int k = 0; k < taps * planes; k++) {
    const TYPE *before = sums + k / planes * sums_pitch + k % planes * NAME(width);
    sum[k] = is_first ? (NAME(vector))(0) : NAME(load)(before);
  }
  for (ptrdiff_t row = 0; row < rows; row++, gradient += columns) {
#pragma clang loop unroll(full)
    for (int t = 0; t < taps; t++) from[t] = in + row * row_step + offsets[t];
    for (ptrdiff_t column = 0; column < columns; column += NAME(width)) {
      NAME(vector) g[NAME(gradient_planes)];
#pragma clang loop unroll(full)
      for (int o = 0; o < planes; o++) g[o] = NAME(load)(gradient + o * plane + column);
#pragma clang loop unroll(full)
      for (int t = 0; t < taps; t++) {
        NAME(vector) x = NAME(load)(from[t] + column);
#pragma clang loop unroll(full)
        for (int o = 0; o < planes; o++) sum[t * planes + o] = FMA(x, g[o], sum[t * planes + o]);
      }
    }
  }
#pragma clang loop unroll(full)
  for (int k = 0; k < taps * planes; k++) {
    NAME(store)(sums + k / planes * sums_pitch + k % planes * NAME(width), sum[k]);
  }
}

static void NAME(gradient_of_planes)(ptrdiff_t taps, ptrdiff_t planes, ptrdiff_t rows, ptrdiff_t columns,
                                     const TYPE *in, ptrdiff_t row_step, const ptrdiff_t *offsets,
                                     const TYPE *gradient, ptrdiff_t plane, int is_first, TYPE *sums,
                                     ptrdiff_t sums_pitch) {
#define CASE(t, n)                                                                                              \
  case n * 4 + t - 1:                                                                                           \
    NAME(accumulate_gradient_planes)(t, n, rows, columns, in, row_step, offsets, gradient, plane, is_first, sums, \
                                     sums_pitch);                                                               \
    return;
#define CASES(n) CASE(1, n) CASE(2, n) CASE(3, n) CASE(4, n)
  switch (planes * 4 + taps - 1) {
    CASES(1)
    CASES(2)
    CASES(3)
#if RIDGELINE_VECTOR_BYTES == 64
    CASES(4)
    CASES(5)
    CASES(6)
#endif
  }
#undef CASES
#undef CASE
}

/// Adds the gradients of some images to `kernel_gradient`.
static void NAME(single_channel_kernel_gradient)(const ridgeline_window *w, ptrdiff_t outputs, ptrdiff_t first_image,
                                                 ptrdiff_t images, const TYPE *input, const TYPE *output_gradient,
                                                 TYPE *kernel_gradient, TYPE *workspace) {
  const ptrdiff_t taps = w->window_height * w->window_width, columns = NAME(whole_vectors)(w->output_width);
  const ptrdiff_t plane = w->output_height * columns, sums_pitch = outputs * NAME(width);
  const ptrdiff_t tap_blocks = NAME(blocks_of)(taps, NAME(gradient_taps));
  const ptrdiff_t plane_blocks = NAME(blocks_of)(outputs, NAME(gradient_planes));
  TYPE *sums = workspace, *gradient = sums + taps * sums_pitch, *widened = gradient + outputs * plane;
  // The zeros right of each row stay; the rest of a plane is overwritten by each image.
  for (ptrdiff_t end = columns; end <= outputs * plane; end += columns) {
    NAME(store)(gradient + end - NAME(width), (NAME(vector))(0));
  }
  for (ptrdiff_t image = first_image; image < first_image + images; image++) {
    ptrdiff_t pitch = NAME(widened_image)(w, input + image * w->height * w->width, widened);
    for (ptrdiff_t row = 0; row < w->output_height; row++) {
      NAME(transpose)(w->output_width, outputs,
                      output_gradient + (image * w->output_height + row) * w->output_width * outputs, outputs,
                      gradient + row * columns, plane);
    }
    for (ptrdiff_t block = 0; block < tap_blocks; block++) {
      ptrdiff_t first = block * taps / tap_blocks, count = (block + 1) * taps / tap_blocks - first;
      ptrdiff_t offsets[NAME(gradient_taps)];
      for (ptrdiff_t t = 0; t < count; t++) {
        offsets[t] = (first + t) / w->window_width * w->dilation_height * pitch + (first + t) % w->window_width;
      }
      for (ptrdiff_t part = 0; part < plane_blocks; part++) {
        ptrdiff_t o = part * outputs / plane_blocks, planes = (part + 1) * outputs / plane_blocks - o;
        NAME(gradient_of_planes)(count, planes, w->output_height, columns, widened, w->stride_height * pitch, offsets,
                                 gradient + o * plane, plane, image == first_image,
                                 sums + first * sums_pitch + o * NAME(width), sums_pitch);
      }
    }
  }
  for (ptrdiff_t k = 0; images > 0 && k < taps * outputs; k += NAME(width)) {
    const ptrdiff_t count = ridgeline_smaller(NAME(width), taps * outputs - k);
    NAME(vector) lanes[NAME(width)];
    TYPE total[NAME(width)];
    for (ptrdiff_t n = 0; n < NAME(width); n++) {
      lanes[n] = n < count ? NAME(load)(sums + (k + n) * NAME(width)) : (NAME(vector))(0);
    }
    NAME(sums_over_lanes)(NAME(width), lanes, total);
    for (ptrdiff_t n = 0; n < count; n++) kernel_gradient[k + n] += total[n];
  }
}

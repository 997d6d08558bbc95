// Average pooling whose windows tile the image: each element belongs to one window, so nothing is added up twice. A
// pixel's channels are moved as one vector that may hang over its end into the next pixel, which is written later.

static inline int NAME(is_disjoint)(const ridgeline_window *w) {
  return w->padding_top == 0 && w->padding_left == 0 && w->dilation_height == 1 && w->dilation_width == 1 &&
         w->stride_height == w->window_height && w->stride_width == w->window_width &&
         w->output_height * w->window_height <= w->height && w->output_width * w->window_width <= w->width;
}

/// out[p][c] = factor * sum of the `taps` pixels of window p in a row of sums.
static void NAME(sum_disjoint_columns)(ptrdiff_t count, ptrdiff_t taps, ptrdiff_t channels, const TYPE *row,
                                       TYPE factor, TYPE *out) {
  const ptrdiff_t wide = NAME(wide_pixels)(count, channels);
#define SUM(n)                                                          \
  {                                                                     \
    typedef TYPE piece __attribute__((ext_vector_type(n)));             \
    const TYPE *x = row + c;                                            \
    for (ptrdiff_t p = 0; p < wide; p++) {                              \
      piece sum = 0, next;                                              \
      for (ptrdiff_t j = 0; j < taps; j++, x += channels) {             \
        memcpy(&next, x, sizeof next);                                  \
        sum += next;                                                    \
      }                                                                 \
      sum *= factor;                                                    \
      memcpy(out + p * channels + c, &sum, sizeof sum);                 \
    }                                                                   \
  }
  FOR_WIDE_PIECES(SUM, channels);
#undef SUM
  for (ptrdiff_t k = wide * channels; k < count * channels; k++) {
    TYPE sum = 0;
    for (ptrdiff_t j = 0; j < taps; j++) sum += row[(k / channels * taps + j) * channels + k % channels];
    out[k] = sum * factor;
  }
}

/// row[p][j][c] = factor * from[p][c] for each of the `taps` pixels j of window p.
static void NAME(spread_disjoint_columns)(ptrdiff_t count, ptrdiff_t taps, ptrdiff_t channels, const TYPE *from,
                                          TYPE factor, TYPE *row) {
  const ptrdiff_t wide = NAME(wide_pixels)(count, channels);
#define SPREAD(n)                                                                              \
  {                                                                                            \
    typedef TYPE piece __attribute__((ext_vector_type(n)));                                    \
    TYPE *to = row + c;                                                                        \
    for (ptrdiff_t p = 0; p < wide; p++) {                                                     \
      piece share;                                                                             \
      memcpy(&share, from + p * channels + c, sizeof share);                                   \
      share *= factor;                                                                         \
      for (ptrdiff_t j = 0; j < taps; j++, to += channels) memcpy(to, &share, sizeof share);   \
    }                                                                                          \
  }
  FOR_WIDE_PIECES(SPREAD, channels);
#undef SPREAD
  for (ptrdiff_t k = wide * channels; k < count * channels; k++) {
    for (ptrdiff_t j = 0; j < taps; j++) row[(k / channels * taps + j) * channels + k % channels] = from[k] * factor;
  }
}

// Windows of 2 x 2 on at most 8 channels: both pixels of a window's row are one vector of 16 that may hang over into the next
// window. Which of its lanes belong together is known to the compiler for each number of channels.

typedef TYPE NAME(eight) __attribute__((ext_vector_type(8)));
typedef TYPE NAME(sixteen) __attribute__((ext_vector_type(16)));

#define FOR_FEW_CHANNELS(CASE) CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8)

/// The windows of a row whose vectors do not hang over the row's end.
static inline ptrdiff_t NAME(wide_windows)(ptrdiff_t count, ptrdiff_t channels) {
  return ridgeline_larger(0, count - (16 + 2 * channels - 1) / (2 * channels) + 1);
}

/// out[p][c] = factor * the sum of window p, whose rows lie `width` elements apart.
static void NAME(sum_small_windows)(ptrdiff_t count, ptrdiff_t channels, const TYPE *x, ptrdiff_t width, TYPE factor,
                                    TYPE *out) {
  const ptrdiff_t wide = NAME(wide_windows)(count, channels);
#define SUM(n)                                                                                              \
  case n:                                                                                                   \
    for (ptrdiff_t p = 0; p < wide; p++) {                                                                  \
      NAME(sixteen) upper, lower;                                                                           \
      memcpy(&upper, x + p * 2 * n, sizeof upper), memcpy(&lower, x + width + p * 2 * n, sizeof lower);     \
      upper += lower;                                                                                       \
      NAME(eight) right = __builtin_shufflevector(upper, upper, n, (n + 1) % 16, (n + 2) % 16, (n + 3) % 16, \
                                                  (n + 4) % 16, (n + 5) % 16, (n + 6) % 16, (n + 7) % 16);  \
      right = (upper.lo + right) * factor;                                                                  \
      memcpy(out + p * n, &right, sizeof right);                                                            \
    }                                                                                                       \
    break;
  switch (channels) { FOR_FEW_CHANNELS(SUM) }
#undef SUM
  for (ptrdiff_t k = wide * channels; k < count * channels; k++) {
    const TYPE *from = x + k / channels * channels + k;
    out[k] = ((from[0] + from[width]) + (from[channels] + from[width + channels])) * factor;
  }
}

#undef FOR_FEW_CHANNELS

/// Whether windows are 2 x 2 on few channels.
static inline int NAME(has_small_windows)(const ridgeline_window *w) {
  return w->window_height == 2 && w->window_width == 2 && w->channels <= 8;
}

static void NAME(disjoint_average_pooling)(const ridgeline_window *w, ptrdiff_t first_row, ptrdiff_t rows, TYPE factor,
                                           const TYPE *input, TYPE *output, TYPE *restrict scratch) {
  const ptrdiff_t width = w->width * w->channels, used = w->output_width * w->window_width * w->channels;
  for (ptrdiff_t index = first_row; index < first_row + rows; index++) {
    const TYPE *x = input + (index / w->output_height * w->height + index % w->output_height * w->window_height) * width;
    const TYPE *sums = x;
    if (NAME(has_small_windows)(w)) {
      NAME(sum_small_windows)(w->output_width, w->channels, x, width, factor, output + index * w->output_width * w->channels);
      continue;
    }
    if (w->window_height > 1) {
      for (ptrdiff_t k = 0; k < used; k++) scratch[k] = x[k] + x[width + k];
      for (ptrdiff_t i = 2; i < w->window_height; i++) {
        for (ptrdiff_t k = 0; k < used; k++) scratch[k] += x[i * width + k];
      }
      sums = scratch;
    }
    NAME(sum_disjoint_columns)(w->output_width, w->window_width, w->channels, sums, factor,
                               output + index * w->output_width * w->channels);
  }
}

static void NAME(disjoint_average_pooling_gradient)(const ridgeline_window *w, ptrdiff_t first_image,
                                                    ptrdiff_t images, TYPE factor, const TYPE *output_gradient,
                                                    TYPE *input_gradient) {
  const ptrdiff_t width = w->width * w->channels, used = w->output_width * w->window_width * w->channels;
  const TYPE *from = output_gradient + first_image * w->output_height * w->output_width * w->channels;
  const ptrdiff_t window_rows = w->window_height * width;
  for (ptrdiff_t image = first_image; image < first_image + images; image++) {
    TYPE *const start = input_gradient + image * w->height * width;
    // A window's other rows are copies of its first, made one window later: what was just written in small pieces is slow
    // to read.
    for (ptrdiff_t row = 0; row <= w->output_height; row++, from += w->output_width * w->channels) {
      TYPE *to = start + row * window_rows;
      if (row < w->output_height) {
        NAME(spread_disjoint_columns)(w->output_width, w->window_width, w->channels, from, factor, to);
        memset(to + used, 0, (size_t)(width - used) * sizeof(TYPE));
      }
      for (ptrdiff_t i = 1; row > 0 && i < w->window_height; i++) {
        memcpy(to - window_rows + i * width, to - window_rows, (size_t)width * sizeof(TYPE));
      }
    }
    from -= w->output_width * w->channels;
    const ptrdiff_t rest = w->height - w->output_height * w->window_height;
    memset(start + w->output_height * window_rows, 0, (size_t)(rest * width) * sizeof(TYPE));
  }
}

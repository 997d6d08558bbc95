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

static void NAME(disjoint_average_pooling)(const ridgeline_window *w, ptrdiff_t first_row, ptrdiff_t rows, TYPE factor,
                                           const TYPE *input, TYPE *output, TYPE *restrict scratch) {
  const ptrdiff_t width = w->width * w->channels, used = w->output_width * w->window_width * w->channels;
  for (ptrdiff_t index = first_row; index < first_row + rows; index++) {
    const TYPE *x = input + (index / w->output_height * w->height + index % w->output_height * w->window_height) * width;
    const TYPE *sums = x;
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
  for (ptrdiff_t image = first_image; image < first_image + images; image++) {
    TYPE *to = input_gradient + image * w->height * width;
    for (ptrdiff_t row = 0; row < w->output_height; row++, from += w->output_width * w->channels) {
      NAME(spread_disjoint_columns)(w->output_width, w->window_width, w->channels, from, factor, to);
      memset(to + used, 0, (size_t)(width - used) * sizeof(TYPE));
      const TYPE *first = to;
      to += width;
      for (ptrdiff_t i = 1; i < w->window_height; i++, to += width) memcpy(to, first, (size_t)width * sizeof(TYPE));
    }
    const ptrdiff_t rest = w->height - w->output_height * w->window_height;
    memset(to, 0, (size_t)(rest * width) * sizeof(TYPE));
  }
}

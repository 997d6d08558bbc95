// Average and sum pooling, and their gradient.

/// For each position of a run, out[c] = factor * sum of row[tap][c].
static __attribute__((noinline)) void NAME(sum_of_columns)(const ridgeline_window *w, NAME(column_run) run,
                                                           const TYPE *row, TYPE factor, TYPE *out) {
  const ptrdiff_t tap = w->dilation_width * w->channels, step = w->stride_width * w->channels;
#define SUM(n)                                                                \
  {                                                                           \
    const TYPE *x = row + run.from * w->channels + c;                         \
    TYPE *to = out + c;                                                       \
    for (ptrdiff_t p = 0; p < run.count; p++, x += step, to += w->channels) { \
      TYPE sum[n];                                                            \
      for (int i = 0; i < n; i++) sum[i] = 0;                                 \
      for (ptrdiff_t j = 0; j < run.taps; j++) {                              \
        for (int i = 0; i < n; i++) sum[i] += x[j * tap + i];                 \
      }                                                                       \
      for (int i = 0; i < n; i++) to[i] = sum[i] * factor;                    \
    }                                                                         \
  }
  FOR_PIECES(SUM, w->channels);
#undef SUM
}

/// For each position of a run, row[tap][c] += factor * from[c].
static __attribute__((noinline)) void NAME(add_to_columns)(const ridgeline_window *w, NAME(column_run) run,
                                                           const TYPE *from, TYPE factor, TYPE *row) {
  const ptrdiff_t tap = w->dilation_width * w->channels, step = w->stride_width * w->channels;
#define ADD(n)                                                                  \
  {                                                                             \
    TYPE *to = row + run.from * w->channels + c;                                \
    const TYPE *x = from + c;                                                   \
    for (ptrdiff_t p = 0; p < run.count; p++, x += w->channels, to += step) {   \
      TYPE share[n];                                                            \
      for (int i = 0; i < n; i++) share[i] = x[i] * factor;                     \
      for (ptrdiff_t j = 0; j < run.taps; j++) {                                \
        TYPE *restrict target = to + j * tap;                                   \
        for (int i = 0; i < n; i++) target[i] += share[i];                      \
      }                                                                         \
    }                                                                           \
  }
  FOR_PIECES(ADD, w->channels);
#undef ADD
}

/// What a window's sum is multiplied by, given the rows and columns of it that lie in the image.
static inline TYPE NAME(window_scale)(TYPE scale, int counts_inside, ptrdiff_t rows, ptrdiff_t columns) {
  if (!counts_inside) return scale;
  return rows * columns > 0 ? scale / (TYPE)(rows * columns) : 0;
}

static void NAME(average_pooling)(const ridgeline_window *window, ptrdiff_t first_row, ptrdiff_t rows, TYPE scale,
                                  int counts_inside, const TYPE *input, TYPE *output, TYPE *restrict scratch) {
  if (NAME(is_disjoint)(window)) {
    const TYPE factor = NAME(window_scale)(scale, counts_inside, window->window_height, window->window_width);
    NAME(disjoint_average_pooling)(window, first_row, rows, factor, input, output, scratch);
    return;
  }
  const ridgeline_window w = *window;
  const ptrdiff_t width = w.width * w.channels;
  for (ptrdiff_t index = first_row; index < first_row + rows; index++) {
    ptrdiff_t image = index / w.output_height, row = index % w.output_height, top, bottom;
    NAME(window_rows)(&w, row, &top, &bottom);
    for (ptrdiff_t k = 0; k < width; k++) scratch[k] = 0;
    for (ptrdiff_t i = top; i < bottom; i++) {
      const TYPE *x = input + (image * w.height + NAME(window_row)(&w, row, i)) * width;
      for (ptrdiff_t k = 0; k < width; k++) scratch[k] += x[k];
    }
    NAME(column_run) run;
    for (ptrdiff_t column = 0; column < w.output_width; column += run.count) {
      run = NAME(column_run_at)(&w, column);
      NAME(sum_of_columns)(&w, run, scratch, NAME(window_scale)(scale, counts_inside, bottom - top, run.taps),
                           output + (index * w.output_width + column) * w.channels);
    }
  }
}

static void NAME(average_pooling_gradient)(const ridgeline_window *window, ptrdiff_t first_image, ptrdiff_t images,
                                           TYPE scale, int counts_inside, const TYPE *output_gradient,
                                           TYPE *input_gradient, TYPE *restrict scratch) {
  if (NAME(is_disjoint)(window)) {
    const TYPE factor = NAME(window_scale)(scale, counts_inside, window->window_height, window->window_width);
    NAME(disjoint_average_pooling_gradient)(window, first_image, images, factor, output_gradient, input_gradient);
    return;
  }
  const ridgeline_window w = *window;
  const ptrdiff_t width = w.width * w.channels;
  for (ptrdiff_t image = first_image; image < first_image + images; image++) {
    TYPE *restrict gradient = input_gradient + image * w.height * width;
    const TYPE *from = output_gradient + image * w.output_height * w.output_width * w.channels;
    for (ptrdiff_t k = 0; k < w.height * width; k++) gradient[k] = 0;
    for (ptrdiff_t row = 0; row < w.output_height; row++) {
      ptrdiff_t top, bottom;
      NAME(window_rows)(&w, row, &top, &bottom);
      for (ptrdiff_t k = 0; k < width; k++) scratch[k] = 0;
      NAME(column_run) run;
      for (ptrdiff_t column = 0; column < w.output_width; column += run.count, from += run.count * w.channels) {
        run = NAME(column_run_at)(&w, column);
        NAME(add_to_columns)(&w, run, from, NAME(window_scale)(scale, counts_inside, bottom - top, run.taps), scratch);
      }
      for (ptrdiff_t i = top; i < bottom; i++) {
        TYPE *restrict x = gradient + NAME(window_row)(&w, row, i) * width;
        for (ptrdiff_t k = 0; k < width; k++) x[k] += scratch[k];
      }
    }
  }
}

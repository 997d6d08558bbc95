// Max pooling, its gradient, and the gathering that is the gradient's transpose. A NaN counts as the largest.

/// For each position of a run, out[c] = the largest of row[tap][c], or -infinity for no tap.
static __attribute__((noinline)) void NAME(largest_of_columns)(const ridgeline_window *w, NAME(column_run) run,
                                                               const TYPE *row, TYPE *out) {
  const ptrdiff_t tap = w->dilation_width * w->channels, step = w->stride_width * w->channels;
#define LARGEST(n)                                                                            \
  {                                                                                           \
    const TYPE *x = row + run.from * w->channels + c;                                         \
    TYPE *to = out + c;                                                                       \
    for (ptrdiff_t p = 0; p < run.count; p++, x += step, to += w->channels) {                 \
      TYPE best[n];                                                                           \
      for (int i = 0; i < n; i++) best[i] = -INFINITY;                                        \
      for (ptrdiff_t j = 0; j < run.taps; j++) {                                              \
        for (int i = 0; i < n; i++) best[i] = NAME(larger)(best[i], x[j * tap + i]);          \
      }                                                                                       \
      for (int i = 0; i < n; i++) to[i] = best[i];                                            \
    }                                                                                         \
  }
  FOR_PIECES(LARGEST, w->channels);
#undef LARGEST
}

static void NAME(max_pooling)(const ridgeline_window *window, ptrdiff_t first_row, ptrdiff_t rows, const TYPE *input,
                              TYPE *output, TYPE *restrict scratch) {
  const ridgeline_window w = *window;
  const ptrdiff_t width = w.width * w.channels;
  for (ptrdiff_t index = first_row; index < first_row + rows; index++) {
    ptrdiff_t image = index / w.output_height, row = index % w.output_height, first, last;
    NAME(window_rows)(&w, row, &first, &last);
    for (ptrdiff_t k = 0; k < width; k++) scratch[k] = -INFINITY;
    for (ptrdiff_t i = first; i < last; i++) {
      const TYPE *x = input + (image * w.height + NAME(window_row)(&w, row, i)) * width;
      for (ptrdiff_t k = 0; k < width; k++) scratch[k] = NAME(larger)(scratch[k], x[k]);
    }
    NAME(column_run) run;
    for (ptrdiff_t column = 0; column < w.output_width; column += run.count) {
      run = NAME(column_run_at)(&w, column);
      NAME(largest_of_columns)(&w, run, scratch, output + (index * w.output_width + column) * w.channels);
    }
  }
}

/// Channels whose maxima are looked for together.
enum { NAME(channel_tile) = 64 };

/// A position in an image, as wide as an element, so that comparisons of vectors of elements select positions.
typedef __typeof__(((NAME(vector))(0) > (NAME(vector))(0))[0]) NAME(position);

/// Finds the first maximum, or else the first NaN, of the window at (row, column) for `channels` channels of an image:
/// where[c] is its position in the image, or -1 where the window sees padding only.
static inline void NAME(find_maxima)(const ridgeline_window *w, ptrdiff_t row, ptrdiff_t column, ptrdiff_t channels,
                                     const TYPE *image, NAME(position) *where) {
  ptrdiff_t first_row, last_row, first_column, last_column;
  NAME(window_rows)(w, row, &first_row, &last_row);
  NAME(window_columns)(w, column, &first_column, &last_column);
  const ptrdiff_t rows = last_row - first_row, columns = last_column - first_column;
  const ptrdiff_t corner =
      NAME(window_row)(w, row, first_row) * w->width + NAME(window_column)(w, column, first_column);
  if (rows == 0 || columns == 0) {
    for (ptrdiff_t c = 0; c < channels; c++) where[c] = -1;
    return;
  }
#define FIND(n)                                                                                  \
  {                                                                                              \
    typedef TYPE values __attribute__((ext_vector_type(n)));                                     \
    typedef NAME(position) positions __attribute__((ext_vector_type(n)));                        \
    values x, best;                                                                              \
    positions found = (positions)((NAME(position))corner);                                       \
    memcpy(&best, image + corner * w->channels + c, sizeof best);                                \
    for (ptrdiff_t i = 0; i < rows; i++) {                                                       \
      ptrdiff_t position = corner + i * w->dilation_height * w->width;                           \
      for (ptrdiff_t j = 0; j < columns; j++, position += w->dilation_width) {                   \
        memcpy(&x, image + position * w->channels + c, sizeof x);                                \
        /* Larger, or a NaN, unless the best is a NaN already. */                                \
        positions better = ~(x <= best) & (best == best);                                        \
        best = better ? x : best;                                                                \
        found = better ? (positions)((NAME(position))position) : found;                          \
      }                                                                                          \
    }                                                                                            \
    memcpy(where + c, &found, n * sizeof(NAME(position)));                                       \
  }
  FOR_PIECES(FIND, channels);
#undef FIND
}

static void NAME(max_pooling_gradient)(const ridgeline_window *window, ptrdiff_t first_image, ptrdiff_t images,
                                       const TYPE *input, const TYPE *output_gradient, TYPE *input_gradient) {
  const ridgeline_window w = *window;
  const ptrdiff_t size = w.height * w.width * w.channels;
  NAME(position) where[NAME(channel_tile)];
  for (ptrdiff_t image = first_image; image < first_image + images; image++) {
    TYPE *gradient = input_gradient + image * size;
    for (ptrdiff_t k = 0; k < size; k++) gradient[k] = 0;
    const TYPE *from = output_gradient + image * w.output_height * w.output_width * w.channels;
    for (ptrdiff_t row = 0; row < w.output_height; row++) {
      for (ptrdiff_t column = 0; column < w.output_width; column++, from += w.channels) {
        for (ptrdiff_t channel = 0; channel < w.channels; channel += NAME(channel_tile)) {
          ptrdiff_t tile = ridgeline_smaller(w.channels - channel, NAME(channel_tile));
          NAME(find_maxima)(&w, row, column, tile, input + image * size + channel, where);
          for (ptrdiff_t c = 0; c < tile; c++) {
            if (where[c] >= 0) gradient[where[c] * w.channels + channel + c] += from[channel + c];
          }
        }
      }
    }
  }
}

static void NAME(max_pooling_gather)(const ridgeline_window *window, ptrdiff_t first_row, ptrdiff_t rows,
                                     const TYPE *input, const TYPE *other, TYPE *output) {
  const ridgeline_window w = *window;
  const ptrdiff_t size = w.height * w.width * w.channels;
  NAME(position) where[NAME(channel_tile)];
  for (ptrdiff_t index = first_row; index < first_row + rows; index++) {
    ptrdiff_t image = index / w.output_height, row = index % w.output_height;
    for (ptrdiff_t column = 0; column < w.output_width; column++) {
      TYPE *out = output + (index * w.output_width + column) * w.channels;
      for (ptrdiff_t channel = 0; channel < w.channels; channel += NAME(channel_tile)) {
        ptrdiff_t tile = ridgeline_smaller(w.channels - channel, NAME(channel_tile));
        NAME(find_maxima)(&w, row, column, tile, input + image * size + channel, where);
        const TYPE *from = other + image * size + channel;
        for (ptrdiff_t c = 0; c < tile; c++) out[channel + c] = where[c] >= 0 ? from[where[c] * w.channels + c] : 0;
      }
    }
  }
}

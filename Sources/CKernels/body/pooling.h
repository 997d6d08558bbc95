// Pooling. Both kinds are separable: the rows of a window are combined first, over the whole width and all channels at
// once (which fills the vectors however few the channels are), then its columns.

/// The rows i of the window at output row `row` that lie in the image: first ..< last.
static inline void NAME(window_rows)(const ridgeline_window *w, ptrdiff_t row, ptrdiff_t *first, ptrdiff_t *last) {
  NAME(valid_taps)(row * w->stride_height - w->padding_top, w->dilation_height, w->window_height, w->height, first,
                   last);
}

static inline void NAME(window_columns)(const ridgeline_window *w, ptrdiff_t column, ptrdiff_t *first,
                                        ptrdiff_t *last) {
  NAME(valid_taps)(column * w->stride_width - w->padding_left, w->dilation_width, w->window_width, w->width, first,
                   last);
}

/// The image row that row i of the window at output row `row` sees.
static inline ptrdiff_t NAME(window_row)(const ridgeline_window *w, ptrdiff_t row, ptrdiff_t i) {
  return row * w->stride_height + i * w->dilation_height - w->padding_top;
}

static inline ptrdiff_t NAME(window_column)(const ridgeline_window *w, ptrdiff_t column, ptrdiff_t j) {
  return column * w->stride_width + j * w->dilation_width - w->padding_left;
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
    for (ptrdiff_t column = 0; column < w.output_width; column++) {
      TYPE *restrict out = output + (index * w.output_width + column) * w.channels;
      NAME(window_columns)(&w, column, &first, &last);
      for (ptrdiff_t c = 0; c < w.channels; c++) out[c] = -INFINITY;
      for (ptrdiff_t j = first; j < last; j++) {
        const TYPE *x = scratch + NAME(window_column)(&w, column, j) * w.channels;
        for (ptrdiff_t c = 0; c < w.channels; c++) out[c] = NAME(larger)(out[c], x[c]);
      }
    }
  }
}

/// Channels whose maxima are looked for together, and where in the image each stands (-1: only padding was seen).
enum { NAME(channel_tile) = 64 };

/// Finds the first maximum, or else the first NaN, of the window at (row, column) for `channels` channels of an image.
static inline void NAME(find_maxima)(const ridgeline_window *w, ptrdiff_t row, ptrdiff_t column, ptrdiff_t channels,
                                     const TYPE *image, int32_t *restrict where) {
  TYPE best[NAME(channel_tile)];
  ptrdiff_t first_row, last_row, first_column, last_column;
  NAME(window_rows)(w, row, &first_row, &last_row);
  NAME(window_columns)(w, column, &first_column, &last_column);
  for (ptrdiff_t c = 0; c < channels; c++) {
    best[c] = -INFINITY;
    where[c] = -1;
  }
  for (ptrdiff_t i = first_row; i < last_row; i++) {
    for (ptrdiff_t j = first_column; j < last_column; j++) {
      int32_t position = (int32_t)(NAME(window_row)(w, row, i) * w->width + NAME(window_column)(w, column, j));
      const TYPE *x = image + position * w->channels;
      for (ptrdiff_t c = 0; c < channels; c++) {
        int better = (where[c] < 0) | (x[c] > best[c]) | ((x[c] != x[c]) & (best[c] == best[c]));
        best[c] = better ? x[c] : best[c];
        where[c] = better ? position : where[c];
      }
    }
  }
}

static void NAME(max_pooling_gradient)(const ridgeline_window *window, ptrdiff_t first_image, ptrdiff_t images,
                                       const TYPE *input, const TYPE *output_gradient, TYPE *input_gradient) {
  const ridgeline_window w = *window;
  const ptrdiff_t size = w.height * w.width * w.channels;
  int32_t where[NAME(channel_tile)];
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
  int32_t where[NAME(channel_tile)];
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

/// What a window's sum is multiplied by, given the rows and columns of it that lie in the image.
static inline TYPE NAME(window_scale)(TYPE scale, int counts_inside, ptrdiff_t rows, ptrdiff_t columns) {
  if (!counts_inside) return scale;
  return rows * columns > 0 ? scale / (TYPE)(rows * columns) : 0;
}

static void NAME(average_pooling)(const ridgeline_window *window, ptrdiff_t first_row, ptrdiff_t rows, TYPE scale,
                                  int counts_inside, const TYPE *input, TYPE *output, TYPE *restrict scratch) {
  const ridgeline_window w = *window;
  const ptrdiff_t width = w.width * w.channels;
  for (ptrdiff_t index = first_row; index < first_row + rows; index++) {
    ptrdiff_t image = index / w.output_height, row = index % w.output_height, top, bottom, first, last;
    NAME(window_rows)(&w, row, &top, &bottom);
    for (ptrdiff_t k = 0; k < width; k++) scratch[k] = 0;
    for (ptrdiff_t i = top; i < bottom; i++) {
      const TYPE *x = input + (image * w.height + NAME(window_row)(&w, row, i)) * width;
      for (ptrdiff_t k = 0; k < width; k++) scratch[k] += x[k];
    }
    for (ptrdiff_t column = 0; column < w.output_width; column++) {
      TYPE *restrict out = output + (index * w.output_width + column) * w.channels;
      NAME(window_columns)(&w, column, &first, &last);
      TYPE factor = NAME(window_scale)(scale, counts_inside, bottom - top, last - first);
      for (ptrdiff_t c = 0; c < w.channels; c++) out[c] = 0;
      for (ptrdiff_t j = first; j < last; j++) {
        const TYPE *x = scratch + NAME(window_column)(&w, column, j) * w.channels;
        for (ptrdiff_t c = 0; c < w.channels; c++) out[c] += x[c];
      }
      for (ptrdiff_t c = 0; c < w.channels; c++) out[c] *= factor;
    }
  }
}

static void NAME(average_pooling_gradient)(const ridgeline_window *window, ptrdiff_t first_image, ptrdiff_t images,
                                           TYPE scale, int counts_inside, const TYPE *output_gradient,
                                           TYPE *input_gradient, TYPE *restrict scratch) {
  const ridgeline_window w = *window;
  const ptrdiff_t width = w.width * w.channels;
  for (ptrdiff_t image = first_image; image < first_image + images; image++) {
    TYPE *restrict gradient = input_gradient + image * w.height * width;
    const TYPE *from = output_gradient + image * w.output_height * w.output_width * w.channels;
    for (ptrdiff_t k = 0; k < w.height * width; k++) gradient[k] = 0;
    for (ptrdiff_t row = 0; row < w.output_height; row++) {
      ptrdiff_t top, bottom, first, last;
      NAME(window_rows)(&w, row, &top, &bottom);
      for (ptrdiff_t k = 0; k < width; k++) scratch[k] = 0;
      for (ptrdiff_t column = 0; column < w.output_width; column++, from += w.channels) {
        NAME(window_columns)(&w, column, &first, &last);
        TYPE factor = NAME(window_scale)(scale, counts_inside, bottom - top, last - first);
        for (ptrdiff_t j = first; j < last; j++) {
          TYPE *restrict x = scratch + NAME(window_column)(&w, column, j) * w.channels;
          for (ptrdiff_t c = 0; c < w.channels; c++) x[c] += from[c] * factor;
        }
      }
      for (ptrdiff_t i = top; i < bottom; i++) {
        TYPE *restrict x = gradient + NAME(window_row)(&w, row, i) * width;
        for (ptrdiff_t k = 0; k < width; k++) x[k] += scratch[k];
      }
    }
  }
}
